//! What an order looks like.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(default_sort = "")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(default_sort = "title desc")]
struct Note {
    #[model(id)]
    id: Id<Note>,
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(default_sort = "-title,title")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    title: String,
}

fn main() {}
