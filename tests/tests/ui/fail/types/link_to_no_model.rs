//! A link leads to a model.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct User {
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: ModelLink<User>,
}

fn main() {}
