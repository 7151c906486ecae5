//! A schema to a [`Check`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{
    Additional, Arc, Check, Items, Json, Kind, Map, ObjectCheck, Reference, Regex, Types, Value,
};

/// Keywords that say something to people or tools and do not validate.
const ANNOTATIONS: [&str; 16] = [
    "title",
    "description",
    "default",
    "examples",
    "example",
    "readOnly",
    "writeOnly",
    "deprecated",
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "contentEncoding",
    "contentMediaType",
    "$anchor",
];

type Definitions = Arc<OnceLock<BTreeMap<String, Check>>>;

struct Compiler<'a> {
    root: &'a Json,
    all: Definitions,
    wanted: Vec<String>,
}

pub(super) fn compile(schema: &Json, root: &Json) -> Result<Check, String> {
    let mut compiler = Compiler {
        root,
        all: Arc::default(),
        wanted: Vec::new(),
    };
    let check = compiler.schema(schema)?;
    let mut definitions = BTreeMap::new();
    while let Some(name) = compiler.wanted.pop() {
        if definitions.contains_key(&name) {
            continue;
        }
        let pointer = name
            .strip_prefix('#')
            .ok_or_else(|| format!("`$ref: {name}` leads out of the document"))?;
        let target = root
            .pointer(pointer)
            .ok_or_else(|| format!("`$ref: {name}` leads nowhere"))?;
        let compiled = compiler.schema(target)?;
        definitions.insert(name, compiled);
    }
    // Set once, here: the cell was made above and nobody else has it.
    let _ = compiler.all.set(definitions);
    Ok(check)
}

