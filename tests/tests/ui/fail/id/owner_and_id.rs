//! The id that is marked in the wrong way.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(key)]
    id: Id<Post>,
}

fn main() {}
