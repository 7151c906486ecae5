//! `can_act` has one shape, and a model has one.

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
    fn one(&mut self, action: &str) -> Result<bool> {
        Ok(action == "x")
    }

    #[can_act]
    fn two(&self) -> bool {
        true
    }
}

fn main() {}
