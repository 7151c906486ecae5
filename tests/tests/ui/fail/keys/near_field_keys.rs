//! Keys of fields, nearly.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(readonly)]
    a: String,
    #[model(serveronly)]
    b: String,
    #[model(uniqe)]
    c: String,
    #[model(onwer)]
    d: String,
}

fn main() {}
