//! Two actions at one URL, and one marked twice.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[action(name = "a")]
    fn b(&self) -> Result<()> {
        Ok(())
    }

    #[action]
    #[action]
    fn c(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
