//! What an app imports: `use larder::prelude::*;`.

pub use larder_core::store::StoreExt;
pub use larder_core::{
    Actor, App, Ctx, DevelopmentHeader, Entity, Error, Event, Filter, Id, ModelLink, ModelParent,
    Notice, Result, Secret,
};
pub use larder_macros::{Model, model_impl};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

#[cfg(feature = "http")]
pub use crate::http::Rest;
pub use crate::models;
#[cfg(feature = "runtime")]
pub use crate::{Build, store};
