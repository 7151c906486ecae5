//! A method stands in a list once, and `put` stands for two.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(handle(get, get, put, delete), restrict(delete, put, put_new), echo(put_existing, put = false))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
