//! Only models are models of an app.

use larder::prelude::*;

struct Post;

fn main() {
    let _ = models![Post];
}
