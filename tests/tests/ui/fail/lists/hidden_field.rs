//! A server-only field can't be filtered or sorted by.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(notes = contains), sort(__key))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(server_only)]
    notes: Secret<String>,
    __key: Secret<String>,
}

fn main() {}
