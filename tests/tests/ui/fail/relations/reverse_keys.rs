//! Nothing of a `ModelRelated` is stored, so most keys have no effect on it, and nothing can be done by it.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(posts = eq), sort(posts), rules(read = "posts=1"))]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    #[model(index, read_only)]
    posts: ModelRelated<Blog>,
    #[serde(skip)]
    pages: ModelRelated<Blog>,
    #[model(via)]
    notes: ModelRelated<Blog>,
}

fn main() {}
