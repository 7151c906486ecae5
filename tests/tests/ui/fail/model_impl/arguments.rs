//! What the attribute itself takes.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl(Post)]
impl Post {
}

#[model_impl(crate = larder, crate = larder)]
impl Post {
}

fn main() {}
