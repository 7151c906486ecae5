//! A name leads into a field that can have something inside.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(title.text = eq, lines.sku = eq, other.text = eq), sort(title.text))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: String,
}

fn main() {}
