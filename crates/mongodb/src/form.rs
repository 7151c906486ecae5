//! How the values of a field are stored: as larder stores its kind, or as other programs do.
//!
//! | kind | of others | how it is known |
//! | --- | --- | --- |
//! | text | `ObjectId` | the model says so ([`larder_core::ObjectId`]) |
//! | instant | date, of milliseconds | the collection holds dates when it is prepared first |
//! | decimal | decimal of 128 bits, with 34 digits | the same |
//!
//! A field is stored in one form only, so that a filter, an index and an order need to ask for one type.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_core::store::{Batch, FieldChange, Write};
use larder_core::{Kind, Layout, Record};
use larder_query::Value;

use crate::table::Table;

/// What a kind is stored as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As larder stores it.
    #[default]
    Own,
    ObjectId,
    Date,
    Decimal128,
}

/// What a field holds, and how that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
}

/// The forms of fields by their paths, for those that are not larder's own.
pub(crate) type Forms = BTreeMap<String, Form>;

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        let form = Form::Own;
        Self { kind, form }
    }
}

/// What stands behind the kind in a note.
const AS: [(Form, &str); 3] = [
    (Form::ObjectId, " as objectid"),
    (Form::Date, " as date"),
    (Form::Decimal128, " as decimal128"),
];

impl Type {
    /// The type of a field: what the model says, or else what was found in the collection.
    pub(crate) fn of(layout: &Layout, place: usize, path: &str, found: &Forms) -> Self {
        let kind = layout.fields.get(place).map_or(Kind::Json, |it| it.kind);
        let form = match kind {
            Kind::Text if layout.storage.object_ids.contains(&place) => Form::ObjectId,
            Kind::Instant | Kind::Decimal => found.get(path).copied().unwrap_or_default(),
            _ => Form::Own,
        };
        Self { kind, form }
    }

    /// Those that the values of a field may turn out to have, the more likely one first.
    pub(crate) fn candidates(self) -> impl Iterator<Item = Self> {
        let other = match self.kind {
            Kind::Instant => Some(Form::Date),
            Kind::Decimal => Some(Form::Decimal128),
            _ => None,
        };
        let Self { kind, .. } = self;
        let other = other.map(|form| Self { kind, form });
        let first = if other.is_some() {
            Self::from(kind)
        } else {
            self
        };
        [first].into_iter().chain(other)
    }

    /// What a note says of it.
    pub(crate) fn noted(self) -> String {
        let name = format!("{:?}", self.kind).to_lowercase();
        let form = AS.iter().find(|(form, _)| *form == self.form);
        name + form.map_or("", |(_, behind)| behind)
    }

    /// The types of BSON that it is read from, for people.
    pub(crate) fn accepts(self) -> &'static str {
        match (self.form, self.kind) {
            (Form::ObjectId, _) => "objectId",
            (_, Kind::Instant) => "date in all documents, or long (microseconds since 1970) in all",
            (_, Kind::Decimal) => "decimal, int and long, or larder's own texts in all documents",
            (_, Kind::Bool) => "bool",
            (_, Kind::Int) => "int and long; double and decimal where they are whole",
            (_, Kind::Uint) => "int and long from 0 up; double and decimal where they are whole",
            (_, Kind::Float) => "double; int and long where no digit is lost",
            (_, Kind::Text) => "string",
            (_, Kind::Bytes) => "binData of subtype 0",
            (_, Kind::Date) => "date at midnight UTC",
            (_, Kind::Uuid) => "binData of subtype 4",
            (_, Kind::Json) => "what JSON has: no objectId, date or fraction of a decimal inside",
        }
    }
}

/// The form that a note tells.
pub(crate) fn of_note(noted: &str) -> Form {
    let form = AS.iter().find(|(_, behind)| noted.ends_with(behind));
    form.map_or(Form::Own, |(form, _)| *form)
}

/// Takes the digits off the times of a batch that their fields don't keep, as larder takes those behind the microsecond: what is
/// told of the write is what is read afterwards.
pub(crate) fn settle(table: &Table, batch: &mut Batch) {
    if !table.types.iter().any(|it| it.form == Form::Date) {
        return;
    }
    for write in &mut batch.writes {
        match write {
            Write::Insert { record } | Write::Put { record, .. } => {
                let is_finer = |(place, value): (usize, &Value)| cut(table, place, value).is_some();
                if record.values.iter().enumerate().any(is_finer) {
                    settled(table, Arc::make_mut(record));
                }
            }
            Write::Update { changes, .. } => {
                for (place, change) in changes {
                    if let FieldChange::Set(value) = change
                        && let Some(cut) = cut(table, *place, value)
                    {
                        *value = cut;
                    }
                }
            }
            Write::Delete { .. } => {}
        }
    }
}

fn settled(table: &Table, record: &mut Record) {
    for (place, value) in record.values.iter_mut().enumerate() {
        if let Some(cut) = cut(table, place, value) {
            *value = cut;
        }
    }
    record.version = table.layout.version_of(&record.values, record.version);
}

/// A time without what its field does not keep; none if it is as it is kept.
fn cut(table: &Table, place: usize, value: &Value) -> Option<Value> {
    if table.types.get(place)?.form != Form::Date {
        return None;
    }
    let Value::Instant(at) = value else {
        return None;
    };
    let rest = at.subsec_nanosecond().rem_euclid(1_000_000);
    let cut = at.checked_sub(jiff::SignedDuration::from_nanos(rest.into()));
    (rest != 0).then_some(Value::Instant(cut.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_come_back_from_notes() {
        for (kind, form) in [
            (Kind::Text, Form::Own),
            (Kind::Text, Form::ObjectId),
            (Kind::Instant, Form::Date),
            (Kind::Decimal, Form::Decimal128),
        ] {
            assert_eq!(of_note(&Type { kind, form }.noted()), form);
        }
        assert_eq!(Type::from(Kind::Uint).noted(), "uint");
    }
}
