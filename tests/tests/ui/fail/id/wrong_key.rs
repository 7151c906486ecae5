//! The id, marked with another word.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(key)]
    id: Id<Post>,
}

fn main() {}
