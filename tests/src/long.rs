//! How much a test does.

/// A number of rounds: the first in the usual run, the second where `LARDER_LONG` is set (`cargo xtask test --long`).
pub fn rounds(usual: usize, long: usize) -> usize {
    match std::env::var_os("LARDER_LONG") {
        Some(_) => long,
        None => usual,
    }
}
