//! Events are words.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[before(save = "always")]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[after = "save"]
    fn b(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
