//! A URL names something.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "//posts")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

fn main() {}
