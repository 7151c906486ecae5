//! Parentheses come in pairs.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "(title=a", create = "title=a)", update = "and(title=a,title=b", delete = "()"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
