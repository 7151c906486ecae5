//! Rules and lists reach the model's own fields only.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "author.name=ann"), search(author.name = eq))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: ModelLink<Post>,
}

fn main() {}
