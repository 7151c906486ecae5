//! A JSON Schema in a few words: `text, at most 120 long`, `list of Tag`, a link to what has a name.

use serde_json::Value as Json;

use crate::pages::html::Page;

/// How deep a schema is told; the whole of it stands in the JSON below.
const DEPTH: usize = 4;

/// Keywords that narrow a value, as they stand in the schema.
const LIMITS: [&str; 12] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
];

/// Writes what values a schema allows.
pub(super) fn kind(page: &mut Page, schema: &Json) {
    write(page, schema, DEPTH);
}

fn write(page: &mut Page, schema: &Json, depth: usize) {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        page.raw("<a href=\"#schema-")
            .text(&name)
            .raw("\">")
            .text(&name)
            .raw("</a>");
        return;
    }
    if depth == 0 {
        page.raw("...");
        return;
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        if let Some(all) = schema[word].as_array() {
            let between = if word == "allOf" { " and " } else { " or " };
            for (at, one) in all.iter().enumerate() {
                page.raw(if at == 0 { "" } else { between });
                write(page, one, depth - 1);
            }
            return;
        }
    }
    let values = schema.get("enum").and_then(Json::as_array).cloned();
    if let Some(values) = values.or_else(|| Some(vec![schema.get("const")?.clone()])) {
        let texts: Vec<String> = values.iter().map(Json::to_string).collect();
        page.raw("<code>").text(&texts.join(" | ")).raw("</code>");
        return;
    }
    let names: Vec<&str> = match &schema["type"] {
        Json::String(name) => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        _ => vec!["anything"],
    };
    for (at, name) in names.iter().enumerate() {
        page.raw(if at == 0 { "" } else { " or " }).text(name);
        let inner = match *name {
            "array" => schema.get("items"),
            "object" => schema
                .get("additionalProperties")
                .filter(|inner| inner.is_object()),
            _ => None,
        };
        if let Some(inner) = inner {
            page.raw(" of ");
            write(page, inner, depth - 1);
        }
    }
    if let Some(format) = schema["format"].as_str() {
        page.raw(" (").text(format).raw(")");
    }
    for word in LIMITS {
        if let Some(limit) = schema.get(word) {
            page.raw(" <code>")
                .text(word)
                .raw("=")
                .text(&limit.to_string())
                .raw("</code>");
        }
    }
}
