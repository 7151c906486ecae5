//! serde does not skip the id.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    #[serde(skip)]
    id: Id<Post>,
}

fn main() {}
