//! `via` is a link of the source, to the model that holds the copies.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Post>,
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(Comment, via = text)]
struct NoLink {
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(Comment, via = pots)]
struct NoField {
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Mapped)]
#[mapped(Comment, via = post)]
struct Card {
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    comments: ModelsMapped<Card>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    comment: ModelMapped<Card>,
}

fn main() {}
