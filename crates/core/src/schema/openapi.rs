//! OpenAPI 3.1 of the REST door.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::model::Compiled;

/// The OpenAPI document of these models.
pub fn openapi(models: &[Arc<Compiled>], _title: &str, _version: &str) -> Json {
    let _ = models;
    json!({})
}
