//! How large a record may get. A body is limited by itself, but patches add to what is there, one after the other.

use super::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::record::Record;

impl Run<'_> {
    /// Refuses what a write makes of a record where it is too large, unless it was larger.
    pub(super) fn is_within(&self, new: &Record, old: Option<&Record>) -> Result<()> {
        let (limit, size) = (self.app.record_limit(), self.size(new));
        if size <= limit || old.is_some_and(|old| size <= self.size(old)) {
            return Ok(());
        }
        let name = self.mounted.model.name();
        Err(Error::new(
            ErrorKind::TooLarge,
            format!(
                "this would make the {name} larger than a record may be, which is {limit} bytes"
            ),
        ))
    }

    /// Whether so much may be put into fields of a record at which nobody looks: even if all of its fields are filled like that, it does
    /// not get much too large.
    pub(super) fn is_small(&self, bytes: usize) -> bool {
        bytes <= self.app.record_limit() / self.mounted.model.fields.len().max(1)
    }

    /// How large the record is for a client, who must not learn how large what is hidden from him is.
    fn size(&self, record: &Record) -> usize {
        let fields = self.mounted.model.fields.iter().zip(&record.values);
        let shown = fields.filter(|(field, _)| !field.server_only);
        shown.map(|(_, value)| value.weight()).sum()
    }
}
