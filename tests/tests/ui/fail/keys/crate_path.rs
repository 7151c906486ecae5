//! The crate is named by a path.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(crate = 5)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
