//! A model is a struct with named fields.

use larder::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
enum Status {
    Draft,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Pair(u8, u8);

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Nothing;

fn main() {}
