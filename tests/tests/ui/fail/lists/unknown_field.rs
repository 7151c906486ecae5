//! Fields in `search`, `sort` and `default_sort` exist.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(search(titel = contains, nothing = eq), sort(title, titl), default_sort = "-tilte")]
struct Post {
    #[model(id)]
    id: Id<Post>,
    title: String,
}

fn main() {}
