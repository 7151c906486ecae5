//! A model has one `#[model_impl]`.

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
    fn one(&self) -> Result<()> {
        Ok(())
    }
}

#[model_impl]
impl Post {
    #[before(save)]
    fn two(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
