//! One word is the last.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[can_act]
    fn a(&self, action: &str) -> Result<bool> {
        Ok(action.is_empty())
    }

    #[can_act]
    fn b(&self, action: &str) -> Result<bool> {
        Ok(action.is_empty())
    }
}

fn main() {}
