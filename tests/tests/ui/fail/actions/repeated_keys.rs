//! A key once.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(allow = "true", allow = "false", global, global)]
    fn a() -> Result<()> {
        Ok(())
    }
}

fn main() {}
