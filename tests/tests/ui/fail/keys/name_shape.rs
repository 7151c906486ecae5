//! A model's name is the name of a type and of files.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(name = "blog post")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(name = "2nd")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

fn main() {}
