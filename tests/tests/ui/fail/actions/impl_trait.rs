//! The types of arguments and results are written out.

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
    fn a(&self, what: impl Sized) -> Result<()> {
        let _ = what;
        Ok(())
    }

    #[action]
    fn b(&self) -> Result<impl Sized> {
        Ok(())
    }
}

fn main() {}
