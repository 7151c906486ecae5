//! The parameters of every list.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(skip = eq, sort = eq, sortBy = eq, fields = eq, select = eq, query = eq, include = eq, cursor = eq))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    skip: u32,
    sort: u32,
    #[serde(rename = "sortBy")]
    sort_by: u32,
    fields: u32,
    select: u32,
    query: u32,
    include: u32,
    cursor: u32,
}

fn main() {}
