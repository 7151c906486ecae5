//! A parent comes from the URL, and there is none.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(parent = "blog")]
    blog: ModelParent<Post>,
}

fn main() {}
