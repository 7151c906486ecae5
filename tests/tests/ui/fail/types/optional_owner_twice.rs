//! An owner beside an id, marked on one field.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(owner, server_only)]
    author: String,
}

fn main() {}
