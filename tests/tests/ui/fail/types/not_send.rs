//! Records go from thread to thread.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[serde(skip)]
    cache: std::rc::Rc<u8>,
}

fn main() {}
