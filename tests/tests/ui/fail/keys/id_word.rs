//! What the struct's own `id(..)` knows.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(id(server))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(id = "client")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

fn main() {}
