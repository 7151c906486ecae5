//! Keys that contradict each other.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(create = "true", update = "true", delete = "true", write = "false"))]
struct Post {
    #[model(id, owner)]
    id: Id<Post>,
    #[model(owner, read_only)]
    author: String,
    #[model(read_only, server_only)]
    notes: Secret<String>,
    #[model(read_only)]
    __key: Secret<String>,
}

fn main() {}
