//! The methods, as HTTP writes them.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(method = "GET")]
    fn a(&self) -> Result<()> {
        Ok(())
    }

    #[action(method = get)]
    fn b(&self) -> Result<()> {
        Ok(())
    }

    #[action(method = HEAD)]
    fn c(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
