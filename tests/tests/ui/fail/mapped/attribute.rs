//! `#[mapped(Source, via = link)]`, on a struct with named fields.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Comment {
    #[model(id)]
    id: Id<Comment>,
    post: ModelLink<Comment>,
    text: String,
}

#[derive(Mapped)]
struct Missing {
    text: String,
}

#[derive(Mapped)]
#[mapped(Comment)]
struct NoVia {
    text: String,
}

#[derive(Mapped)]
#[mapped(via = post)]
struct NoSource {
    text: String,
}

#[derive(Mapped)]
#[mapped(Comment, vai = post)]
struct Unknown {
    text: String,
}

#[derive(Mapped)]
#[mapped(Comment, via = post, via = post)]
struct Twice {
    text: String,
}

#[derive(Mapped)]
#[mapped(Comment, via = post)]
struct Tuple(String);

#[derive(Mapped)]
#[mapped(Comment, via = post)]
enum Choice {
    One,
}

#[derive(Mapped)]
#[mapped(Comment, via = post)]
struct Generic<T> {
    text: T,
}

fn main() {}
