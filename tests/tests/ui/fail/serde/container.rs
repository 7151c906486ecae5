//! What makes a model's JSON something else.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(tag = "kind")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(transparent)]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

fn main() {}
