//! A server-only field can't be asked for, in Rust either.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(server_only)]
    notes: Secret<String>,
}

fn main() {
    let _ = Post::NOTES;
}
