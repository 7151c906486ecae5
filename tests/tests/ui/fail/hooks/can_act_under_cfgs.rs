//! Several under `cfg`s are possible, if one of them at the most is left.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[cfg(all())]
    #[can_act]
    fn a(&self, action: &str) -> Result<bool> {
        Ok(action.is_empty())
    }

    #[cfg(not(any()))]
    #[can_act]
    fn b(&self, action: &str) -> Result<bool> {
        Ok(action.is_empty())
    }
}

fn main() {}
