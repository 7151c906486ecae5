//! A field once.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title = eq, title = contains), sort(title, id, title))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
