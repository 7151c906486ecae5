//! What a model does not handle can be neither restricted nor echoed.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(handle(get, list, put_new), restrict(delete, put), echo(post))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

fn main() {}
