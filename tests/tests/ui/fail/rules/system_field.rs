//! `_created` is there only with `timestamps`.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "_created=gt=2024-01-01"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
