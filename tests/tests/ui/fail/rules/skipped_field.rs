//! A field that serde skips is no part of the model.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "cache=1"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[serde(skip)]
    cache: u32,
}

fn main() {}
