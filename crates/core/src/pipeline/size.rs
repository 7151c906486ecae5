//! How large a record may get. A body is limited by itself, but patches add to what is there, one after the other.
//!
//! Most changes are one statement, and nobody looks at the record before. So each field that can grow has a share of the limit, and such
//! a change fills no more than that. Wherever a record is looked at, the shares count as filled: what was within the limit then stays
//! within it, whatever is written without a look afterwards.

use larder_query::Value;

use super::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Compiled, Field, Kind};
use crate::record::Record;
use crate::store::FieldChange;

/// All shares together are one part in so many of the limit.
const PARTS: usize = 16;

/// The share of each field that can grow, of the largest that a record of this model may be. In bytes, as [`Value::weight`] counts them.
pub(crate) fn share_of_record(limit: usize, model: &Compiled) -> usize {
    let growing = model.fields.iter().filter(|field| grows(field)).count();
    (limit / PARTS / growing.max(1)).min(FieldChange::LIST_BYTES)
}

/// Whether a field counts, and can be larger than it is. A client must not learn how large what is hidden from him is.
fn grows(field: &Field) -> bool {
    !field.server_only && matches!(field.kind(), Kind::Text | Kind::Bytes | Kind::Json)
}

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

    /// Whether these values may be put into their fields of a record at which nobody looks: none takes more than its share.
    pub(super) fn are_small<'v>(&self, set: impl IntoIterator<Item = (usize, &'v Value)>) -> bool {
        let fields = &self.mounted.model.fields;
        let growing = |at: usize| fields.get(at).is_some_and(grows);
        let mut set = set.into_iter().filter(|(at, _)| growing(*at));
        set.all(|(_, value)| value.weight() <= self.share())
    }

    fn share(&self) -> usize {
        self.mounted.model.layout.storage.list_bytes()
    }

    /// How large the record is for a client, or would be with all shares filled.
    fn size(&self, record: &Record) -> usize {
        let fields = self.mounted.model.fields.iter().zip(&record.values);
        let shown = fields.filter(|(field, _)| !field.server_only);
        shown
            .map(|(field, value)| match grows(field) {
                true => value.weight().max(self.share()),
                false => value.weight(),
            })
            .sum()
    }
}
