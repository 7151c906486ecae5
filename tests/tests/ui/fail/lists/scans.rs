//! `scan(..)` stands round an operator.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title = scan, text = scan(like), size = scan(eq, ne)))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    text: String,
    size: i64,
}

fn main() {}
