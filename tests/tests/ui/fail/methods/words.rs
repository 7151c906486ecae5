//! A method that there is none of, with the nearest one; one that has nothing to echo.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(handle(get, lst), restrict(remove), echo(get, delete = no))]
struct Post {
    #[model(id)]
    id: Id<Post>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(restrict = "delete", handle, echoes(delete))]
struct Other {
    #[model(id)]
    id: Id<Other>,
    #[model(restrict(delete))]
    title: String,
}

fn main() {}
