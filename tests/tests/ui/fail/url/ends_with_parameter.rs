//! A URL ends with the name of the collection.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts/{blog}")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    blog: ModelParent<Post>,
}

fn main() {}
