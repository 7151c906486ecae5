//! A link leads to a model. What serde, schemars and larder each ask for is the same model, so it is told a few times; it was
//! 37 times while the links themselves asked for it.

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

fn main() {
    let _ = |post: Post, user: User| (post.author.clone(), post.author, user.name, Post::AUTHOR);
}
