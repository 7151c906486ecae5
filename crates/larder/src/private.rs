//! What the macros' output names. Not part of the API.

pub use std::borrow::Cow;

pub use inventory;
pub use larder_core::model::Relations;
pub use larder_core::model::{
    ActionCall, ActionDef, ActionOutput, ArgDef, Behaviour, CanAct, ComputedDef, Condition,
    FieldDef, HasDefault, HookDef, HookPoint, Model, ModelDef, NoBehaviour, NoField, ParameterDef,
    Used, computed_value, decodes_with, default_value, default_with, output_schema_of, schema_of,
    this_mut, this_ref,
};
pub use larder_core::registry::{Registration, is_model, may_have_field};
pub use larder_core::relation::{
    Mapped, NoRelation, Probe, Unseen, check_mapped_field, check_mapped_type, check_mapped_via,
    check_reach, check_relation, check_via,
};
pub use larder_core::{Ctx, Error, Filter, IsSecret, Method, Operation, Result, TypedField};
pub use larder_query::from_value;
pub use schemars::JsonSchema;
pub use serde::Serialize;
pub use serde::de::DeserializeOwned;
