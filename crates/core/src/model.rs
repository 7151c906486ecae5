//! The description of a model: plain data plus function pointers, written by the derive or by hand.

mod behaviour;
mod compiled;
mod computed;
mod conditions;
mod config;
mod data;
mod def;
mod elements;
mod fields;
mod flatten;
mod inner;
mod kind;
mod method;
mod needs;
mod ops;
mod parameter;
mod storage;

pub use behaviour::{
    ActionCall, ActionDef, ActionFn, ActionOutput, ArgDef, Behaviour, CanAct, HookDef, HookFn,
    HookPoint, NoBehaviour, This, schema_of, this_mut, this_ref,
};
pub(crate) use compiled::{
    Action, Given, IdPart, Models, Route, Search, follow, link_field, sort_keys, split_keys,
    url_parameters, via_of,
};
pub use compiled::{Compiled, Field};
pub(crate) use computed::Computed;
pub use computed::{ComputedDef, ComputedFn, computed_value, output_schema_of};
pub use data::{
    ActionData, ComputedData, FieldData, ModelData, ParameterData, RelationData, SearchData,
};
pub use def::{DecodeCheck, FieldDef, ModelDef, Text, decodes_with, default_value, default_with};
pub(crate) use elements::astray;
pub use fields::{Fields, HookOutput};
pub use flatten::FlattenDef;
pub(crate) use flatten::Group;
pub(crate) use inner::Inside;
pub use kind::Kind;
pub(crate) use kind::{is_object_id, micros, resolve};
pub use method::Method;
pub(crate) use method::Offer;
pub use needs::{HasDefault, NeedsDeserialize, NeedsJsonSchema, NeedsSerialize};
pub use ops::{Instance, ModelOps};
pub use parameter::{Condition, FieldUse, NoField, ParameterCall, ParameterDef, ParameterFn, Used};

use std::borrow::Cow;

use crate::key::Key;
use crate::relation::Relation;
use crate::types::IdType;

/// Fields by their wire names, and the relation that the type of each stands for.
pub type Relations = &'static [(&'static str, Option<Relation>)];

/// A struct that larder serves. Written by `#[derive(Model)]`.
///
/// The derive emits one description and nothing else: all behaviour is ordinary code of this crate that reads the
/// [`ModelDef`], which can also be built by hand.
///
/// ```
/// use larder_core::{Model, Result, Session};
/// /// Of any model: `summary::<Post>(&session)`.
/// async fn summary<M: Model>(session: &Session) -> Result<String> {
///     Ok(format!("{} records of {}", session.count::<M>().await?, M::NAME))
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a larder model",
    label = "this is not a model",
    note = "add `#[derive(Serialize, Deserialize, JsonSchema, Model)]` and a `#[model(id)]` field to `{Self}`"
)]
pub trait Model:
    NeedsSerialize + NeedsDeserialize + NeedsJsonSchema + Send + Sync + 'static
{
    /// The type of the id: of the id field, or the tuple of the types of those that are the id together.
    type Key: crate::types::IdType;

    /// The model's name: its struct's name unless `name` says otherwise.
    const NAME: &'static str;

    /// The wire names of all fields, for checks at compile time.
    const FIELDS: &'static [&'static str];

    /// What the id is called beside data, as in a link array: the wire name of the id field, `id` where there are several.
    const KEY: &'static str = "id";

    /// Those of the fields that no client sees.
    const HIDDEN: &'static [&'static str] = &[];

    /// Which fields relate to which models, for checks at compile time; `None` where nobody has looked.
    const RELATIONS: Option<Relations> = None;

    /// Whether there are more fields than [`FIELDS`](Self::FIELDS): those of structs that serde flattens into this one, which
    /// are known at `build()`.
    const HAS_FLATTENED: bool = false;

    /// The whole description.
    fn describe() -> ModelDef;

    /// The record's own id: borrowed where one field is, else made of them.
    fn key(&self) -> Cow<'_, Self::Key>;

    /// The record's own id, without its type.
    fn to_key(&self) -> Key {
        self.key().to_key()
    }
}
