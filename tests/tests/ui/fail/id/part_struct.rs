//! What has parts of its own is none of an id.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Route {
    from: String,
    to: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Flight {
    #[model(id)]
    carrier: String,
    #[model(id)]
    route: Route,
    #[model(id)]
    day: i64,
}

fn main() {}
