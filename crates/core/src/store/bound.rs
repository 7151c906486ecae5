//! The bound on what is looked at record by record.

use std::collections::BTreeSet;

use larder_query::Filter;

use super::Select;
use crate::error::{Error, ErrorKind, FieldError};

impl Select {
    /// The error for a read that would look at more records than [`look_at`](Self::look_at) allows, because no index decides
    /// these fields.
    ///
    /// Fields are named in the faults only, never in the message: a rule may ask for server-only ones, whose faults no door shows.
    pub fn looks_at_too_much(&self, undecided: impl IntoIterator<Item = usize>) -> Error {
        let names: BTreeSet<&str> = undecided
            .into_iter()
            .filter_map(|field| self.own_name(field))
            .collect();
        let faults = names.into_iter().map(|name| FieldError {
            field: name.to_owned(),
            pointer: format!("/{name}"),
            message: "no index decides it here".to_owned(),
            code: "scan",
        });
        let bound = self.look_at.unwrap_or_default();
        let message = format!(
            "more than {bound} records would have to be looked at one by one: narrow the query by indexed fields"
        );
        Error::new(ErrorKind::BadRequest, message).with_fields(faults.collect())
    }

    /// The same, with the fields of filters; where there are none, those of the order.
    pub fn looks_at_too_much_for<'f>(
        &self,
        filters: impl IntoIterator<Item = &'f Filter>,
    ) -> Error {
        let mut fields: Vec<usize> = filters.into_iter().flat_map(Filter::fields).collect();
        if fields.is_empty() {
            match &self.group {
                Some(group) => fields.extend(&group.by),
                None => fields.extend(self.sort.iter().map(|by| by.field)),
            }
        }
        self.looks_at_too_much(fields)
    }

    /// The name of one of the record's own fields: for a field of a linked record, that of the link.
    fn own_name(&self, place: usize) -> Option<&str> {
        let mut place = place;
        // Each step goes to an earlier join, so this ends.
        while place >= self.layout.fields.len() {
            let mut first = self.layout.fields.len();
            let join = self.joins.iter().find(|join| {
                first += join.layout.fields.len();
                place < first
            })?;
            if join.link >= place {
                return None;
            }
            place = join.link;
        }
        self.layout
            .fields
            .get(place)
            .map(|field| field.name.as_str())
    }
}
