//! A field that no client may send has a default.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
enum Status {
    Draft,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(read_only)]
    status: Status,
}

fn main() {}
