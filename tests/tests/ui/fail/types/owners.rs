//! A record belongs to one actor.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(owner)]
    author: String,
    #[model(owner)]
    editor: String,
}

fn main() {}
