//! A key of a field, and a whole attribute, twice.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(unique)]
    #[model(unique)]
    title: String,
    #[model(owner, owner)]
    author: String,
}

fn main() {}
