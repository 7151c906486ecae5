//! Names in JSON that would open a field, or are not one.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    _score: f64,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    title: String,
    #[serde(rename = "id")]
    number: u32,
}

fn main() {}
