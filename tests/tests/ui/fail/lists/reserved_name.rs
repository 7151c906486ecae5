//! A field that is called like a parameter of every list.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(limit = eq))]
struct Account {
    #[model(id)]
    id: Id<Account>,
    limit: u32,
}

fn main() {}
