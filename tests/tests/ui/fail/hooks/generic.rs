//! A hook is called by larder, which knows no type for it.

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
    fn a<T>(&self) -> Result<()> {
        Ok(())
    }

    #[before(save)]
    fn b(&self, cx: &impl Sized) -> Result<()> {
        let _ = cx;
        Ok(())
    }
}

fn main() {}
