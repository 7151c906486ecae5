//! What a part of an id can't be beside that.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Order {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/lines")]
struct Line {
    #[model(id, index)]
    shop: String,
    #[model(id)]
    order: ModelLink<Order>,
    #[model(id, server_only)]
    secret: Secret<String>,
    #[model(id, unique, index)]
    number: u32,
    #[model(id, owner)]
    by: String,
}

fn main() {}
