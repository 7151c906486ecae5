//! Keys that say all by being there.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(timestamps = true)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(index = "yes")]
    title: String,
    #[model(owner = "actor")]
    author: String,
}

fn main() {}
