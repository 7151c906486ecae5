//! `Deserialize` is forgotten.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, JsonSchema, Model)]
#[model(url = "/posts", rules(read = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
