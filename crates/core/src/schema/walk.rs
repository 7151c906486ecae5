//! Going through the parts of a schema that are schemas themselves, and through nothing else.

use serde_json::{Map, Value as Json};

/// Keywords whose value is one schema.
const ONE: [&str; 4] = ["items", "additionalProperties", "not", "contains"];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 4] = ["prefixItems", "allOf", "anyOf", "oneOf"];
/// Keywords whose value is an object of schemas.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];

/// Calls `visit` with a schema and every schema inside it, the inner ones after the outer one.
pub(super) fn each_mut(schema: &mut Json, visit: &mut dyn FnMut(&mut Map<String, Json>)) {
    let Json::Object(map) = schema else { return };
    visit(map);
    for (word, value) in map.iter_mut() {
        match value {
            Json::Array(parts) if LIST.contains(&word.as_str()) => {
                parts.iter_mut().for_each(|part| each_mut(part, visit));
            }
            Json::Object(parts) if NAMED.contains(&word.as_str()) => {
                parts.values_mut().for_each(|part| each_mut(part, visit));
            }
            one if ONE.contains(&word.as_str()) => each_mut(one, visit),
            _ => {}
        }
    }
}

/// As [`each_mut`], for reading.
pub(super) fn each<'a>(schema: &'a Json, visit: &mut dyn FnMut(&'a Map<String, Json>)) {
    let Json::Object(map) = schema else { return };
    visit(map);
    for (word, value) in map {
        match value {
            Json::Array(parts) if LIST.contains(&word.as_str()) => {
                parts.iter().for_each(|part| each(part, visit));
            }
            Json::Object(parts) if NAMED.contains(&word.as_str()) => {
                parts.values().for_each(|part| each(part, visit));
            }
            one if ONE.contains(&word.as_str()) => each(one, visit),
            _ => {}
        }
    }
}

/// The pointers that a schema refers to by `$ref`, in its own order.
pub(crate) fn references(schema: &Json) -> Vec<&str> {
    let mut found = Vec::new();
    each(schema, &mut |map| {
        found.extend(map.get("$ref").and_then(Json::as_str));
    });
    found
}

/// Whether a schema, or a definition that it refers to, has a keyword.
pub(crate) fn mentions(schema: &Json, root: &Json, word: &str) -> bool {
    let mut todo = vec![schema];
    let mut done: Vec<&str> = Vec::new();
    let mut found = false;
    while let Some(next) = todo.pop() {
        each(next, &mut |map| found |= map.contains_key(word));
        for pointer in references(next) {
            if !done.contains(&pointer) {
                done.push(pointer);
                todo.extend(root.pointer(pointer.strip_prefix('#').unwrap_or("?")));
            }
        }
    }
    found
}
