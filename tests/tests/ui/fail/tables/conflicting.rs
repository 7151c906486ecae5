//! Keys about a table that contradict each other.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(id(client, database), read_only, was = "old", rules(read = "true", write = "true", delete = "false"))]
struct Post {
    #[model(id)]
    id: i64,
    #[model(was = "title")]
    title: String,
    #[model(column = "body", was = "body")]
    text: String,
    #[model(was = "before")]
    after: String,
}

fn main() {}
