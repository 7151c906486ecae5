//! What serde and schemars know of a model's struct, made to say all that its Rust types ask for.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json, json};

use super::close::close_structs;
use super::{escape, walk};
use crate::error::{Error, Result};
use crate::model::{FieldDef, ModelDef};

/// The schemas of a model's struct as serde reads and as it writes it, and those of fields that are described by hand.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(super) input: Json,
    pub(super) output: Json,
    pub(crate) instant: Json,
    by_hand: BTreeMap<String, Json>,
}

impl Sources {
    pub(crate) fn of(def: &ModelDef) -> Result<Self> {
        let (mut input, mut output) = match &def.ops {
            Some(ops) => ((ops.input_schema)(), (ops.output_schema)()),
            None => (json!({}), json!({})),
        };
        for root in [&mut input, &mut output] {
            name_root(root, &def.name);
            tighten(root);
        }
        let mut by_hand = BTreeMap::new();
        for field in &def.fields {
            if let Some(schema) = &field.schema {
                let mut schema = schema.clone();
                tighten(&mut schema);
                by_hand.insert(field.name.to_string(), schema);
            }
        }
        Ok(Self {
            input,
            output,
            instant: json!({"type": ["string", "null"], "format": "date-time"}),
            by_hand,
        })
    }

    /// A field's schema as it is read, and the document that its references lead into.
    pub(crate) fn property<'a>(&'a self, field: &'a FieldDef) -> Result<(&'a Json, &'a Json)> {
        self.find(&self.input, field).ok_or_else(|| {
            let name = &field.name;
            Error::setup(format!("the schema of the struct has no property `{name}`: do its serde and schemars attributes agree?"))
        })
    }

    /// The model that a field links to, and whether as its parent.
    pub(crate) fn link(&self, field: &FieldDef) -> Option<(String, bool)> {
        let (schema, root) = self.find(&self.input, field)?;
        link_in(schema, root)
    }

    /// The fields that serde reads from the struct's own form.
    pub(crate) fn struct_properties(&self) -> impl Iterator<Item = &str> {
        let properties = self.input.get("properties").and_then(Json::as_object);
        properties
            .into_iter()
            .flat_map(|map| map.keys())
            .map(String::as_str)
    }

    /// A field's schema in one of the two documents, and the document that its references lead into.
    pub(super) fn find<'a>(
        &'a self,
        root: &'a Json,
        field: &'a FieldDef,
    ) -> Option<(&'a Json, &'a Json)> {
        match self.by_hand.get(&*field.name).or(field.schema.as_ref()) {
            Some(schema) => Some((schema, schema)),
            None => root
                .get("properties")?
                .get(&*field.name)
                .map(|schema| (schema, root)),
        }
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
    schema
        .get("anyOf")
        .and_then(Json::as_array)?
        .iter()
        .find_map(|choice| link_in(choice, root))
}

/// A struct that holds itself refers to `#`. Our views are other documents, so the struct gets a definition of its own.
fn name_root(root: &mut Json, name: &str) {
    if !walk::references(root).contains(&"#") {
        return;
    }
    let mut whole = root.clone();
    if let Json::Object(map) = &mut whole {
        map.remove("$defs");
    }
    if let Json::Object(map) = root
        && let Json::Object(definitions) = map.entry("$defs").or_insert_with(|| json!({}))
    {
        definitions.entry(name).or_insert(whole);
    }
    let pointer = format!("#/$defs/{}", escape(name));
    walk::each_mut(root, &mut |map| {
        if map.get("$ref").is_some_and(|target| target == "#") {
            map.insert("$ref".to_owned(), pointer.as_str().into());
        }
    });
}

/// Makes a schema as strict as the Rust types that it was made of.
///
/// schemars says the width of a number as a format only, which no validator checks, and leaves structs inside a field
/// open, although serde would drop what it does not know. Base64 is an annotation in JSON Schema, so it gets a pattern.
pub(crate) fn tighten(schema: &mut Json) {
    close_structs(schema);
    walk::each_mut(schema, &mut |map| {
        bound(map);
        if map
            .get("contentEncoding")
            .is_some_and(|encoding| encoding == "base64")
        {
            map.entry("pattern").or_insert_with(|| BASE64.into());
        }
    });
}

/// Base64 (RFC 4648, section 4) with padding and without stray bits.
const BASE64: &str =
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// Writes the range of a Rust number into its schema, and narrows one that promises more.
fn bound(map: &mut Map<String, Json>) {
    let has = |name: &str| match map.get("type") {
        Some(Json::String(one)) => one == name,
        Some(Json::Array(names)) => names.iter().any(|one| one == name),
        _ => false,
    };
    let format = map.get("format").and_then(Json::as_str).unwrap_or_default();
    let range: Option<(Number, Number)> = match format {
        "float" if has("number") => {
            Number::from_f64(f64::from(f32::MIN)).zip(Number::from_f64(f64::from(f32::MAX)))
        }
        _ if !has("integer") => None,
        "int8" => Some((i8::MIN.into(), i8::MAX.into())),
        "int16" => Some((i16::MIN.into(), i16::MAX.into())),
        "int32" => Some((i32::MIN.into(), i32::MAX.into())),
        "uint8" => Some((0.into(), u8::MAX.into())),
        "uint16" => Some((0.into(), u16::MAX.into())),
        "uint32" => Some((0.into(), u32::MAX.into())),
        "uint64" | "uint" => Some((0.into(), u64::MAX.into())),
        "int128" | "uint128" => None,
        _ => Some((i64::MIN.into(), i64::MAX.into())),
    };
    let Some((least, most)) = range else { return };
    let float = |number: &Number| number.as_f64().unwrap_or_default();
    if map
        .get("minimum")
        .and_then(Json::as_f64)
        .is_none_or(|said| said < float(&least))
    {
        map.insert("minimum".to_owned(), Json::Number(least));
    }
    if map
        .get("maximum")
        .and_then(Json::as_f64)
        .is_none_or(|said| said > float(&most))
    {
        map.insert("maximum".to_owned(), Json::Number(most));
    }
}
