//! The dollar sign of `$actor` is forgotten, on either side.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "author=actor.id", write = "actor.role=admin|author=string:actor.id"))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(allow = "author=actor.id")]
    fn publish(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
