//! Keys of serde and schemars that stand under the wrong name.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rename_all = "camelCase")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(rename = "name")]
    title: String,
    #[model(default)]
    count: u32,
    #[model(skip)]
    cache: u32,
}

fn main() {}
