//! Nobody but the client gives the parts of an id.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(id(client))]
struct Flight {
    #[model(id)]
    carrier: String,
    #[model(id)]
    number: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(id(database))]
struct Line {
    #[model(id)]
    order: i64,
    #[model(id)]
    line: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Many {
    #[model(id)]
    a: u8,
    #[model(id)]
    b: u8,
    #[model(id)]
    c: u8,
    #[model(id)]
    d: u8,
    #[model(id)]
    e: u8,
    #[model(id)]
    f: u8,
    #[model(id)]
    g: u8,
    #[model(id)]
    h: u8,
    #[model(id)]
    i: u8,
}

fn main() {}
