//! Signatures that no hook can have.

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
    fn no_self() -> Result<()> {
        Ok(())
    }

    #[before(save)]
    fn more(&self, more: u8) -> Result<()> {
        let _ = more;
        Ok(())
    }

    #[after(delete)]
    fn no_result(&self) {}
}

fn main() {}
