//! How many cases a property is tried with.

/// So many, and a hundred times as many with `LARDER_LONG` (`cargo xtask test --long`).
pub(crate) fn cases(usual: u32) -> u32 {
    match std::env::var_os("LARDER_LONG") {
        Some(_) => usual * 100,
        None => usual,
    }
}
