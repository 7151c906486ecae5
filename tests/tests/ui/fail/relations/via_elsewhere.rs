//! `via` belongs to the reverse of a link, and that has nothing that other keys could speak of.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Blog {
    #[model(id)]
    id: Id<Blog>,
    #[model(via = blog)]
    title: String,
    #[model(via = blog)]
    main: ModelLink<Blog>,
}

fn main() {}
