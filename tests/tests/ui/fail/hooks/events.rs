//! The events of hooks.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[before]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[before(svae)]
    fn b(&self) -> Result<()> {
        Ok(())
    }

    #[after(save, update)]
    fn c(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
