//! A model needs an id.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    id: Id<Note>,
}

fn main() {}
