//! The manifest: one versioned description of everything an app serves, which every generator reads.

use std::sync::Arc;

use serde::Serialize;

use crate::model::{Compiled, ModelData};

mod routes;

pub use routes::RouteData;

/// The version of the manifest's format.
pub const VERSION: u32 = 1;

/// All models of an app.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// The version of this format.
    pub manifest: u32,
    /// The models, in the order of their names.
    pub models: Vec<ModelData>,
    /// What the app tells that a rule would hide, and nothing else (design section 4).
    pub disclosures: [&'static str; 1],
}

impl Manifest {
    /// The manifest of these models.
    pub fn of(models: &[Arc<Compiled>]) -> Self {
        let mut models: Vec<ModelData> = models.iter().map(|model| model.data.clone()).collect();
        models.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            manifest: VERSION,
            models,
            disclosures: [
                "a unique value or a client-chosen id that is taken is answered with 409, whoever owns it",
            ],
        }
    }
}
