//! Each parent stands in the URL.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    blog: ModelParent<Blog>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/notes")]
struct Note {
    #[model(id)]
    id: Id<Note>,
    #[model(parent = "blgo")]
    blog: ModelParent<Blog>,
}

fn main() {}
