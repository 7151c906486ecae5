//! Keys about a table, given twice or in the wrong place.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(read_only, version = none, column = "x")]
#[model(version = "v", read_only)]
struct Post {
    #[model(id, column = "a", column = "b")]
    id: String,
    #[model(version = none)]
    title: String,
    #[serde(skip)]
    #[model(column = "c")]
    cache: String,
}

fn main() {}
