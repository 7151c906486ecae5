//! `sort(..)` says what can be sorted by, not how.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(sort(-title, +id))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
