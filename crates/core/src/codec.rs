//! Between JSON text, records and structs. One pass each, no intermediate document.

mod draft;
mod read;
pub(crate) mod typed;
mod write;

pub use draft::Draft;
pub(crate) use read::{accept, read_body, read_value, unknown};
pub(crate) use write::write_object;
