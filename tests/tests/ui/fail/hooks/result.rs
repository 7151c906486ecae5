//! A hook has no result.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


#[model_impl]
impl Post {
    #[after(delete)]
    fn wrong(&self) -> Result<u8> {
        Ok(1)
    }
}

fn main() {}
