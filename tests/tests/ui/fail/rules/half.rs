//! Half a comparison.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "title", create = "=a", update = "title=a&", delete = "title=a||title=b"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
