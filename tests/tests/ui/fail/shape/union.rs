//! A union has no JSON.

use larder::prelude::*;

#[derive(Model)]
union Post {
    id: u32,
    other: f32,
}

fn main() {}
