//! A model, ready to serve: everything that can be worked out before the first request.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_query::Value;

use super::fields::FieldsHook;
use super::{ActionDef, Computed, FieldDef, Group, HookDef, HookPoint, Kind, ModelData, ModelDef};
use crate::error::{Error, FieldError, Result};
use crate::layout::{Column, KeyFields, Layout, Nested};
use crate::rule::{Operation, Rule};
use crate::schema::{Check, Views};
use crate::store::Kept;

mod address;
mod build;
mod changes;
mod parameters;
mod relations;
mod rules;
mod searches;

pub(crate) use address::IdPart;
pub(super) use build::json_name;
pub(crate) use build::{sort_keys, url_parameters};
pub(crate) use parameters::{Conditions, Given, Parameter};
pub(crate) use relations::{link_field, via_of};
use searches::Lists;
pub(crate) use searches::{Models, Route, Search, split_keys};

/// One field, compiled.
#[derive(Clone, Debug)]
pub struct Field {
    pub(crate) column: Column,
    pub(crate) def: FieldDef,
    /// The JSON Pointer to it.
    pub(crate) place: Box<str>,
    /// `"name":`, ready to be written.
    pub(crate) json_name: Box<[u8]>,
    /// Whether a client may write it.
    pub(crate) writable: bool,
    pub(crate) server_only: bool,
    pub(crate) omit_null: bool,
    /// Whether a client that creates must send it.
    pub(crate) required: bool,
    /// Whether it is a field of the struct (or of the description, where there is no struct), and not one that larder adds.
    pub(crate) in_struct: bool,
    /// Whether its texts are [`ObjectId`](crate::ObjectId)s.
    pub(crate) object_id: bool,
    /// Where inside it others stand, and times.
    pub(crate) nested: Option<Nested>,
    /// Checks beyond its kind.
    pub(crate) check: Option<Check>,
}

impl Field {
    /// The wire name.
    pub fn name(&self) -> &str {
        &self.column.name
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        self.column.kind
    }

    /// Whether null is allowed.
    pub fn nullable(&self) -> bool {
        self.column.nullable
    }

    /// Whether it never leaves the server.
    pub fn is_server_only(&self) -> bool {
        self.server_only
    }

    pub(crate) fn pointer(&self) -> String {
        self.place.to_string()
    }

    /// Brings a value that was sent to this field's kind and checks it; every fault is added to `faults`.
    ///
    /// A value whose Rust type says more than its schema is read as that type, and what the type writes is kept: defaults
    /// inside it are filled in, and a spelling becomes the usual one.
    pub(crate) fn accept(&self, value: Value, faults: &mut Vec<FieldError>) -> Value {
        let before = faults.len();
        let value = self.take(value, faults);
        let Some(normal) = self
            .def
            .check
            .filter(|_| before == faults.len() && !value.is_null())
        else {
            return value;
        };
        match normal(&value).map(|normal| self.column.kind.coerce(normal)) {
            // Its type has fewer digits, and rounds where it could refuse.
            Ok(Ok(Value::Decimal(rounded))) if value.as_decimal() != Some(rounded) => {
                self.fault(
                    faults,
                    format!("has more digits than are kept: it would become {rounded}"),
                    "digits",
                );
                Value::Null
            }
            Ok(Ok(value) | Err((value, _))) => value,
            Err(message) => {
                self.fault(faults, message, "type");
                Value::Null
            }
        }
    }

    /// As [`accept`](Self::accept), for a value that the field's own type has just written.
    pub(crate) fn take(&self, value: Value, faults: &mut Vec<FieldError>) -> Value {
        if value.is_null() {
            if !self.column.nullable {
                self.fault(
                    faults,
                    format!("must be {}, not null", self.kind().expected()),
                    "type",
                );
            }
            return Value::Null;
        }
        let value = if self.column.kind.holds(&value) {
            value
        } else {
            match self.column.kind.coerce(value) {
                Ok(value) => value,
                Err((_, expected)) => {
                    self.fault(faults, format!("must be {expected}"), "type");
                    return Value::Null;
                }
            }
        };
        if let Some(check) = &self.check {
            check.run(&value, self.name(), &self.place, faults);
        }
        value
    }

    fn fault(&self, faults: &mut Vec<FieldError>, message: String, code: &'static str) {
        faults.push(FieldError {
            field: self.name().to_owned(),
            pointer: self.pointer(),
            message,
            code,
        });
    }

    /// What serde means by leaving the field out (`skip_serializing_if`): null where null is what it leaves out, else what
    /// it would read in its place, which is the default.
    pub(crate) fn left_out(&self) -> Result<Option<Value>> {
        if self.omit_null {
            return Ok(Some(Value::Null));
        }
        self.default()
    }

    /// What the field is where nothing was sent and it need not be.
    pub(crate) fn default(&self) -> Result<Option<Value>> {
        match &self.def.default {
            Some(default) => {
                let value = default.value()?;
                self.kind()
                    .coerce(value)
                    .map(Some)
                    .map_err(|(_, expected)| {
                        crate::Error::internal(format!(
                            "the default of `{}` is not {expected}",
                            self.name()
                        ))
                    })
            }
            // Of a flattened struct's field the schema alone says what its default is.
            None if self.column.default.is_some() => Ok(self.column.default.clone()),
            None if self.column.nullable => Ok(Some(Value::Null)),
            None => Ok(None),
        }
    }
}

/// An action, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) def: ActionDef,
    pub(crate) rule: Option<Rule>,
    /// Each argument's check, in order, and whether it must be there.
    pub(crate) args: Vec<ArgCheck>,
}