impl Compiler<'_> {
    fn schema(&mut self, schema: &Json) -> Result<Check, String> {
        match schema {
            Json::Bool(true) => Ok(Check::default()),
            Json::Bool(false) => Ok(Check {
                never: true,
                ..Check::default()
            }),
            Json::Object(map) => self.object(map),
            other => Err(format!("{other} is not a schema")),
        }
    }

    fn object(&mut self, map: &Map<String, Json>) -> Result<Check, String> {
        let mut check = Check::default();
        let mut object = ObjectCheck::default();
        let mut is_object = false;
        for (word, value) in map {
            match word.as_str() {
                "type" => check.types = Some(types(value)?),
                "const" => check.constants = Some(vec![Value::from(value.clone())]),
                "enum" => {
                    check.constants = Some(
                        list(word, value)?
                            .iter()
                            .cloned()
                            .map(Value::from)
                            .collect(),
                    );
                }
                "format" => check.format = value.as_str().and_then(format),
                "pattern" => check.pattern = Some(pattern(value)?),
                "minimum" => check.minimum = Some(number(word, value)?),
                "maximum" => check.maximum = Some(number(word, value)?),
                "exclusiveMinimum" => check.above = Some(number(word, value)?),
                "exclusiveMaximum" => check.below = Some(number(word, value)?),
                "multipleOf" => {
                    let step = number(word, value)?;
                    if step <= 0.0 {
                        return Err("`multipleOf` must be more than 0".to_owned());
                    }
                    check.multiple_of = Some(step);
                }
                "minLength" => check.min_length = Some(count(word, value)?),
                "maxLength" => check.max_length = Some(count(word, value)?),
                "minItems" => check.min_items = Some(count(word, value)?),
                "maxItems" => check.max_items = Some(count(word, value)?),
                "uniqueItems" => check.unique_items = value.as_bool().unwrap_or_default(),
                "prefixItems" => check.prefix = self.each(list(word, value)?)?,
                "items" => check.items = Some(self.items(value)?),
                "allOf" => check.all_of = self.each(list(word, value)?)?,
                "anyOf" => check.any_of = self.each(list(word, value)?)?,
                "oneOf" => check.one_of = self.each(list(word, value)?)?,
                "not" => check.not = Some(Box::new(self.schema(value)?)),
                "$ref" => check.reference = Some(self.reference(value)?),
                "properties"
                | "patternProperties"
                | "required"
                | "additionalProperties"
                | "minProperties"
                | "maxProperties" => {
                    is_object = true;
                    self.member(&mut object, word, value)?;
                }
                word if ANNOTATIONS.contains(&word) || word.starts_with("x-") => {}
                word => {
                    return Err(format!(
                        "the keyword `{word}` is not supported in the schema of a model"
                    ));
                }
            }
        }
        check.object = is_object.then(|| Box::new(object));
        if check.format == Some(Kind::Decimal) && !crate::schema::is_plain_decimal(map) {
            return Err(
                "a decimal is a number, so `1.50` is kept as `1.5` and a `pattern` of its own can't hold; to limit its \
                 digits use `multipleOf`, such as `#[schemars(extend(\"multipleOf\" = 0.01))]`"
                    .to_owned(),
            );
        }
        Ok(check)
    }

    fn member(&mut self, object: &mut ObjectCheck, word: &str, value: &Json) -> Result<(), String> {
        match (word, value) {
            ("properties", Json::Object(map)) => {
                for (name, schema) in map {
                    object.properties.push((name.clone(), self.schema(schema)?));
                }
            }
            // Maps with numbers as keys.
            ("patternProperties", Json::Object(map)) => {
                for (name, schema) in map {
                    let name = pattern(&Json::from(name.as_str()))?;
                    object.patterns.push((name, self.schema(schema)?));
                }
            }
            ("required", value) => {
                object.required = list(word, value)?
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect();
            }
            ("additionalProperties", Json::Bool(true)) => object.additional = Additional::Any,
            ("additionalProperties", Json::Bool(false)) => object.additional = Additional::None,
            ("additionalProperties", schema) => {
                object.additional = Additional::Each(Box::new(self.schema(schema)?));
            }
            ("minProperties", value) => object.min = Some(count(word, value)?),
            ("maxProperties", value) => object.max = Some(count(word, value)?),
            (word, value) => return Err(format!("`{word}: {value}` is not a schema")),
        }
        Ok(())
    }

    fn each(&mut self, schemas: &[Json]) -> Result<Vec<Check>, String> {
        schemas.iter().map(|schema| self.schema(schema)).collect()
    }

    fn items(&mut self, schema: &Json) -> Result<Items, String> {
        Ok(if schema == &Json::Bool(false) {
            Items::None
        } else {
            Items::Each(Box::new(self.schema(schema)?))
        })
    }

    fn reference(&mut self, value: &Json) -> Result<Reference, String> {
        let name = value.as_str().ok_or("`$ref` must be text")?.to_owned();
        if self
            .root
            .pointer(name.strip_prefix('#').unwrap_or("?"))
            .is_none()
        {
            return Err(format!("`$ref: {name}` leads nowhere"));
        }
        self.wanted.push(name.clone());
        Ok(Reference {
            name,
            all: Arc::clone(&self.all),
        })
    }
}

fn types(value: &Json) -> Result<Types, String> {
    let named = |value: &Json| {
        value
            .as_str()
            .and_then(Types::named)
            .ok_or_else(|| format!("{value} is not a JSON type"))
    };
    match value {
        Json::Array(names) => names.iter().try_fold(Types::default(), |all, name| {
            Ok(Types(all.0 | named(name)?.0))
        }),
        one => named(one),
    }
}

fn list<'a>(word: &str, value: &'a Json) -> Result<&'a [Json], String> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| format!("`{word}` must be a list"))
}

fn number(word: &str, value: &Json) -> Result<f64, String> {
    value
        .as_f64()
        .ok_or_else(|| format!("`{word}` must be a number"))
}

fn count(word: &str, value: &Json) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| format!("`{word}` must be a count"))
}

/// Patterns run on an engine that is linear in the text, so a pattern can't be used to stop the server.
fn pattern(value: &Json) -> Result<Regex, String> {
    let text = value.as_str().ok_or("`pattern` must be text")?;
    Regex::new(text).map_err(|error| format!("the pattern `{text}` is not supported: {error}"))
}

fn format(name: &str) -> Option<Kind> {
    match name {
        "date-time" => Some(Kind::Instant),
        "date" => Some(Kind::Date),
        "uuid" => Some(Kind::Uuid),
        crate::schema::DECIMAL => Some(Kind::Decimal),
        _ => None,
    }
}
