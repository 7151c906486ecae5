//! What a model does beyond holding data: hooks, actions and its last word on who may act. Written by `#[model_impl]`.

use std::any::Any;
use std::fmt;

use larder_query::Value;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{ComputedDef, ParameterDef};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::store::BoxFuture;

/// A model's struct, without its type, as hooks and actions get it; [`Fields`](super::Fields) where the model has none.
pub type This<'a> = &'a mut (dyn Any + Send + Sync);

/// The points at which a model's own code runs, for every door. The numbers are the steps of the pipeline.
///
/// `Before*` (6) run inside the transaction and may change the record or refuse; `After*` (9) run inside it once the record
/// is written, and still undo everything by failing. What must only happen after the commit is a listener's
/// ([`Event`](crate::Event)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookPoint {
    /// Before a new record is written. Only here its id can be chosen.
    BeforeCreate,
    /// Before a record is changed.
    BeforeUpdate,
    /// Before a record is deleted.
    BeforeDelete,
    /// After a new record is written, before the commit.
    AfterCreate,
    /// After a record is changed, before the commit.
    AfterUpdate,
    /// After a record is deleted, before the commit.
    AfterDelete,
}

/// One hook of a model.
#[derive(Clone, Copy)]
pub struct HookDef {
    /// When it runs.
    pub point: HookPoint,
    /// The name of the method, for messages.
    pub name: &'static str,
    /// The method.
    pub run: HookFn,
}

/// A hook as a function pointer.
pub type HookFn = for<'a> fn(This<'a>, &'a Ctx) -> BoxFuture<'a, Result<()>>;

impl HookDef {
    /// A hook at a point.
    pub fn new(point: HookPoint, name: &'static str, run: HookFn) -> Self {
        Self { point, name, run }
    }
}

impl fmt::Debug for HookDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.point, self.name)
    }
}

/// The model's last word on an action: it narrows what the rule allows, it never widens it.
pub type CanAct =
    for<'a> fn(&'a (dyn Any + Send + Sync), &'a str, &'a Ctx) -> BoxFuture<'a, Result<bool>>;

/// An action's method as a function pointer. The first argument is `None` for a global action.
pub type ActionFn =
    for<'a> fn(Option<This<'a>>, ActionCall<'a>) -> BoxFuture<'a, Result<ActionOutput>>;

/// What an action is called with: the context, and its arguments by name, already checked against their schemas.
#[derive(Clone, Copy, Debug)]
pub struct ActionCall<'a> {
    /// The actor, the services, the transaction.
    pub cx: &'a Ctx,
    /// The arguments, one a declared name, null where one is absent.
    pub args: &'a [(&'static str, Value)],
}

impl ActionCall<'_> {
    /// One argument by its name; what was not given is read as null.
    ///
    /// # Errors
    /// `Invalid`, with the argument as the field, if it can't be read as a `T`: 422 at a door.
    pub fn arg<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self
            .args
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(&Value::Null, |(_, value)| value);
        larder_query::from_value(value).map_err(|error| {
            Error::invalid(vec![crate::FieldError {
                field: name.to_owned(),
                pointer: format!("/{name}"),
                message: error.to_string(),
                code: "type",
            }])
        })
    }
}

/// What an action answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionOutput {
    /// Nothing: 204.
    Empty,
    /// A JSON text: 200.
    Json(Vec<u8>),
}

impl ActionOutput {
    /// The output for a returned value; one that serialises as null is empty.
    ///
    /// # Errors
    /// `Internal` for a value that can't be JSON, such as a map whose keys are no texts.
    pub fn of<T: Serialize>(value: &T) -> Result<Self> {
        let text = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(if text == b"null" {
            Self::Empty
        } else {
            Self::Json(text)
        })
    }
}

/// One argument of an action.
#[derive(Clone, Copy)]
pub struct ArgDef {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its schema.
    pub schema: fn() -> Json,
}

impl ArgDef {
    /// An argument of this type.
    pub fn of<T: JsonSchema + DeserializeOwned>(name: &'static str) -> Self {
        Self {
            name,
            schema: schema_of::<T>,
        }
    }
}

impl fmt::Debug for ArgDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The schema of any type, with its definitions inside.
pub fn schema_of<T: JsonSchema>() -> Json {
    let mut schema =
        schemars::SchemaGenerator::from(schemars::generate::SchemaSettings::draft2020_12())
            .into_root_schema_for::<T>()
            .to_value();
    if let Json::Object(map) = &mut schema {
        map.remove("$schema");
    }
    schema
}

/// One action of a model.
#[derive(Clone)]
pub struct ActionDef {
    /// The last segment of its URL.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: Option<&'static str>,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Whether it runs on the model and not on one record.
    pub global: bool,
    /// Whether it takes the record by `&mut`: then what it changed is validated and saved with it.
    pub changes: bool,
    /// The rule that allows it. Without one it is denied.
    pub allow: Option<&'static str>,
    /// Its arguments: fields of the body, or query parameters for `GET`.
    pub args: Vec<ArgDef>,
    /// The schema of its result.
    pub output: fn() -> Json,
    /// The method.
    pub run: ActionFn,
}

impl fmt::Debug for ActionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{:?}", self.method, self.name, self.args)
    }
}

/// All that `#[model_impl]` found in an impl.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// The hooks, in the order of the source.
    pub hooks: Vec<HookDef>,
    /// The actions.
    pub actions: Vec<ActionDef>,
    /// The computed fields.
    pub computed: Vec<ComputedDef>,
    /// The parameters of lists that filter by code.
    pub parameters: Vec<ParameterDef>,
    /// The model's `can_act`, if it has one of its own.
    pub can_act: Option<CanAct>,
}

/// The struct behind an untyped reference, or the [`Fields`](super::Fields) of a model without one.
///
/// # Errors
/// `Internal` if it is another struct: that is a fault of the description, and no panic.
pub fn this_mut<M: 'static>(this: This<'_>) -> Result<&mut M> {
    this.downcast_mut::<M>()
        .ok_or_else(|| Error::internal("a hook was given a record of another model"))
}

/// As [`this_mut`], for reading.
pub fn this_ref<M: 'static>(this: &(dyn Any + Send + Sync)) -> Result<&M> {
    this.downcast_ref::<M>()
        .ok_or_else(|| Error::internal("a check was given a record of another model"))
}

/// The fallback for a model without `#[model_impl]`: method lookup prefers the inherent function of the same name.
pub trait NoBehaviour: Sized {
    /// An empty behaviour.
    #[doc(hidden)]
    fn __larder_one_model_impl_per_model() -> Behaviour {
        Behaviour::default()
    }
}

impl<T> NoBehaviour for T {}
