//! A server-only field is a `Secret`.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(server_only)]
    notes: String,
    __key: Option<u32>,
}

fn main() {}
