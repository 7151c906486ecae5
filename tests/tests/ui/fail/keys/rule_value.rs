//! A rule is a text.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = true, create))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
