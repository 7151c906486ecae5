//! What an update does to a field, and what that makes of a record: the reference for every store.

use larder_query::Value;

use crate::error::{Error, ErrorKind, FieldError, Result};
use crate::layout::{Column, Layout};
use crate::model::Kind;
use crate::record::Record;

/// What a [`Write::Update`](super::Write::Update) does to one field.
///
/// All but `Set` depend on the value that is there, and a store does them in one step with looking at it: of any number of
/// updates at the same time none is lost. A store that can't do one in a statement reads the record in a transaction that
/// keeps other writers out (or is tried again), lets [`Layout::resolve`] make `Set`s of the changes, and writes those.
///
/// **Errors.** Where the condition of the update holds and a change can't be made, the write fails with `Invalid` naming the field,
/// and nothing of the batch is written. Where the condition does not hold the write has [missed](super::Outcome::Missed),
/// whatever the changes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FieldChange {
    /// The field gets this value.
    Set(Value),
    /// This number is added to the field's, where null counts as 0; a negative one is subtracted.
    ///
    /// For fields of the kinds `Int`, `Uint` (both take `I64` and `U64`), `Float` (`F64`, and whole numbers as the float next to
    /// them) and `Decimal` (`Decimal`). `Invalid` with the code `overflow` where the sum is below or above what the kind holds
    /// (for `Decimal`: where it has more than 38 digits; it is never rounded; for `Float`: where it is infinite), and with the code
    /// `type` where the field is of another kind.
    Add(Value),
    /// These elements are put behind those of the list, in this order, where null counts as the empty list. An element that
    /// is there already is there twice then.
    ///
    /// For fields of the kind `Json`; the elements are as JSON has them (null, booleans, numbers, texts, lists, objects).
    /// `Invalid` with the code `type` where something stands there that is no list; `TooLarge` where the list would take more than
    /// [`Storage::list_bytes`](crate::Storage::list_bytes).
    Push(Vec<Value>),
    /// All elements that are the [same](Value::same) as one of these are taken out of the list, by content: `1` is `1.0`, the order
    /// of an object's names is no matter, null is an element like others. A null in place of the list stays.
    ///
    /// For fields of the kind `Json`. `Invalid` with the code `type` where something stands there that is no list.
    Pull(Vec<Value>),
    /// The element at this place, counted from 0, gets this value. Perhaps with a condition on what it is now, since others may have
    /// moved it.
    ///
    /// For fields of the kind `Json`. `Invalid` with the code `range` where the list has no such place (null is the empty list), and
    /// with the code `type` where something stands there that is no list; `TooLarge` as for `Push`.
    SetItem(usize, Value),
    /// The element at this place, counted from 0, is taken out, and those behind it move up. `Invalid` as for `SetItem`.
    RemoveItem(usize),
}

impl<T: Into<Value>> From<T> for FieldChange {
    /// A field is set to the value.
    fn from(value: T) -> Self {
        Self::Set(value.into())
    }
}

impl FieldChange {
    /// The most that a list may take that gets elements, in bytes of memory as [`Value::weight`] counts them: 16 MiB. Nobody's body is so
    /// long, but one can be sent after the other. Without a look at the rest of the record it may be less:
    /// [`Storage::list_bytes`](crate::Storage::list_bytes).
    pub const LIST_BYTES: usize = 16 * 1024 * 1024;

