//! Every operator takes fields and values of its own sort.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: ModelLink<User>,
    title: String,
    size: u32,
    price: f64,
    done: bool,
    tags: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct User {
    #[model(id)]
    id: Id<User>,
    name: String,
}

fn filters() {
    let _ = Post::SIZE.between("a", "b");
    let _ = Post::SIZE.is_in(&["a"]);
    let _ = Post::DONE.ge(1);
    let _ = Post::DONE.matches("t");
    let _ = Post::TITLE.has("a");
    let _ = Post::TITLE.has_size(2);
    let _ = Post::TAGS.has(5);
    let _ = Post::PRICE.remainder(2, 0);
    let _ = Post::AUTHOR.field(User::NAME).eq(5);
    let _ = Post::AUTHOR.field(Post::TITLE).eq("a");
    let _ = Post::TITLE.eq("a").and(User::NAME.eq("a"));
}

async fn sums(session: larder::Session) {
    let _ = session.query::<Post>().sum(Post::TITLE).await;
    let _ = session.query::<Post>().filter(User::NAME.eq("a")).all().await;
    let _ = session.query::<Post>().sort(User::NAME.ascending()).all().await;
}

fn main() {}
