//! `#[action]` without `#[model_impl]` round it.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

impl Post {
    #[action(allow = "true")]
    async fn publish(&mut self) -> Result<()> {
        Ok(())
    }

    #[before(save)]
    fn stamp(&mut self) -> Result<()> {
        Ok(())
    }

    #[can_act]
    fn can_act(&self, _action: &str) -> Result<bool> {
        Ok(true)
    }
}

fn main() {}
