//! Each event once.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[before(save, create)]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[after(delete, delete)]
    fn b(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
