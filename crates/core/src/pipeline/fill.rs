//! Step 3: from what was sent to a whole record: ids, parents, owner, times, defaults, and every fault at once.

use std::any::Any;
use std::sync::Arc;

use larder_query::Value;

use super::Run;
use super::moved::By;
use crate::call::Body;
use crate::codec::{Draft, read_body};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::{Compiled, Fields, Instance, this_ref};
use crate::record::Record;
use crate::rule::as_kind;
use crate::types::new_object_id;
use crate::wording::a;

impl Run<'_> {
    /// What was sent, and whether it comes from code on the server.
    pub(super) fn draft(&self, body: &Body, patch: bool) -> Result<(Draft, bool)> {
        match body {
            Body::Json(text) => Ok((read_body(&self.mounted.model, text, patch)?, false)),
            Body::Trusted(draft) => Ok((draft.clone(), true)),
        }
    }

    /// A new record from what was sent. Everything that a client may not send is filled in here.
    pub(super) fn fill(&self, draft: Draft, key: Option<&Key>, trusted: bool) -> Result<Record> {
        match self.fill_unowned(draft, key, trusted)? {
            (record, None) => Ok(record),
            (_, Some(error)) => Err(error),
        }
    }

    /// As [`fill`](Self::fill), and why it has no owner, if it needs one: a write that does not add a record keeps the old
    /// one's.
    pub(super) fn fill_unowned(
        &self,
        mut draft: Draft,
        key: Option<&Key>,
        trusted: bool,
    ) -> Result<(Record, Option<Error>)> {
        let model = &self.mounted.model;
        let now = self.app.now();
        let mut unowned = None;
        let mut sent = std::mem::take(&mut draft.values);
        sent.resize(model.fields.len(), None);
        let mut values = Vec::with_capacity(model.fields.len());
        for (at, (sent, field)) in sent.into_iter().zip(&model.fields).enumerate() {
            values.push(if let Some(part) = model.part_at(at) {
                match model.key.one() {
                    Some(_) => {
                        // Of a new record, what a client may not choose; of one that a path names, it is compared with that.
                        let sent = sent.filter(|_| key.is_some() || field.writable || trusted);
                        self.new_key(at, key, sent, &mut draft)
                    }
                    None => {
                        let sent = match self.parent(at).or(sent) {
                            None if key.is_none() => field.default()?,
                            sent => sent,
                        };
                        model.new_part(part, at, key, sent, &mut draft)
                    }
                }
            } else if Some(at) == model.created || Some(at) == model.updated {
                Value::Instant(now)
            } else if let Some(parent) = self.parent(at) {
                parent
            } else if Some(at) == model.owner {
                self.new_owner(sent, trusted).unwrap_or_else(|error| {
                    unowned = Some(error);
                    Value::Null
                })
            } else if let Some(sent) = sent.filter(|_| field.writable || trusted) {
                sent
            } else if let Some(default) = field.default()? {
                default
            } else {
                draft.fault(field.name(), field.pointer(), "is required", "required");
                Value::Null
            });
        }
        if draft.faults.is_empty() {
            model.accept_groups(&mut values, &mut draft.faults);
        }
        draft.finish()?;
        let version = self.app.new_version(now);
        let version = model.layout.version_of(&values, version);
        Ok((Record::new(values, version), unowned))
    }

    /// The id, where one field is.
    fn new_key(
        &self,
        at: usize,
        key: Option<&Key>,
        sent: Option<Value>,
        draft: &mut Draft,
    ) -> Value {
        let model = &self.mounted.model;
        match (key, sent) {
            (Some(key), sent) => {
                let field = &model.fields[at];
                if let Some(sent) = sent.filter(|sent| !field.is_at(sent, key.value())) {
                    field.differs(&sent, key.value(), "the id", draft);
                }
                key.value().clone()
            }
            // Code on the server writes 0 into a struct whose id the database will give.
            (None, sent) if self.assigns() => sent
                .filter(|sent| sent.as_i64() != Some(0))
                .unwrap_or_default(),
            (None, Some(sent)) if !sent.is_null() => {
                if let Err(message) = model.check_key(&sent) {
                    let field = &model.fields[at];
                    draft.fault(field.name(), field.pointer(), message, "id");
                }
                sent
            }
            (None, _) if model.fields[at].object_id => new_object_id(self.app.now()),
            (None, _) => self.app.new_key(model.fields[at].kind()),
        }
    }

    /// The value that the URL names for a field, if it is a parent.
    pub(super) fn parent(&self, field: usize) -> Option<Value> {
        let at = self
            .mounted
            .model
            .parents
            .iter()
            .position(|parent| parent.field == field)?;
        self.call.parents.get(at).cloned()
    }

    /// The owner is who makes the call. The server itself may say who it is.
    fn new_owner(&self, sent: Option<Value>, trusted: bool) -> Result<Value> {
        let model = &self.mounted.model;
        let Some(field) = model.owner.map(|at| &model.fields[at]) else {
            return Ok(Value::Null);
        };
        if let Some(id) = self.call.actor.id() {
            return as_kind(field.kind(), Value::from(id)).ok_or_else(|| {
                let expected = field.kind().expected();
                Error::new(
                    ErrorKind::Forbidden,
                    format!(
                        "the actor's id is not {expected}, so it can't own {}",
                        a(model.name())
                    ),
                )
            });
        }
        match sent {
            Some(sent) if trusted => Ok(sent),
            _ if field.nullable() => Ok(Value::Null),
            _ => Err(Error::new(
                ErrorKind::Unauthorized,
                format!(
                    "{} has an owner, so you have to say who you are",
                    a(model.name())
                ),
            )),
        }
    }

    /// Takes back what a hook or an action made of a record, and validates what it changed (6a).
    pub(super) fn take_back(
        &self,
        instance: &Instance,
        record: &mut Arc<Record>,
        by: &By<'_>,
    ) -> Result<bool> {
        let model = &self.mounted.model;
        let encoded = model.encoded(&**instance)?;
        let mut changes = self.chosen_key(&encoded, record, by)?;
        changes.extend(model.changes(encoded, record)?);
        if changes.is_empty() {
            return Ok(false);
        }
        let mut values = record.values.clone();
        for (at, value) in changes {
            values[at] = value;
        }
        let version = model.layout.version_of(&values, record.version);
        *record = Arc::new(Record::new(values, version));
        Ok(true)
    }
}

