//! One mistake gives one message: what uses the items has none of its own.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(tiemstamps)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(sort(titel))]
struct Page {
    #[model(id)]
    id: Id<Page>,
    title: String,
}

#[model_impl]
impl Page {
    #[action(allow = "title=open")]
    fn publish(&self) -> Result<()> {
        Ok(())
    }
}

#[model_impl]
impl Post {
    #[action(alow = "true")]
    fn publish(&self) -> Result<()> {
        Ok(())
    }
}

fn use_them(post: &Post, comment: &Comment) {
    let _ = (Post::TITLE, post.publish(), ModelLink::<Post>::new(post.id.clone()) == comment.post);
    larder::models![Post, Comment];
}

fn main() {}