    /// The value that it sets, where it does not depend on the old one.
    pub fn as_set(&self) -> Option<&Value> {
        match self {
            Self::Set(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it puts something into a list, which may be larger then.
    pub fn adds(&self) -> bool {
        matches!(self, Self::Push(_) | Self::SetItem(..))
    }

    /// What it makes of a value of this column.
    ///
    /// ```
    /// use larder_core::store::FieldChange;
    /// use larder_core::{Column, Kind};
    /// use larder_query::Value;
    ///
    /// let likes = Column { name: "likes".into(), kind: Kind::Int, nullable: true, default: None };
    /// let one_more = FieldChange::Add(Value::from(1));
    /// assert_eq!(one_more.apply(&Value::from(41), &likes).unwrap(), Value::from(42));
    /// assert_eq!(one_more.apply(&Value::Null, &likes).unwrap(), Value::from(1));
    /// assert!(one_more.apply(&Value::from(i64::MAX), &likes).is_err());
    /// ```
    ///
    /// # Errors
    /// `Invalid` with the field, as said at each change.
    pub fn apply(&self, old: &Value, column: &Column) -> Result<Value> {
        match self {
            Self::Set(value) => Ok(value.clone()),
            Self::Add(amount) => sum(old, amount, column),
            Self::Push(items) => {
                let mut list = list(old, column)?.unwrap_or_default().to_vec();
                list.extend(items.iter().cloned());
                grown(list, column)
            }
            Self::SetItem(place, item) => {
                let mut list = list_with(old, *place, column)?.to_vec();
                if let Some(old) = list.get_mut(*place) {
                    old.clone_from(item);
                }
                grown(list, column)
            }
            Self::RemoveItem(place) => {
                let mut list = list_with(old, *place, column)?.to_vec();
                list.remove(*place);
                Ok(Value::Array(list.into()))
            }
            Self::Pull(items) => Ok(match list(old, column)? {
                None => Value::Null,
                Some(list) => {
                    let stays = |one: &&Value| !items.iter().any(|item| item.same(one));
                    Value::Array(list.iter().filter(stays).cloned().collect())
                }
            }),
        }
    }
}

impl Layout {
    /// The values that these changes give to their fields, as changes that set them: what a store writes that has read the
    /// old record and keeps others from changing it. A field that is changed twice stands here once, with what came of both.
    ///
    /// # Errors
    /// As [`FieldChange::apply`]; `TooLarge` where a list gets elements and would take more than
    /// [`Storage::list_bytes`](crate::Storage::list_bytes).
    pub fn resolve(
        &self,
        old: &Record,
        changes: &[(usize, FieldChange)],
    ) -> Result<Vec<(usize, FieldChange)>> {
        let mut values: Vec<(usize, Value)> = Vec::with_capacity(changes.len());
        for (field, change) in changes {
            let column = self
                .fields
                .get(*field)
                .ok_or_else(|| self.no_field(*field))?;
            match values.iter_mut().find(|(at, _)| at == field) {
                Some((_, value)) => *value = change.apply(value, column)?,
                None => values.push((*field, change.apply(old.get(*field), column)?)),
            }
        }
        for (field, value) in &values {
            if changes
                .iter()
                .any(|(at, change)| at == field && change.adds())
            {
                self.is_short(*field, value)?;
            }
        }
        Ok(values
            .into_iter()
            .map(|(at, value)| (at, value.into()))
            .collect())
    }

    /// The record after these changes, at its next version. They are made in order, each to what those before it made.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve); `Internal` where a field of the key would change, which the pipeline never asks for.
    pub fn changed(&self, old: &Record, changes: Vec<(usize, FieldChange)>) -> Result<Record> {
        let gets = |(field, change): &(usize, FieldChange)| change.adds().then_some(*field);
        let grown: Vec<usize> = changes.iter().filter_map(gets).collect();
        let changed = self.judged(old, changes)?;
        for field in grown {
            self.is_short(field, changed.get(field))?;
        }
        Ok(changed)
    }

    /// The same where somebody looks at all of the record, and judges how large it is.
    pub(crate) fn judged(
        &self,
        old: &Record,
        changes: Vec<(usize, FieldChange)>,
    ) -> Result<Record> {
        let mut values = old.values.clone();
        values.resize(self.fields.len(), Value::Null);
        for (field, change) in changes {
            let (Some(place), Some(column)) = (values.get_mut(field), self.fields.get(field))
            else {
                return Err(self.no_field(field));
            };
            *place = match change {
                FieldChange::Set(value) => value,
                change => change.apply(place, column)?,
            };
            if self.key.has(field) && !old.get(field).same(place) {
                return Err(self.no_field(field));
            }
        }
        let version = self.version_of(&values, old.version.next());
        Ok(Record::new(values, version))
    }

    /// Refuses a list that is larger than it may get without a look at its record.
    fn is_short(&self, field: usize, list: &Value) -> Result<()> {
        let most = self.storage.list_bytes();
        match self.fields.get(field) {
            Some(column) if list.weight() > most => Err(too_long(column, most)),
            _ => Ok(()),
        }
    }

    fn no_field(&self, field: usize) -> Error {
        Error::internal(format!("an update of `{}` sets field {field}", self.model))
    }
}

/// The list in a field; none for null.
fn list<'a>(old: &'a Value, column: &Column) -> Result<Option<&'a [Value]>> {
    match old {
        Value::Null if column.kind == Kind::Json => Ok(None),
        Value::Array(items) => Ok(Some(items)),
        _ => Err(fault(column, "is no list", "type")),
    }
}

/// A list that has got elements, unless they are too much.
fn grown(list: Vec<Value>, column: &Column) -> Result<Value> {
    let list = Value::Array(list.into());
    if list.weight() <= FieldChange::LIST_BYTES {
        return Ok(list);
    }
    Err(too_long(column, FieldChange::LIST_BYTES))
}

fn too_long(column: &Column, most: usize) -> Error {
    let message = format!(
        "the list `{}` would be larger than {most} bytes",
        column.name
    );
    Error::new(ErrorKind::TooLarge, message)
}

/// The list in a field, if it has this place.
fn list_with<'a>(old: &'a Value, place: usize, column: &Column) -> Result<&'a [Value]> {
    let list = list(old, column)?.unwrap_or_default();
    if place < list.len() {
        return Ok(list);
    }
    let message = format!(
        "has {} elements, so there is none at the place {place}",
        list.len()
    );
    Err(fault(column, &message, "range"))
}

