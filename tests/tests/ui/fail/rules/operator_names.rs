//! Operators have names, and some are near.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "lik(title,a)", create = "title=ilike=a", update = "between(title,a,b)", delete = "regex(title,a)"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
