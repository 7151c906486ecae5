//! A parent comes from the URL.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(parent = "blog", owner)]
    a: ModelParent<Post>,
    #[model(parent = "blog", server_only)]
    b: ModelParent<Post>,
}

fn main() {}
