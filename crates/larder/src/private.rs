//! What the macros' output names. Not part of the API.

pub use inventory;
pub use larder_core::model::{
    ActionCall, ActionDef, ActionOutput, ArgDef, Behaviour, CanAct, FieldDef, HasDefault, HookDef,
    HookPoint, Model, ModelDef, NoBehaviour, default_value, schema_of, this_mut, this_ref,
};
pub use larder_core::registry::{Registration, has_field};
pub use larder_core::{Ctx, Error, IsSecret, Operation, Result, TypedField};
pub use schemars::JsonSchema;
pub use serde::Serialize;
pub use serde::de::DeserializeOwned;
