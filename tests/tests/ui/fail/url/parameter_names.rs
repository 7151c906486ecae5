//! A parameter is a whole part of the URL, with a plain name.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/{}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/{*rest}/posts")]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/:blog/posts")]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/a/{b c}/posts")]
struct Tag {
    #[model(id)]
    id: Id<Tag>,
}

fn main() {}
