//! A text that names something is not empty.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(store = "", collection = "", name = "")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
