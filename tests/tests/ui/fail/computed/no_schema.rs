//! What a computed field returns needs a schema.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Serialize)]
struct Plain;

#[model_impl]
impl Post {
    #[computed]
    fn plain(&self) -> Plain {
        Plain
    }
}

fn main() {}
