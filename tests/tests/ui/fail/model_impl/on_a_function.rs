//! It stands on an impl.

use larder::prelude::*;

#[model_impl]
fn publish() {}

fn main() {}
