//! A model is not generic.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post<T> {
    #[model(id)]
    id: Id<u8>,
    body: T,
}

fn main() {}
