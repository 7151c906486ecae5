//! `JsonSchema` is forgotten.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Model)]
#[model(url = "/posts", rules(read = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
