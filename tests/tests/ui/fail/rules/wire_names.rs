//! Rules speak of names in JSON.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
#[model(rules(read = "first_name=ann"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    first_name: String,
}

fn main() {}