fn sum(old: &Value, amount: &Value, column: &Column) -> Result<Value> {
    let sum = match column.kind {
        Kind::Int => whole(old, amount).map(|sum| i64::try_from(sum).ok().map(Value::I64)),
        Kind::Uint => whole(old, amount).map(|sum| u64::try_from(sum).ok().map(Value::from)),
        Kind::Float => match (old, amount.as_f64()) {
            (Value::Null, Some(amount)) => Some(Some(amount)),
            (old, Some(amount)) => old.as_f64().map(|old| Some(old + amount)),
            (_, None) => None,
        }
        .map(|sum| sum.filter(|sum| sum.is_finite()).map(Value::F64)),
        Kind::Decimal => match (old, amount) {
            (Value::Null, Value::Decimal(amount)) => Some(Some(*amount)),
            (Value::Decimal(old), Value::Decimal(amount)) => Some(old.checked_add(*amount)),
            _ => None,
        }
        .map(|sum| sum.map(Value::Decimal)),
        _ => return Err(fault(column, "is no number", "type")),
    };
    match sum {
        Some(Some(sum)) => Ok(sum),
        Some(None) => Err(overflow(column)),
        None => Err(fault(
            column,
            "can't be added to: that is no number of its kind",
            "type",
        )),
    }
}

/// The sum of two whole numbers, none if one is something else.
fn whole(old: &Value, amount: &Value) -> Option<i128> {
    let number = |value: &Value| match value {
        Value::Null => Some(0),
        Value::I64(number) => Some(i128::from(*number)),
        Value::U64(number) => Some(i128::from(*number)),
        _ => None,
    };
    // Two numbers of 64 bits never overflow 128.
    Some(number(old)? + number(amount)?)
}

/// The error of a sum that a column can't hold, for stores whose database says so by itself.
pub fn overflow(column: &Column) -> Error {
    let message = match column.kind {
        Kind::Uint => "would leave the range from 0 to 18446744073709551615",
        Kind::Float => "would leave the range of floating point numbers",
        Kind::Decimal => "would have more than 38 digits",
        _ => "would leave the range from -9223372036854775808 to 9223372036854775807",
    };
    fault(column, message, "overflow")
}

fn fault(column: &Column, message: &str, code: &'static str) -> Error {
    Error::invalid(vec![FieldError {
        field: column.name.to_string(),
        pointer: format!("/{}", column.name),
        message: message.to_owned(),
        code,
    }])
}

#[cfg(test)]
mod tests;
