//! `write` stands for what is not given.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(create = "true", update = "true", delete = "true", write = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
