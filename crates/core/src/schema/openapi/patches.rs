//! The body of a JSON Patch, the same for all models.

use serde_json::{Value as Json, json};

/// The operations of RFC 6902. A path is a JSON Pointer to a field that the model's patch view has, or into one.
pub(super) fn operations() -> Json {
    let pointer = json!({ "type": "string", "pattern": "^(/([^~/]|~[01])*)*$" });
    let one = |names: &[&str], more: &str| {
        let mut properties = json!({ "op": { "enum": names }, "path": pointer });
        let mut required = vec!["op", "path"];
        match more {
            "" => {}
            "value" => properties["value"] = json!({}),
            more => properties[more] = pointer.clone(),
        }
        required.extend(Some(more).filter(|more| !more.is_empty()));
        json!({ "type": "object", "properties": properties, "required": required })
    };
    json!({
        "title": "JSON Patch",
        "description": "Operations on the fields of a record, run in their order, all or none (RFC 6902).",
        "type": "array",
        "maxItems": 100,
        "items": { "oneOf": [
            one(&["add", "replace", "test"], "value"),
            one(&["move", "copy"], "from"),
            one(&["remove"], ""),
        ] },
    })
}