static NOT_GIVEN: Value = Value::I64(0);

impl Compiled {
    /// The record as hooks and actions get it: the model's struct, or [`Fields`] where it has none.
    pub(crate) fn instance(&self, record: &Record) -> Result<Instance> {
        match &self.def.ops {
            Some(ops) => (ops.decode)(&self.pairs(record)),
            None => Ok(Box::new(Fields::of(self, record)?)),
        }
    }

    /// The fields of an instance as one object.
    pub(super) fn encoded(&self, instance: &(dyn Any + Send + Sync)) -> Result<Value> {
        match &self.def.ops {
            Some(ops) => (ops.encode)(instance),
            None => {
                let fields = this_ref::<Fields>(instance)?.as_json();
                larder_query::to_value(fields).map_err(Error::internal)
            }
        }
    }

    /// The fields of the struct, as its `Deserialize` wants them. A key that the database has not given yet is 0: the
    /// struct's own type has no way to say that there is none.
    pub(crate) fn pairs<'a>(&'a self, record: &'a Record) -> Vec<(&'a str, &'a Value)> {
        self.fields
            .iter()
            .zip(&record.values)
            .filter(|(field, value)| field.in_struct && !(field.omit_null && value.is_null()))
            .map(|(field, value)| match value {
                Value::Null if field.def.id => (field.name(), &NOT_GIVEN),
                value => (field.name(), value),
            })
            .collect()
    }

    /// The fields of a serialised struct, each brought to its kind and checked. Fails with every fault.
    pub(crate) fn draft(&self, value: Value) -> Result<Draft> {
        let Value::Object(object) = value else {
            return Err(Error::internal(format!(
                "{} does not serialise as an object",
                self.name()
            )));
        };
        let mut draft = Draft::empty(self.fields.len());
        let mut expected = 0;
        for (name, value) in *object {
            // Structs are written in the order of their fields, so the search begins where the last one ended.
            let Some(at) = self.find_field(&name, expected) else {
                continue;
            };
            expected = at + 1;
            draft.values[at] = Some(self.fields[at].take(value, &mut draft.faults));
        }
        for (at, field) in self.fields.iter().enumerate() {
            if field.in_struct && draft.values[at].is_none() {
                draft.values[at] = field.left_out()?;
            }
        }
        // This is outside a call, which would see to it: the caller may be a hook of another model.
        draft
            .finish()
            .map_err(|error| self.conceal(error, |_| false))?;
        Ok(draft)
    }

    /// What code on the server has changed in a record, each change checked. What it left alone may be as it was stored,
    /// even if the schema has become stricter since.
    pub(crate) fn changes(&self, value: Value, old: &Record) -> Result<Vec<(usize, Value)>> {
        let Value::Object(mut object) = value else {
            let name = self.name();
            return Err(Error::internal(format!(
                "{name} does not serialise as an object"
            )));
        };
        let mut checked = Draft::default();
        let mut changes = Vec::new();
        for (at, field) in self.fields.iter().enumerate() {
            if self.key.has(at) || !field.in_struct {
                continue;
            }
            let value = match object.remove(field.name()) {
                Some(value) => value,
                None => field.left_out()?.unwrap_or_default(),
            };
            let value = field
                .kind()
                .coerce(value)
                .unwrap_or_else(|(value, _)| value);
            if value != *old.get(at) {
                changes.push((at, field.take(value, &mut checked.faults)));
            }
        }
        checked.finish()?;
        Ok(changes)
    }

    /// The place of a field by its name; the search begins at `expected`.
    pub(crate) fn find_field(&self, name: &str, expected: usize) -> Option<usize> {
        let is_it = |at: &usize| self.fields[*at].name() == name;
        let count = self.fields.len();
        (expected..count)
            .find(is_it)
            .or_else(|| (0..expected.min(count)).find(is_it))
    }
}
