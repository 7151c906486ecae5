//! Nothing to build: the `links` key alone keeps two versions of this crate, and so two registries, out of one program.

fn main() {}
