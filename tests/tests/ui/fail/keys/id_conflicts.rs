//! What an id is anyway, or can't be.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id, unique, index, read_only)]
    id: Id<Post>,
}

fn main() {}
