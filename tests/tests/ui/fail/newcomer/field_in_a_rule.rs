//! A rule names a field that is spelt otherwise.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", rules(read = "published=true|auther=$actor.id"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(owner)]
    author: String,
    published: bool,
}

fn main() {}
