//! Names in lists are the names in JSON.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
#[model(search(first_name = eq), sort(lastName))]
struct User {
    #[model(id)]
    id: Id<User>,
    first_name: String,
    last_name: String,
}

fn main() {}
