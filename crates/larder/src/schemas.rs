//! Schemas as files, for a one-line `build.rs`.
//!
//! An app whose models are in a crate of their own (which needs only `larder` without default features) writes, in its
//! `build.rs`:
//!
//! ```no_run
//! # use larder::prelude::*;
//! # #[derive(Serialize, Deserialize, JsonSchema, Model)]
//! # struct Post { #[model(id)] id: Id<Post>, title: String }
//! # fn main() -> larder::Result<()> {
//! larder::schemas::write("schemas", larder::models![Post])
//! # }
//! ```

pub use larder_core::schema::{schema_files as files, write_schemas as write};
