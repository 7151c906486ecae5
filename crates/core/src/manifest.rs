//! The manifest: one versioned description of everything an app serves, which every generator reads.

use std::sync::Arc;

use serde::Serialize;

use crate::model::{Compiled, ModelData, via_of};
use crate::relation::RelationKind;

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
    /// What the app tells that a rule would hide, and nothing else.
    pub disclosures: [&'static str; 1],
}

impl Manifest {
    /// The manifest of these models.
    pub fn of(models: &[Arc<Compiled>]) -> Self {
        let mut models: Vec<ModelData> = models.iter().map(|model| data(model, models)).collect();
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

/// The data of a model, with the links that its reverse relations go by, also where the model need not name them.
fn data(model: &Compiled, models: &[Arc<Compiled>]) -> ModelData {
    let mut data = model.data.clone();
    for relation in &mut data.relations {
        let other = models.iter().find(|other| other.name() == relation.target);
        if relation.kind == RelationKind::Related
            && let Some(via) = other.and_then(|other| via_of(model, relation, other).ok())
        {
            relation.via = Some(via.to_owned());
        }
    }
    data
}
