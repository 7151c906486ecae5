//! Values that are not what their prefix says.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "title=number:x", create = "title=date:soon", update = "title=int:5", delete = "title=10%"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
