//! The source is a model, and what is held is a mapped copy.

use larder::prelude::*;

struct Comment;

#[derive(Mapped)]
#[mapped(Comment, via = post)]
struct Card {
    text: String,
}

struct Plain {
    text: String,
}

struct Post {
    comments: ModelsMapped<Plain>,
}

fn main() {
    let _ = |_: &Post, card: Card, plain: Plain| (card.text, plain.text);
}
