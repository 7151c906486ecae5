//! A patch run on a record: all of its operations, or none.

use larder_query::Value;

use super::tree::{self, Nothing};
use super::{Deed, JsonPatch, Operation, Place, misfit};
use crate::codec::{Draft, write_value};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Compiled;
use crate::record::Record;

/// How deep arrays and objects may stand in one another in a patched field. A body can't say more than a little over this
/// either, and what stands deeper could not be read again.
const MAX_DEPTH: usize = 100;

impl JsonPatch {
    /// What the patch makes of a record: the fields that it changed, brought to their kinds and checked. A patch that only
    /// tests changes none.
    ///
    /// `copies` is how many bytes `copy` may add: each one can double what is there.
    ///
    /// # Errors
    /// `PatchConflict` where a test fails or there is nothing at a path; `Invalid` where the new values break the schema, with
    /// pointers into the record.
    pub(crate) fn apply(
        &self,
        model: &Compiled,
        record: &Record,
        copies: usize,
    ) -> Result<Vec<(usize, Value)>> {
        let mut document = Document {
            model,
            record,
            fields: vec![None; model.fields.len()],
            copies,
        };
        for operation in &self.0 {
            document.run(operation)?;
        }
        document.finish()
    }
}

/// The fields that operations have named so far, as JSON, the way clients see them.
struct Document<'a> {
    model: &'a Compiled,
    record: &'a Record,
    fields: Vec<Option<Seen>>,
    copies: usize,
}

#[derive(Clone)]
struct Seen {
    /// None where the field is absent.
    value: Option<Value>,
    changed: bool,
}

impl Document<'_> {
    fn run(&mut self, operation: &Operation) -> Result<()> {
        let Operation { index, path, deed } = operation;
        match deed {
            Deed::Add(value) => self.add(*index, path, value.clone()),
            Deed::Remove => self.remove(*index, "path", path).map(drop),
            Deed::Replace(value) => self.replace(*index, path, value.clone()),
            Deed::Move(from) => {
                let value = self.remove(*index, "from", from)?;
                self.add(*index, path, value)
            }
            Deed::Copy(from) => {
                let value = self.get(*index, "from", from)?.clone();
                let weight = value.weight();
                self.copies = self.copies.checked_sub(weight).ok_or_else(|| {
                    Error::new(
                        ErrorKind::TooLarge,
                        "the patch copies more than a body may hold",
                    )
                })?;
                self.add(*index, path, value)
            }
            Deed::Test(expected) => {
                if self.get(*index, "path", path)?.same(expected) {
                    return Ok(());
                }
                let message = format!("the test failed: `{}` has another value", path.text);
                Err(misfit(*index, "path", "test", message))
            }
        }
    }

    fn get(&mut self, index: usize, member: &str, place: &Place) -> Result<&Value> {
        let value = self.field(place.field)?.value.as_ref();
        value
            .and_then(|value| tree::get(value, &place.steps))
            .ok_or_else(|| nothing(index, member, place))
    }

    fn add(&mut self, index: usize, place: &Place, new: Value) -> Result<()> {
        shallow(index, place, &new)?;
        let seen = self.field(place.field)?;
        seen.changed = true;
        if place.steps.is_empty() {
            seen.value = Some(new);
            return Ok(());
        }
        let value = seen.value.as_mut().ok_or(Nothing);
        value
            .and_then(|value| tree::add(value, &place.steps, new))
            .map_err(|Nothing| nothing(index, "path", place))
    }

    fn replace(&mut self, index: usize, place: &Place, new: Value) -> Result<()> {
        shallow(index, place, &new)?;
        let seen = self.field(place.field)?;
        seen.changed = true;
        let old = seen.value.as_mut();
        let old = old.and_then(|value| tree::get_mut(value, &place.steps));
        *old.ok_or_else(|| nothing(index, "path", place))? = new;
        Ok(())
    }

    fn remove(&mut self, index: usize, member: &str, place: &Place) -> Result<Value> {
        let seen = self.field(place.field)?;
        seen.changed = true;
        let removed = match (&mut seen.value, place.steps.is_empty()) {
            (value, true) => value.take().ok_or(Nothing),
            (Some(value), false) => tree::remove(value, &place.steps),
            (None, false) => Err(Nothing),
        };
        removed.map_err(|Nothing| nothing(index, member, place))
    }

    /// A field as clients see it: as JSON, and absent where an answer leaves it out.
    fn field(&mut self, at: usize) -> Result<&mut Seen> {
        let field = &self.model.fields[at];
        let slot = &mut self.fields[at];
        if slot.is_none() {
            let value = self.record.get(at);
            let seen = if field.omit_null && value.is_null() {
                None
            } else {
                Some(plain(value)?)
            };
            *slot = Some(Seen {
                value: seen,
                changed: false,
            });
        }
        slot.as_mut()
            .ok_or_else(|| Error::internal("a field was not read"))
    }

    fn finish(self) -> Result<Vec<(usize, Value)>> {
        let mut checked = Draft::default();
        let mut changes = Vec::new();
        for (at, seen) in self.fields.into_iter().enumerate() {
            let Some(seen) = seen.filter(|seen| seen.changed) else {
                continue;
            };
            let field = &self.model.fields[at];
            let value = match seen.value {
                Some(value) => field.accept(value, &mut checked.faults),
                None => field.default()?.unwrap_or_else(|| {
                    let message = "is required and can't be removed";
                    checked.fault(field.name(), field.pointer(), message, "required");
                    Value::Null
                }),
            };
            changes.push((at, value));
        }
        checked.finish()?;
        Ok(changes)
    }
}

/// A value as clients see it: times, ids and bytes are texts.
fn plain(value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Array(items) => {
            let items: Result<Vec<Value>> = items.iter().map(plain).collect();
            Value::Array(items?.into())
        }
        Value::Object(object) => {
            let members = object.iter().map(|(name, item)| Ok((name, plain(item)?)));
            Value::Object(Box::new(members.collect::<Result<_>>()?))
        }
        Value::Null
        | Value::Bool(_)
        | Value::I64(_)
        | Value::U64(_)
        | Value::F64(_)
        | Value::Text(_) => value.clone(),
        other => {
            let mut text = Vec::new();
            write_value(other, &mut text);
            serde_json::from_slice(&text).map_err(Error::internal)?
        }
    })
}

fn nothing(index: usize, member: &str, place: &Place) -> Error {
    let message = format!("the record has no place `{}`", place.text);
    misfit(index, member, "path", message)
}

/// A value may not stand so deep that the record could not be read again.
fn shallow(index: usize, place: &Place, value: &Value) -> Result<()> {
    if place.steps.len() + tree::depth(value) <= MAX_DEPTH {
        return Ok(());
    }
    let mut draft = Draft::default();
    let message = format!("would nest more than {MAX_DEPTH} arrays and objects");
    draft.fault("path", format!("/{index}/path"), message, "depth");
    draft.finish()
}
