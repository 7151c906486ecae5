//! Rules are written as in a URL: without spaces. The message has the rule as it should be.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "open = true | author = $actor.id", create = "open=true and author=$actor.id"))]
#[model(rules(write = "author=Ann Smith"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    open: bool,
    author: String,
}

fn main() {}
