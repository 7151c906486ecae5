//! Hundreds of generated structs, to show that what serde can do to a field larder can store.
//!
//! Rust makes no types at run time, so `build.rs` writes them: [`shape`] grows trees of types from a seed, `print.rs` turns
//! each tree into a struct, and [`values`] into a strategy for the JSON that it takes. Test and build script grow the same
//! trees, so a failure names a shape by its number and shows its source.

#[allow(
    missing_docs,
    reason = "the names of the variants are those of Rust and serde"
)]
pub mod shape;
pub mod values;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// One generated model, by functions of its struct.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its source.
    pub source: &'static str,
    /// Reads JSON and writes it again, by serde alone.
    pub by_serde: fn(Json) -> Result<Json, String>,
    /// The same by way of larder's values.
    pub by_values: fn(Json) -> Result<Json, String>,
}

impl Case {
    /// The functions of a struct.
    pub const fn of<T: Serialize + DeserializeOwned>(source: &'static str) -> Self {
        Self {
            source,
            by_serde: by_serde::<T>,
            by_values: by_values::<T>,
        }
    }
}

fn by_serde<T: Serialize + DeserializeOwned>(json: Json) -> Result<Json, String> {
    let typed: T = serde_json::from_value(json).map_err(|error| error.to_string())?;
    serde_json::to_value(&typed).map_err(|error| error.to_string())
}

fn by_values<T: Serialize + DeserializeOwned>(json: Json) -> Result<Json, String> {
    let typed: T = larder::query::from_value(&json.into()).map_err(|error| error.to_string())?;
    let value = larder::query::to_value(&typed).map_err(|error| error.to_string())?;
    Ok(value.into())
}

/// The structs themselves.
#[allow(
    unused_imports,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::all,
    clippy::pedantic
)]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
}
