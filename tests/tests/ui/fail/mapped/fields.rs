//! What is copied is in the source, of the same type, and not hidden there.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Comment>,
    text: String,
    score: f64,
    #[model(server_only)]
    notes: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(Comment, via = post)]
struct Card {
    txet: String,
    score: i64,
    notes: Option<String>,
    id: Id<Comment>,
    #[serde(rename = "body")]
    text: String,
    #[serde(skip)]
    of_no_model: u8,
}

fn main() {}
