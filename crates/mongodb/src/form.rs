//! How the values of a field are stored: as larder stores its kind, or as other programs do.
//!
//! | kind | of others | how it is known |
//! | --- | --- | --- |
//! | text | `ObjectId` | the model says so ([`larder_core::ObjectId`]) |
//! | instant | date, of milliseconds | the collection holds dates when it is prepared first |
//! | decimal | decimal of 128 bits, with 34 digits | the same |
//! | JSON | as larder's, with `ObjectId`s and dates inside ([`nested`](crate::nested)) | the model has such types inside, and the documents too |
//!
//! A field is stored in one form only, so that a filter, an index and an order need to ask for one type.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_core::store::{Batch, FieldChange, Write};
use larder_core::{Kind, Layout, Nested, Record};
use larder_query::Value;

use crate::nested;
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
    /// JSON with `ObjectId`s or dates inside.
    Nested,
    /// A list of `ObjectId`s.
    ObjectIds,
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
const AS: [(Form, &str); 5] = [
    (Form::ObjectId, " as objectid"),
    (Form::Date, " as date"),
    (Form::Decimal128, " as decimal128"),
    (Form::Nested, " as nested"),
    (Form::ObjectIds, " as objectids"),
];

impl Type {
    /// The type of a field: what the model says, or else what was found in the collection.
    pub(crate) fn of(layout: &Layout, place: usize, path: &str, found: &Forms) -> Self {
        let kind = layout.fields.get(place).map_or(Kind::Json, |it| it.kind);
        let form = match kind {
            Kind::Text if layout.storage.object_ids.contains(&place) => Form::ObjectId,
            Kind::Instant | Kind::Decimal => found.get(path).copied().unwrap_or_default(),
            Kind::Json => match (found.get(path), form_inside(layout, place)) {
                (Some(Form::Nested | Form::ObjectIds), Some(form)) => form,
                _ => Form::Own,
            },
            _ => Form::Own,
        };
        Self { kind, form }
    }

    /// Those that the values of a field may turn out to have, the more likely one first.
    pub(crate) fn candidates(self, layout: &Layout, place: usize) -> impl Iterator<Item = Self> {
        let Self { kind, form } = self;
        let (first, other) = match kind {
            Kind::Instant => (Form::Own, Some(Form::Date)),
            Kind::Decimal => (Form::Own, Some(Form::Decimal128)),
            // Where there is nothing inside as yet, what comes will be as the model says.
            Kind::Json => match form_inside(layout, place) {
                Some(inside) => (inside, Some(Form::Own)),
                None => (form, None),
            },
            _ => (form, None),
        };
        let forms = [Some(first), other].into_iter().flatten();
        forms.map(move |form| Self { kind, form })
    }

    /// Where `ObjectId`s and dates stand inside a field of this type; none if it is stored as larder does.
    pub(crate) fn nested(self, layout: &Layout, place: usize) -> Option<&Nested> {
        match self.form {
            Form::Nested | Form::ObjectIds => layout.storage.nested.get(&place),
            _ => None,
        }
    }

    /// Whether there are `ObjectId`s or dates inside.
    pub(crate) fn is_nested(self) -> bool {
        matches!(self.form, Form::Nested | Form::ObjectIds)
    }

    /// Whether times lose digits in it.
    fn keeps_less(self) -> bool {
        matches!(self.form, Form::Date | Form::Nested)
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
            (_, Kind::Json) => {
                "what JSON has; inside it from objectId where the model has an `ObjectId<..>`, and from date where it has a time: in all \
                 documents, or larder's own texts in all"
            }
        }
    }
}

/// How others store a field inside which a model has `ObjectId`s or times.
fn form_inside(layout: &Layout, place: usize) -> Option<Form> {
    let nested = layout.storage.nested.get(&place)?;
    Some(match nested.items() {
        Some(Nested::ObjectId) => Form::ObjectIds,
        _ => Form::Nested,
    })
}

/// The form that a note tells.
pub(crate) fn of_note(noted: &str) -> Form {
    let form = AS.iter().find(|(_, behind)| noted.ends_with(behind));
    form.map_or(Form::Own, |(form, _)| *form)
}

/// Takes the digits off the times of a batch that their fields don't keep, as larder takes those behind the microsecond: what is
/// told of the write is what is read afterwards.
pub(crate) fn settle(table: &Table, batch: &mut Batch) {
    if !table.types.iter().any(|it| it.keeps_less()) {
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
                    settled_change(table, *place, change);
                }
            }
            Write::Delete { .. } => {}
        }
    }
}

fn settled_change(table: &Table, place: usize, change: &mut FieldChange) {
    let of_item = || {
        let of = *table.types.get(place)?;
        of.nested(&table.layout, place)?.items()
    };
    match change {
        FieldChange::Set(value) => {
            if let Some(cut) = cut(table, place, value) {
                *value = cut;
            }
        }
        FieldChange::Push(items) | FieldChange::Pull(items) => {
            for item in items {
                if let Some(cut) = of_item().and_then(|at| nested::settled(at, item)) {
                    *item = cut;
                }
            }
        }
        FieldChange::SetItem(_, item) => {
            if let Some(cut) = of_item().and_then(|at| nested::settled(at, item)) {
                *item = cut;
            }
        }
        _ => {}
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

/// A value without what its field does not keep of times; none if it is as it is kept.
fn cut(table: &Table, place: usize, value: &Value) -> Option<Value> {
    let of = *table.types.get(place)?;
    if let Some(at) = of.nested(&table.layout, place) {
        return nested::settled(at, value);
    }
    if of.form != Form::Date {
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
            (Kind::Json, Form::Nested),
            (Kind::Json, Form::ObjectIds),
        ] {
            assert_eq!(of_note(&Type { kind, form }.noted()), form);
        }
        assert_eq!(Type::from(Kind::Uint).noted(), "uint");
    }
}
