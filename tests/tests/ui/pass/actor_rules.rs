//! Rules that test the actor itself.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(
    read = "$actor.role=admin|author=$actor.id",
    create = "in($actor.role,(admin,$actor.other))",
    update = "not(contains($actor.groups,banned))&$actor.level=ge=3",
    delete = "$actor.id!=null"
))]
struct Post {
    #[model(id)]
    id: Id<Post>,
    author: String,
}

#[model_impl]
impl Post {
    #[action(global, method = POST, allow = "$actor.role==admin")]
    fn clean() -> Result<()> {
        Ok(())
    }
}

fn main() {
    larder::models![Post];
}
