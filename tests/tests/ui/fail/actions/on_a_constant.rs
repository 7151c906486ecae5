//! An action is a function with a body.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action]
    const LIMIT: u8 = 5;
}

fn main() {}
