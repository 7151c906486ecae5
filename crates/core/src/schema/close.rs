//! Closing the structs inside a field: serde drops a member it does not know, so it is refused and not lost.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::escape;

/// Words that say themselves what else an object takes, or bring in more members from elsewhere.
const OPEN: [&str; 6] = [
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "additionalProperties",
    "unevaluatedProperties",
];

/// Closes every struct that is written out in one piece, unless it says itself what else it takes.
pub(super) fn close_structs(root: &mut Json) {
    let open = open_definitions(root);
    close(root, false);
    if let Some(Json::Object(definitions)) = root.get_mut("$defs") {
        for (name, schema) in definitions.iter_mut() {
            close(schema, open.contains(&format!("#/$defs/{}", escape(name))));
        }
    }
}

fn close(schema: &mut Json, open: bool) {
    let Json::Object(map) = schema else { return };
    let has_members = map.contains_key("properties");
    if has_members && !open && !OPEN.iter().any(|word| map.contains_key(*word)) {
        map.insert("additionalProperties".to_owned(), false.into());
    }
    for (word, value) in map.iter_mut() {
        let open = adds_members(word, has_members, open);
        match (word.as_str(), value) {
            ("properties" | "patternProperties", Json::Object(parts)) => {
                parts.values_mut().for_each(|part| close(part, open));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Json::Array(parts)) => {
                parts.iter_mut().for_each(|part| close(part, open));
            }
            ("items" | "additionalProperties" | "not", part) => close(part, open),
            _ => {}
        }
    }
}

/// Whether the schemas under this word describe the same object as the schema around them, together with others.
fn adds_members(word: &str, has_members: bool, open: bool) -> bool {
    match word {
        "allOf" => true,
        "anyOf" | "oneOf" => open || has_members,
        _ => false,
    }
}

/// The definitions that describe an object together with other schemas: closing them would refuse the others' members.
fn open_definitions(root: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let definitions = root.get("$defs").and_then(Json::as_object);
    look(root, false, &mut found);
    definitions
        .into_iter()
        .flat_map(Map::values)
        .for_each(|schema| look(schema, false, &mut found));
    // What an open definition consists of is open too.
    let mut done = BTreeSet::new();
    while let Some(pointer) = found.difference(&done).next().cloned() {
        if let Some(schema) = root.pointer(pointer.strip_prefix('#').unwrap_or("?")) {
            look(schema, true, &mut found);
        }
        done.insert(pointer);
    }
    found
}

fn look(schema: &Json, open: bool, found: &mut BTreeSet<String>) {
    let Json::Object(map) = schema else { return };
    let has_members = map.contains_key("properties");
    if let Some(target) = map
        .get("$ref")
        .and_then(Json::as_str)
        .filter(|_| open || has_members)
    {
        found.insert(target.to_owned());
    }
    for (word, value) in map {
        let open = adds_members(word, has_members, open);
        match (word.as_str(), value) {
            ("properties" | "patternProperties", Json::Object(parts)) => {
                parts.values().for_each(|part| look(part, open, found));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Json::Array(parts)) => {
                parts.iter().for_each(|part| look(part, open, found));
            }
            ("items" | "additionalProperties" | "not", part) => look(part, open, found),
            _ => {}
        }
    }
}
