//! Keys about a table with values that mean nothing.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(version, was = "", id(databse))]
struct Post {
    #[model(id, column = "")]
    id: i64,
    #[model(column)]
    title: String,
    #[model(was = 3)]
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(version = no)]
struct Other {
    #[model(id)]
    id: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(version = 2)]
struct Third {
    #[model(id)]
    id: i64,
}

fn main() {}
