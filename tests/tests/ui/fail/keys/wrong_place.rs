//! Keys of the struct on a field and the other way round.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(index)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(url = "/posts")]
    title: String,
}

fn main() {}
