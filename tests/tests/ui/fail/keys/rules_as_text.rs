//! Rules are given one for each operation.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules = "true")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
