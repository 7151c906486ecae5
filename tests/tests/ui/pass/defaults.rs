//! Defaults of the whole struct, and of fields that clients may not send.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(default)]
struct Settings {
    #[model(id)]
    id: String,
    colour: String,
    #[model(read_only)]
    #[serde(default = "now")]
    since: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            id: String::new(),
            colour: "red".to_owned(),
            since: 0,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(default = "usual")]
struct Other {
    #[model(id)]
    id: String,
    size: u32,
}

fn now() -> u64 {
    7
}

fn usual() -> Other {
    Other {
        id: String::new(),
        size: 5,
    }
}

fn main() {
    larder::models![Settings, Other];
}
