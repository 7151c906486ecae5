//! `Serialize` is forgotten, in a model with an action and a relation: it is said once.

use larder::prelude::*;

#[derive(Debug, Clone, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", rules(read = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    comments: ModelRelated<Comment>,
}

#[model_impl]
impl Post {
    #[action(allow = "title=open")]
    fn publish(&self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Post>,
}

fn main() {
    larder::models![Post, Comment];
}
