//! What an app imports: `use larder::prelude::*;`.

pub use larder_core::store::StoreExt;
pub use larder_core::{
    Actor, App, Ctx, DevelopmentHeader, Entity, Error, ErrorKind, Event, Filter, Id, Mapped, Model,
    ModelLink, ModelLinksArray, ModelLinksMap, ModelLinksSimpleArray, ModelMapped, ModelParent,
    ModelRelated, ModelsMapped, Notice, Result, Secret, Session,
};
pub use larder_macros::{
    Mapped, Model, action, after, before, can_act, computed, model_impl, search,
};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

#[cfg(feature = "http")]
pub use crate::http::Rest;
pub use crate::models;
#[cfg(feature = "runtime")]
pub use crate::{Build, store};
