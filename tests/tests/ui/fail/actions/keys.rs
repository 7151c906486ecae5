//! Keys and names of actions.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[action(alow = "true", method = FETCH, global = true)]
    fn a() -> Result<()> {
        Ok(())
    }

    #[action(allow = true)]
    fn b(&self) -> Result<()> {
        Ok(())
    }

    #[action(name = "b")]
    fn c(&self) -> Result<()> {
        Ok(())
    }

    #[action]
    fn _count(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
