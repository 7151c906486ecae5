//! The three closed views of a model: what may be sent, what is answered, what is stored.

use serde_json::{Map, Value as Json, json};

use crate::error::{Error, Result};
use crate::model::{ActionDef, Field, FieldDef, ModelDef};

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

/// The schemas that serde and schemars know of a model's struct.
#[derive(Debug)]
pub(crate) struct Sources {
    input: Json,
    output: Json,
    pub(crate) instant: Json,
}

impl Sources {
    pub(crate) fn of(def: &ModelDef) -> Result<Self> {
        let (mut input, mut output) = match &def.ops {
            Some(ops) => ((ops.input_schema)(), (ops.output_schema)()),
            None => (json!({}), json!({})),
        };
        bound_integers(&mut input);
        bound_integers(&mut output);
        Ok(Self { input, output, instant: json!({"type": ["string", "null"], "format": "date-time"}) })
    }

    /// A field's schema as it is read, and the document that its references lead into.
    pub(crate) fn property<'a>(&'a self, field: &'a FieldDef) -> Result<(&'a Json, &'a Json)> {
        find(&self.input, field).ok_or_else(|| {
            Error::setup(format!("the schema of the struct has no property `{}`: do its serde and schemars attributes agree?", field.name))
        })
    }

    /// The model that a field links to, and whether as its parent.
    pub(crate) fn link(&self, field: &FieldDef) -> Option<(String, bool)> {
        let (schema, root) = find(&self.input, field)?;
        link_in(schema, root)
    }
}

fn link_in(schema: &Json, root: &Json) -> Option<(String, bool)> {
    let schema = crate::model::resolve(schema, root);
    if let Some(model) = schema.get("x-link").and_then(Json::as_str) {
        return Some((model.to_owned(), false));
    }
    if let Some(model) = schema.get("x-parent").and_then(Json::as_str) {
        return Some((model.to_owned(), true));
    }
    schema.get("anyOf").and_then(Json::as_array)?.iter().find_map(|choice| link_in(choice, root))
}

fn find<'a>(root: &'a Json, field: &'a FieldDef) -> Option<(&'a Json, &'a Json)> {
    match &field.schema {
        Some(schema) => Some((schema, schema)),
        None => root.get("properties")?.get(field.name).map(|schema| (schema, root)),
    }
}

impl Views {
    pub(crate) fn new(def: &ModelDef, fields: &[Field], sources: &Sources) -> Self {
        let view = |kind: &str, root: &Json, keep: &dyn Fn(&Field) -> Option<bool>| {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for field in fields {
                let Some(is_required) = keep(field) else { continue };
                let Some((schema, _)) = find(root, &field.def) else { continue };
                let mut schema = schema.clone();
                if kind == "input" && !field.writable {
                    mark_read_only(&mut schema);
                }
                if is_required {
                    required.push(Json::from(field.name()));
                }
                properties.insert(field.name().to_owned(), schema);
            }
            let mut view = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": def.name,
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
            });
            if let Json::Object(map) = &mut view {
                if !required.is_empty() {
                    map.insert("required".to_owned(), required.into());
                }
                if let Some(doc) = def.doc {
                    map.insert("description".to_owned(), doc.into());
                }
                if let Some(definitions) = root.get("$defs") {
                    map.insert("$defs".to_owned(), definitions.clone());
                }
            }
            view
        };
        Self {
            input: view("input", &sources.input, &|field| (!field.server_only).then_some(field.required)),
            output: view("output", &sources.output, &|field| (!field.server_only).then_some(!field.omit_null)),
            stored: view("stored", &sources.output, &|_| Some(true)).pipe(nullable_where_omitted(fields)),
        }
    }
}

trait Pipe: Sized {
    fn pipe(self, change: impl FnOnce(Self) -> Self) -> Self {
        change(self)
    }
}

impl Pipe for Json {}

/// A store keeps a null where an answer leaves the field out.
fn nullable_where_omitted(fields: &[Field]) -> impl FnOnce(Json) -> Json + '_ {
    |mut view| {
        for field in fields.iter().filter(|field| field.nullable()) {
            if let Some(schema) = view.pointer_mut(&format!("/properties{}", field.pointer())) {
                make_nullable(schema);
            }
        }
        view
    }
}

fn make_nullable(schema: &mut Json) {
    let Some(map) = schema.as_object_mut() else { return };
    match map.get_mut("type") {
        Some(Json::String(name)) if name != "null" => {
            let names = json!([name.as_str(), "null"]);
            map.insert("type".to_owned(), names);
            if let Some(Json::Array(constants)) = map.get_mut("enum")
                && !constants.contains(&Json::Null)
            {
                constants.push(Json::Null);
            }
        }
        _ => {}
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
    let mut properties = Map::new();
    let mut required = Vec::new();
    for arg in &action.args {
        let schema = (arg.schema)();
        if !crate::model::Kind::of_schema(&schema, &schema).1 {
            required.push(Json::from(arg.name));
        }
        properties.insert(arg.name.to_owned(), schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Json::Object(map) = &mut schema
        && !required.is_empty()
    {
        map.insert("required".to_owned(), required.into());
    }
    schema
}

/// Writes the range of Rust's integers into a schema: schemars gives it as a format only, and a validator does not check
/// formats, so that a value could pass the schema and not fit the field.
pub(crate) fn bound_integers(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            let range: Option<(Json, Json)> = match map.get("format").and_then(Json::as_str) {
                Some("int8") => Some((i8::MIN.into(), i8::MAX.into())),
                Some("int16") => Some((i16::MIN.into(), i16::MAX.into())),
                Some("int32") => Some((i32::MIN.into(), i32::MAX.into())),
                Some("int64" | "int") => Some((i64::MIN.into(), i64::MAX.into())),
                Some("uint8") => Some((0.into(), u8::MAX.into())),
                Some("uint16") => Some((0.into(), u16::MAX.into())),
                Some("uint32") => Some((0.into(), u32::MAX.into())),
                Some("uint64" | "uint") => Some((0.into(), u64::MAX.into())),
                _ => None,
            };
            if let Some((least, most)) = range {
                map.entry("minimum").or_insert(least);
                map.entry("maximum").or_insert(most);
            }
            map.values_mut().for_each(bound_integers);
        }
        Json::Array(items) => items.iter_mut().for_each(bound_integers),
        _ => {}
    }
}
