//! A model owns its data.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post<'a> {
    #[model(id)]
    id: String,
    title: &'a str,
}

fn main() {}
