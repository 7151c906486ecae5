//! Each parameter of a URL is a parent's field.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/notes")]
struct Note {
    #[model(id)]
    id: Id<Note>,
    blog: ModelLink<Blog>,
}

fn main() {}
