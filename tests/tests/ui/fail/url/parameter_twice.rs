//! A parameter stands once.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/x/{blog}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    blog: ModelParent<Post>,
}

fn main() {}
