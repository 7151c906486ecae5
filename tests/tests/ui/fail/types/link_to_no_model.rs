//! A link leads to a model. (The derives of serde would repeat the message.)

use larder::prelude::*;

struct User {
    name: String,
}

struct Post {
    author: ModelLink<User>,
    blog: ModelParent<User>,
}

fn main() {
    let _ = |post: Post, user: User| (post.author, post.blog, user.name);
}
