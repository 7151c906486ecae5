//! Every key about a table that was there before the model.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(collection = "articles", was = "posts", version = "lock_version", id(database))]
struct Article {
    #[model(id, column = "article_id")]
    id: i64,
    #[model(column = "headline", was = "title")]
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(collection = "stats", read_only, version = none, rules(read = "true"))]
struct Stat {
    #[model(id)]
    name: String,
}

fn main() {
    let _ = models![Article, Stat];
}
