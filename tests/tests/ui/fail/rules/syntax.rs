//! A rule that can't be parsed: the place is drawn into the message.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "status=published&author=$actor.id|featured=true", create = "status=is=draft", write = ""))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    status: String,
    author: String,
    featured: bool,
}

fn main() {}
