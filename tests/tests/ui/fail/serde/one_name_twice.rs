//! Two fields of one name in JSON, by `rename` and by case.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Post {
    #[model(id)]
    id: Id<Post>,
    #[serde(rename = "title")]
    heading: String,
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
struct Note {
    #[model(id)]
    id: Id<Note>,
    #[serde(rename = "firstName")]
    name: String,
    first_name: String,
}

fn main() {}
