//! A record is read from a store, so it borrows nothing.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post<'a> {
    #[model(id)]
    id: String,
    title: &'a str,
}

fn main() {}
