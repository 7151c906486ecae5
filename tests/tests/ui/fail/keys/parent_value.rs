//! A parent names a parameter as a text.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(parent = blog)]
    of: ModelParent<Post>,
}

fn main() {}
