//! Nor does the usual order tell of hidden fields.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(default_sort = "-notes")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[model(server_only)]
    notes: Secret<String>,
}

fn main() {}
