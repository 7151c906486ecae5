//! `&` and `|` at one level.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(write = "open=true|title=a&author=$actor.id"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    open: bool,
    title: String,
    author: String,
}

fn main() {}
