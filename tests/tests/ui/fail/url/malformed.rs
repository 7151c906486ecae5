//! URLs that are none.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "posts")]
struct Relative {
    #[model(id)]
    id: Id<Relative>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts/")]
struct Trailing {
    #[model(id)]
    id: Id<Trailing>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts?all")]
struct Query {
    #[model(id)]
    id: Id<Query>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/my{blog}/posts")]
struct Part {
    #[model(id)]
    id: Id<Part>,
}

fn main() {}
