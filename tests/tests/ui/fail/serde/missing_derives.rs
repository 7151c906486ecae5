//! The derives that a model needs beside its own.

use larder::prelude::*;

#[derive(Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
