//! One small service, `/orders`, built twice: by hand on axum ([`hand`]) and with larder. `cargo xtask bench` loads both with the
//! rows of [`orders`] and compares what they answer and what an answer costs.

pub mod cpu;
mod model;
pub mod orders;

#[cfg(feature = "server")]
pub mod hand;
#[cfg(feature = "server")]
pub mod service;
