//! A rule of an action names fields of the model.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[action(allow = "auhtor=$actor.id")]
    fn a(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
