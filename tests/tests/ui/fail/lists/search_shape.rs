//! Each field with its operator.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title), sort(title desc))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title = "contains"))]
struct Note {
    #[model(id)]
    id: Id<Note>,
    title: String,
}

fn main() {}
