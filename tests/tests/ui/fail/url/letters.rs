//! What can't stand in a URL.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/my posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/cafés")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "http://localhost/posts")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

fn main() {}
