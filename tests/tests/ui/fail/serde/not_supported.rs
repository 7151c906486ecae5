//! What serde can do to a field and a model can't bear.

use larder::prelude::*;

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Extra {
    more: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[serde(flatten)]
    #[model(index)]
    extra: Extra,
    #[serde(alias = "called")]
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing)]
    notes: String,
    #[serde(skip_deserializing)]
    score: f64,
    #[serde(skip)]
    #[model(index)]
    cache: u32,
}

fn main() {}
