//! Each operator, and each value computed of a field, wants a field that it fits.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    score: f64,
    tags: Vec<String>,
}

fn main() {
    let _ = Post::SCORE.between("a", "b");
    let _ = Post::SCORE.ends_with("1");
    let _ = Post::TAGS.matches("^a");
    let _ = Post::TAGS.has(7);
    let _ = Post::TITLE.has_size(3);
    let _ = Post::SCORE.remainder(2, 1);
}
