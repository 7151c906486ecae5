//! One model, one schema.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post<const N: usize> {
    #[model(id)]
    id: String,
}

fn main() {}
