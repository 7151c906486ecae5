//! What can't be a part of an id, as its name says.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Flight {
    #[model(id)]
    carrier: String,
    #[model(id)]
    number: Option<u32>,
    #[model(id)]
    distance: f64,
    #[model(id)]
    stops: Vec<String>,
    #[model(id)]
    route: (String, String),
}

fn main() {}
