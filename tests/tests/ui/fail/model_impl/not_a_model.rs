//! `#[model_impl]` on a struct without the derive.

use larder::prelude::*;

struct Post;

#[model_impl]
impl Post {
    #[before(save)]
    fn stamp(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
