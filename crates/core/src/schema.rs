//! JSON Schemas: the three closed views of a model, and the checks that are compiled from them.

mod check;
mod close;
mod definitions;
mod files;
mod openapi;
mod sources;
pub(crate) mod views;
mod walk;

pub use check::Check;
pub use files::{schema_files, write_schemas};
pub use openapi::openapi;
pub use views::Views;
pub(crate) use walk::{mentions, references};

/// A name as a step of a JSON Pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1")
    } else {
        name.to_owned()
    }
}
