//! The record's own id is no part of the URL.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts/{id}")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{id}/posts")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

fn main() {}
