//! The attribute takes a list.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model]
struct Post {
    #[model = "id"]
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
