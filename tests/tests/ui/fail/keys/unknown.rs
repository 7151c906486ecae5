//! An unknown key brings the nearest one, or the list.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(urll = "/posts", colour = "red")]
#[model(rules(raed = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(indexed)]
    title: String,
}

fn main() {}
