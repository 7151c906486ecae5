//! A key is given once, also across attributes.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", timestamps, timestamps)]
#[model(url = "/entries")]
#[model(rules(read = "true", read = "false"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(index, index)]
    title: String,
}

fn main() {}
