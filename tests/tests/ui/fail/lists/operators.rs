//! Operators of `search`.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title = contians, author, id = like))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    author: String,
}

fn main() {}
