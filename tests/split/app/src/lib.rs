//! An app whose models come from two other crates, and one of its own.

use larder::prelude::*;
use larder::{AppBuilder, ModelSet};

/// What happened, kept by the app itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/entries", rules(read = "true", create = "true"))]
pub struct Entry {
    /// Its id.
    #[model(id)]
    pub id: Id<Entry>,
    /// Whose order it is about.
    pub order: ModelLink<split_shop::Order>,
}

/// All models of the three crates.
pub fn all() -> ModelSet {
    models!(crate::*, split_accounts::*, split_shop::*)
}

/// The app, without a store.
pub fn app() -> AppBuilder {
    App::builder().models(all()).identity(DevelopmentHeader)
}

/// Where the build script has written the schemas.
pub const OUT_DIR: &str = env!("OUT_DIR");
