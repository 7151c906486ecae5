//! The URL of a record has to end with something of its own.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct User {
    #[model(id)]
    id: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users/{user}/profiles")]
struct Profile {
    #[model(id)]
    user: ModelParent<User>,
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users/{user}/friends/{friend}/visits")]
struct Visits {
    #[model(id)]
    user: ModelParent<User>,
    #[model(id)]
    friend: ModelParent<User>,
    number: u32,
}

fn main() {}