/// The check of one argument.
#[derive(Clone, Debug)]
pub(crate) struct ArgCheck<N = &'static str> {
    pub(crate) name: N,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) check: Check,
}

impl<N> ArgCheck<N> {
    /// A text of a query string as the argument's kind.
    pub(crate) fn of_text(&self, value: Value) -> Value {
        match (self.kind, value.as_str()) {
            (Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Json, Some(text)) => {
                serde_json::from_str(text).unwrap_or(value)
            }
            _ => value,
        }
    }
}

/// A model, ready to serve.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) def: ModelDef,
    pub(crate) data: ModelData,
    pub(crate) layout: Arc<Layout>,
    pub(crate) fields: Vec<Field>,
    /// The fields that are the id.
    pub(crate) key: KeyFields,
    /// Where each of them stands in the URL of a record.
    pub(crate) address: Box<[IdPart]>,
    pub(crate) owner: Option<usize>,
    /// URL parameters and the fields they fill.
    pub(crate) parents: Vec<Parent>,
    pub(crate) created: Option<usize>,
    pub(crate) updated: Option<usize>,
    pub(crate) rules: BTreeMap<Operation, Rule>,
    /// What lists can be filtered and sorted by.
    pub(crate) lists: Lists,
    pub(crate) page: u32,
    /// What a full replace leaves alone.
    pub(crate) kept: Kept,
    pub(crate) actions: Vec<Action>,
    /// Flattened structs.
    pub(crate) groups: Vec<Group>,
    /// What answers have beside the fields.
    pub(crate) computed: Vec<Computed>,
    pub(crate) views: Views,
}

/// A parent of a model: the URL parameter, the field, and the model that it names.
#[derive(Clone, Debug)]
pub(crate) struct Parent {
    pub(crate) parameter: Arc<str>,
    pub(crate) field: usize,
    pub(crate) model: Option<String>,
    /// Where the parts of its id stand in this URL; none where its own segment has the whole text.
    pub(crate) parts: Box<[IdPart]>,
}

/// Works out what several models together decide: where names in their lists lead, and what the segments of their URLs hold.
///
/// # Errors
/// A message for each name that leads nowhere.
pub(crate) fn follow(models: &mut [Compiled]) -> Result<(), Vec<String>> {
    address::follow(models);
    searches::follow(models)
}

impl Compiled {
    /// Compiles a description. The error is a mistake in the description and names the fix.
    pub fn new(def: ModelDef) -> Result<Self> {
        Self::checked(def).map_err(|faults| Error::setup(faults.join("\n")))
    }

    /// As [`new`](Self::new), with a message for each mistake.
    pub(crate) fn checked(def: ModelDef) -> Result<Self, Vec<String>> {
        let mut model = Self::alone(def)?;
        follow(std::slice::from_mut(&mut model))?;
        Ok(model)
    }

    /// As [`checked`](Self::checked), for a model that will be [followed](follow) together with others.
    pub(crate) fn alone(def: ModelDef) -> Result<Self, Vec<String>> {
        build::build(def).map_err(|faults| faults.0)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.def.name
    }

    /// What the manifest says of it.
    pub fn data(&self) -> &ModelData {
        &self.data
    }

    /// How it is stored.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Its fields, in the order of every record.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Its schemas.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// Appends the JSON of a record as clients see it. Fails only where a computed field does.
    pub fn write_json(&self, record: &crate::record::Record, out: &mut Vec<u8>) -> Result<()> {
        crate::codec::write_object(self, record, out)
    }

    /// Puts the faults of this model's server-only fields aside. A name that `sent` knows is the client's own.
    pub(crate) fn conceal(&self, error: Error, sent: impl Fn(&str) -> bool) -> Error {
        error.conceal(|fault| {
            // A field that the client made up is none of ours, whatever its name.
            let theirs = fault.code == "unknown" || fault.code != "unique" && sent(&fault.field);
            let hidden = |field: &Field| field.server_only && field.name() == fault.field;
            !theirs && self.fields.iter().any(hidden)
        })
    }

    /// Reads a body as the pipeline does: every value brought to its field's kind and checked, all faults gathered in the
    /// draft. For benches of this step alone; needs the feature `unsealed`.
    ///
    /// # Errors
    /// `BadRequest` for what is not JSON, `Invalid` for what is no object.
    #[cfg(feature = "unsealed")]
    pub fn read_json(&self, body: &[u8]) -> Result<crate::codec::Draft> {
        crate::codec::read_body(self, body, false)
    }

    pub(crate) fn hooks(&self, point: HookPoint) -> impl Iterator<Item = &HookDef> {
        self.def
            .behaviour
            .hooks
            .iter()
            .filter(move |hook| hook.point == point)
    }

    /// The hooks of a model without a struct.
    pub(crate) fn fields_hooks(&self, point: HookPoint) -> impl Iterator<Item = &FieldsHook> {
        let hooks = self.def.hooks.iter();
        hooks.filter(move |hook| hook.point == point)
    }

    pub(crate) fn has_hooks(&self, points: &[HookPoint]) -> bool {
        let typed = self.def.behaviour.hooks.iter().map(|hook| hook.point);
        let mut all = typed.chain(self.def.hooks.iter().map(|hook| hook.point));
        all.any(|point| points.contains(&point))
    }

    pub(crate) fn action(&self, name: &str, global: bool) -> Option<&Action> {
        self.actions
            .iter()
            .find(|action| action.def.name == name && action.def.global == global)
    }
}
