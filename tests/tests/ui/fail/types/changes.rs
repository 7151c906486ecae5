//! Only numbers are added to, and only lists get and lose elements of their type.

use larder::Session;
use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    size: u32,
    tags: Vec<String>,
}

fn change(session: &Session) {
    let update = || session.update::<Post>("a");
    let _ = update().add(Post::TITLE, 1);
    let _ = update().add(Post::SIZE, "1");
    let _ = update().push(Post::TITLE, "x");
    let _ = update().pull(Post::TAGS, 5);
    let _ = update().remove_item(Post::SIZE, 0);
    let _ = update().clear(Post::TITLE);
}

fn main() {}
