//! JSON Schemas: the three closed views of a model, and the checks that are compiled from them.

mod check;
mod close;
mod decimal;
mod definitions;
mod files;
mod openapi;
mod sources;
pub(crate) mod views;
mod walk;

pub use check::Check;
pub(crate) use decimal::{FORMAT as DECIMAL, is_decimal, is_plain_decimal};
pub use files::{schema_files, write_schemas};
pub use openapi::openapi;
pub use views::Views;
pub(crate) use walk::{mentions, references};

/// A schema of a document as a document of its own, with the definitions that it needs.
pub(crate) fn whole(schema: &serde_json::Value, root: &serde_json::Value) -> serde_json::Value {
    let mut definitions = definitions::Definitions::new("#/$defs/");
    let mut schema = definitions.adopt(schema, root);
    if let serde_json::Value::Object(map) = &mut schema
        && !definitions.is_empty()
    {
        map.insert("$defs".to_owned(), definitions.into_map().into());
    }
    schema
}

/// A name as a step of a JSON Pointer (RFC 6901).
pub(crate) fn escape(name: &str) -> String {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1")
    } else {
        name.to_owned()
    }
}
