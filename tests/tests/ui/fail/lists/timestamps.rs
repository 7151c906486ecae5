//! `_created` is there with `timestamps`, and then it is not the model's own.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(sort(_created))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(timestamps)]
struct Note {
    #[model(id)]
    id: Id<Note>,
    _created: String,
}

fn main() {}
