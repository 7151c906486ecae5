//! The three closed views of a model: what may be sent, what is answered, what is stored.

use serde_json::{Map, Value as Json, json};

use super::definitions::Definitions;
pub(crate) use super::sources::{Sources, tighten as bound_integers};
use crate::model::{ActionDef, Field, ModelDef};

/// The JSON Schemas (2020-12) of a model. All are closed: a field that is not listed is refused.
#[derive(Clone, Debug)]
pub struct Views {
    /// What a client may send. Read-only fields stand in it as `readOnly` and are ignored, so that a client can send back
    /// what it read; server-only ones do not exist.
    pub input: Json,
    /// What a client gets.
    pub output: Json,
    /// What is stored, server-only fields included.
    pub stored: Json,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Input,
    Output,
    Stored,
}

impl Views {
    pub(crate) fn new(def: &ModelDef, fields: &[Field], sources: &Sources) -> Self {
        Self {
            input: view(View::Input, def, fields, sources),
            output: view(View::Output, def, fields, sources),
            stored: view(View::Stored, def, fields, sources),
        }
    }
}

fn view(view: View, def: &ModelDef, fields: &[Field], sources: &Sources) -> Json {
    let root = if view == View::Input {
        &sources.input
    } else {
        &sources.output
    };
    let mut definitions = Definitions::new("#/$defs/");
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        if field.server_only && view != View::Stored {
            continue;
        }
        let Some((schema, document)) = sources.find(root, &field.def) else {
            continue;
        };
        let mut schema = definitions.adopt(schema, document);
        match view {
            View::Input if !field.writable => mark_read_only(&mut schema),
            // A store keeps a null where an answer leaves the field out.
            View::Stored if field.nullable() => make_nullable(&mut schema),
            _ => {}
        }
        let is_required = match view {
            View::Input => field.required,
            View::Output => !field.omit_null,
            View::Stored => true,
        };
        if is_required {
            required.push(Json::from(field.name()));
        }
        properties.insert(field.name().to_owned(), schema);
    }
    let mut map = Map::new();
    map.insert(
        "$schema".to_owned(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    map.insert("title".to_owned(), (&*def.name).into());
    // What the struct says of itself: `#[schemars(title = "..", deprecated)]` and the like.
    for word in ["title", "description", "deprecated", "examples"] {
        map.extend(root.get(word).map(|said| (word.to_owned(), said.clone())));
    }
    map.extend(
        def.doc
            .as_deref()
            .map(|doc| ("description".to_owned(), doc.into())),
    );
    map.insert("type".to_owned(), "object".into());
    map.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        map.insert("required".to_owned(), required.into());
    }
    map.insert("additionalProperties".to_owned(), false.into());
    if !definitions.is_empty() {
        map.insert("$defs".to_owned(), definitions.into_map().into());
    }
    Json::Object(map)
}

/// The same schema, with null allowed.
pub(crate) fn make_nullable(schema: &mut Json) {
    let Json::Object(map) = schema else { return };
    let choice = ["anyOf", "oneOf"]
        .iter()
        .find_map(|word| map.get(*word)?.as_array());
    if choice.is_some_and(|parts| {
        parts
            .iter()
            .any(|part| part.get("type").is_some_and(|name| name == "null"))
    }) {
        return;
    }
    if map.contains_key("const") || !map.contains_key("type") {
        if !map.is_empty()
            && !map
                .keys()
                .all(|word| word.starts_with("x-") || word == "description")
        {
            let inner = std::mem::take(schema);
            *schema = json!({ "anyOf": [inner, { "type": "null" }] });
        }
        return;
    }
    match map.get_mut("type") {
        Some(Json::String(name)) if name != "null" => {
            let names = json!([name.as_str(), "null"]);
            map.insert("type".to_owned(), names);
        }
        Some(Json::Array(names)) if !names.iter().any(|name| name == "null") => {
            names.push("null".into());
        }
        _ => {}
    }
    if let Some(Json::Array(constants)) = map.get_mut("enum")
        && !constants.contains(&Json::Null)
    {
        constants.push(Json::Null);
    }
}

fn mark_read_only(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            map.insert("readOnly".to_owned(), true.into());
        }
        other => *other = json!({ "readOnly": true }),
    }
}

/// The schema of an action's arguments, closed.
pub(crate) fn arguments(action: &ActionDef) -> Json {
    let schemas: Vec<Json> = action
        .args
        .iter()
        .map(|arg| {
            let mut schema = (arg.schema)();
            bound_integers(&mut schema);
            schema
        })
        .collect();
    let mut definitions = Definitions::new("#/$defs/");
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (arg, schema) in action.args.iter().zip(&schemas) {
        if !crate::model::Kind::of_schema(schema, schema).1 {
            required.push(Json::from(arg.name));
        }
        properties.insert(arg.name.to_owned(), definitions.adopt(schema, schema));
    }
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Json::Object(map) = &mut schema {
        if !required.is_empty() {
            map.insert("required".to_owned(), required.into());
        }
        if !definitions.is_empty() {
            map.insert("$defs".to_owned(), definitions.into_map().into());
        }
    }
    schema
}
