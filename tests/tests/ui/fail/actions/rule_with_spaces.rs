//! Rules of actions are as those of models.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(allow = "author = $actor.id")]
    fn a(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
