//! Other names for events, and reading, which has none.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[before(insert)]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[after(deleted, read)]
    fn b(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
