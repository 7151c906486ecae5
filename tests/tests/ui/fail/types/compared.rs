//! Fields are compared with values of their type.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    size: u32,
}

fn main() {
    let _ = Post::TITLE.eq(5);
    let _ = Post::SIZE.contains("x");
}
