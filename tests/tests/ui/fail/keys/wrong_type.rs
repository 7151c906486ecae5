//! Keys with a value that is none of theirs.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = 5, page = "many", store, sort = "title", id)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(parent)]
    title: String,
}

fn main() {}
