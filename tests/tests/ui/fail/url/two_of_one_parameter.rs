//! Two fields can't be taken from one parameter.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/blogs/{blog}/posts")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    blog: ModelParent<Post>,
    #[model(parent = "blog")]
    other: ModelParent<Post>,
}

fn main() {}
