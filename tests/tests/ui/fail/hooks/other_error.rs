//! A hook fails with larder's error.

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
    fn a(&self) -> std::result::Result<(), String> {
        Ok(())
    }
}

fn main() {}
