//! Lists look at the model's own fields.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(author.name = eq), sort(author.name))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: ModelLink<Post>,
}

fn main() {}
