//! A model has no conditions.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post
where
    String: Clone,
{
    #[model(id)]
    id: String,
}

fn main() {}
