//! The operations that have rules, and what comes near them.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(view = "true", wirte = "true", list = "true"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
