//! A rule names fields that exist.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "stauts=published|author=$actor.id"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    status: String,
    author: String,
}

fn main() {}
