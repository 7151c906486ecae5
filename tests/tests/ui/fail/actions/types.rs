//! Arguments can be read from JSON and results written to it.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}


struct Opaque;

#[model_impl]
impl Post {
    #[action]
    fn takes(&self, what: Opaque) -> Result<()> {
        let _ = what;
        Ok(())
    }

    #[action]
    fn gives(&self) -> Result<Opaque> {
        Ok(Opaque)
    }
}

fn main() {}
