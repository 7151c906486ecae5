//! The record is lent.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[before(save)]
    fn a(self) -> Result<()> {
        Ok(())
    }

    #[before(save)]
    fn b(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
