//! A rule knows the actor and nothing else.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "author=$user", write = "author=$actor.address.city"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

fn main() {}
