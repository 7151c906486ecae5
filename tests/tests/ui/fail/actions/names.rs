//! The last part of a URL.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(name = "a/b")]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[action(name = "")]
    fn b(&self) -> Result<()> {
        Ok(())
    }

    #[action(name = "_mine")]
    fn c(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
