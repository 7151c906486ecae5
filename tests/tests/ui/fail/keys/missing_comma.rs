//! Keys are separated by commas; the mistake behind it is told as well.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts" store = "main", timestamp)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
