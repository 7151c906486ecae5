//! The description of a model: plain data plus function pointers, written by the derive or by hand.

mod behaviour;
mod compiled;
mod config;
mod data;
mod def;
mod kind;
mod ops;

pub use behaviour::{
    ActionCall, ActionDef, ActionFn, ActionOutput, ArgDef, Behaviour, CanAct, HookDef, HookFn,
    HookPoint, NoBehaviour, This, schema_of, this_mut, this_ref,
};
pub(crate) use compiled::{Action, sort_keys, url_parameters};
pub use compiled::{Compiled, Field};
pub use data::{ActionData, FieldData, ModelData, SearchData};
pub use def::{DecodeCheck, FieldDef, ModelDef, Text, default_value};
pub use kind::Kind;
pub(crate) use kind::{micros, resolve};
pub use ops::{Instance, ModelOps};

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A struct that larder serves. Written by `#[derive(Model)]`.
///
/// The derive emits one description and nothing else: all behaviour is ordinary code of this crate that reads the
/// [`ModelDef`], which can also be built by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a larder model",
    label = "this is not a model",
    note = "add `#[derive(Serialize, Deserialize, JsonSchema, Model)]` and a `#[model(id)]` field to `{Self}`"
)]
pub trait Model: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The type of the id field.
    type Key: crate::types::IdType;

    /// The model's name: its struct's name unless `name` says otherwise.
    const NAME: &'static str;

    /// The wire names of all fields, for checks at compile time.
    const FIELDS: &'static [&'static str];

    /// The whole description.
    fn describe() -> ModelDef;

    /// The record's own id.
    fn key(&self) -> &Self::Key;
}
