//! The function of a default has to be there.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[serde(default = "usual")]
    title: String,
}

fn main() {}
