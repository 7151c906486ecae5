//! A client has to see whose a record is.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(owner, server_only)]
    author: String,
}

fn main() {}
