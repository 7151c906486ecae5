//! The context once.

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
    fn a(&self, one: &Ctx, two: &Ctx) -> Result<()> {
        let _ = (one, two);
        Ok(())
    }
}

fn main() {}
