//! A page is a number of records, one or more.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(page = 0)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(page = -5)]
struct Note {
    #[model(id)]
    id: Id<Note>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(page = 99999999999)]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
}

fn main() {}
