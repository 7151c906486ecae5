//! A rule of an action that can't be parsed.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[action(allow = "author=$me")]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[action(allow = "author=$actor.id|author=(")]
    fn b(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
