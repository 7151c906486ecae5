//! Hooks and actions may have an error type of their own, if larder's can be made of it.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

struct Full;

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        Error::denied(409, "full")
    }
}

#[model_impl]
impl Post {
    #[before(save)]
    fn check(&self) -> std::result::Result<(), Full> {
        Err(Full)
    }

    #[action]
    fn fill(&self) -> std::result::Result<u8, Full> {
        Err(Full)
    }
}

fn main() {}
