//! The kinds of values that a field can hold, read off its JSON Schema.

use larder_query::{CompactString, Value};
use serde::Serialize;
use serde_json::Value as Json;

/// What a field holds, in the terms of [`Value`]. Stores choose their column types by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number from -2^63 to 2^63-1.
    Int,
    /// A whole number from 0 to 2^64-1.
    Uint,
    /// A floating point number; never NaN or infinite.
    Float,
    /// A number with decimals, exactly; text in JSON.
    Decimal,
    /// Text.
    Text,
    /// Bytes; base64 text in JSON.
    Bytes,
    /// A point in time, to the microsecond; RFC 3339 text in JSON.
    Instant,
    /// A day; ISO 8601 text in JSON.
    Date,
    /// A UUID; hyphenated text in JSON.
    Uuid,
    /// Anything else: a list, an object, a choice of several types.
    Json,
}

impl Kind {
    /// The kind and whether null is allowed, of a property's schema. `root` resolves `$ref`s.
    pub fn of_schema(schema: &Json, root: &Json) -> (Self, bool) {
        let schema = resolve(schema, root);
        for word in ["anyOf", "oneOf"] {
            if let Some(Json::Array(choices)) = schema.get(word) {
                return of_choices(choices, root);
            }
        }
        if schema.get("const").is_some()
            || schema.get("enum").is_some() && schema.get("type").is_none()
        {
            return of_constants(schema);
        }
        if crate::schema::is_decimal(schema) {
            return (Self::Decimal, allows_null(schema));
        }
        match schema.get("type") {
            Some(Json::String(name)) => (of_type(name, schema), name == "null"),
            Some(Json::Array(names)) => {
                let nullable = names.iter().any(|name| name == "null");
                let mut others = names
                    .iter()
                    .filter_map(Json::as_str)
                    .filter(|name| *name != "null");
                match (others.next(), others.next()) {
                    (Some(name), None) => (of_type(name, schema), nullable),
                    _ => (Self::Json, nullable),
                }
            }
            // A schema that allows anything allows null.
            _ => (Self::Json, true),
        }
    }

    /// Whether a value is of this kind as it stands, which most are. Times may still have to lose digits.
    #[inline]
    pub(crate) fn holds(self, value: &Value) -> bool {
        match value {
            _ if self == Self::Json => true,
            Value::Bool(_) => self == Self::Bool,
            Value::I64(number) => self == Self::Int || self == Self::Uint && *number >= 0,
            Value::U64(_) => self == Self::Uint,
            Value::F64(number) => {
                self == Self::Float && !(*number == 0.0 && number.is_sign_negative())
            }
            Value::Decimal(_) => self == Self::Decimal,
            Value::Text(_) => self == Self::Text,
            Value::Bytes(_) => self == Self::Bytes,
            Value::Date(day) => self == Self::Date && day.year() >= 0,
            Value::Uuid(_) => self == Self::Uuid,
            Value::Null | Value::Instant(_) | Value::Array(_) | Value::Object(_) => false,
        }
    }

    /// Brings a value from JSON, or from a struct's serialised form, to this kind: of a zero the sign goes, and there are no days before the year 0,
    /// as databases have neither; what can't be is handed back with the
    /// name of what was expected. Null passes: whether it may be is the field's own question.
    pub fn coerce(self, value: Value) -> Result<Value, (Value, &'static str)> {
        if value.is_null() || self.holds(&value) {
            return Ok(value);
        }
        match (self, value) {
            (Self::Int | Self::Uint, Value::F64(number)) => whole(number, self),
            // Databases keep no sign of a zero.
            (Self::Float, Value::F64(number)) => Ok(Value::F64(number + 0.0)),
            (Self::Float, Value::I64(number)) => Ok(Value::F64(number as f64)),
            (Self::Float, Value::U64(number)) => Ok(Value::F64(number as f64)),
            (Self::Decimal, Value::I64(number)) => Ok(Value::Decimal(number.into())),
            (Self::Decimal, Value::U64(number)) => Ok(Value::Decimal(number.into())),
            // The digits that a float had on its way are not known any more, so it stands for a whole number or for nothing.
            (Self::Decimal, value @ Value::F64(_)) => {
                match value.as_f64().map(|number| whole(number, Self::Int)) {
                    Some(Ok(Value::I64(number))) => Ok(Value::Decimal(number.into())),
                    _ => Err((value, self.expected())),
                }
            }
            (Self::Instant, Value::Instant(instant)) => Ok(Value::Instant(micros(instant))),
            (
                Self::Instant | Self::Date | Self::Uuid | Self::Bytes | Self::Decimal,
                Value::Text(text),
            ) => self.parse(text),
            (kind, value) => Err((value, kind.expected())),
        }
    }

    /// What a value of this kind is called in messages.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Uint => "a whole number from 0",
            Self::Float => "a number",
            Self::Decimal => "a decimal number of at most 38 digits, as text such as \"12.50\"",
            Self::Text => "text",
            Self::Bytes => "base64 text",
            Self::Instant => "an RFC 3339 time such as 2026-01-31T12:00:00Z",
            Self::Date => "a date such as 2026-01-31",
            Self::Uuid => "a UUID",
            Self::Json => "a JSON value",
        }
    }

    fn parse(self, text: CompactString) -> Result<Value, (Value, &'static str)> {
        let parsed = match self {
            Self::Instant => text
                .parse()
                .ok()
                .map(|instant| Value::Instant(micros(instant))),
            Self::Date => {
                let day = text.parse().ok();
                day.filter(|day: &jiff::civil::Date| day.year() >= 0)
                    .map(Value::Date)
            }
            Self::Uuid => uuid::Uuid::try_parse(&text).ok().map(Value::Uuid),
            Self::Decimal => text.parse().ok().map(Value::Decimal),
            Self::Bytes => {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD
                    .decode(&text)
                    .ok()
                    .map(|bytes| Value::Bytes(bytes.into()))
            }
            _ => None,
        };
        parsed.ok_or_else(|| (Value::Text(text), self.expected()))
    }
}

/// Times are kept to the microsecond, the finest that every database of the project can hold.
pub(crate) fn micros(instant: jiff::Timestamp) -> jiff::Timestamp {
    let nanos = instant.subsec_nanosecond();
    jiff::Timestamp::new(instant.as_second(), nanos - nanos % 1_000).unwrap_or(instant)
}

/// A float without a fraction stands for a whole number, as JSON Schema has it (`1.0` is an integer).
fn whole(number: f64, kind: Kind) -> Result<Value, (Value, &'static str)> {
    if number.fract() == 0.0
        && number.abs() < 9_007_199_254_740_992.0
        && (kind == Kind::Int || number >= 0.0)
    {
        Ok(Value::I64(number as i64))
    } else {
        Err((Value::F64(number), kind.expected()))
    }
}

/// Whether a property holds [`ObjectId`](crate::ObjectId)s, perhaps none.
pub(crate) fn is_object_id(schema: &Json, root: &Json) -> bool {
    let schema = resolve(schema, root);
    for word in ["anyOf", "oneOf"] {
        if let Some(Json::Array(choices)) = schema.get(word) {
            let is_null = |choice: &&Json| choice.get("type").is_some_and(|name| name == "null");
            let mut others = choices.iter().filter(|choice| !is_null(choice)).peekable();
            return others.peek().is_some() && others.all(|choice| is_object_id(choice, root));
        }
    }
    schema.get("format").and_then(Json::as_str) == Some(crate::types::FORMAT)
}

/// Follows `$ref` inside the document, a few steps deep.
pub(crate) fn resolve<'a>(mut schema: &'a Json, root: &'a Json) -> &'a Json {
    for _ in 0..16 {
        let Some(pointer) = schema
            .get("$ref")
            .and_then(Json::as_str)
            .and_then(|text| text.strip_prefix('#'))
        else {
            break;
        };
        let Some(target) = root.pointer(pointer) else {
            break;
        };
        schema = target;
    }
    schema
}

/// Whether null is among the types that a schema lists.
fn allows_null(schema: &Json) -> bool {
    schema
        .get("type")
        .and_then(Json::as_array)
        .is_some_and(|names| names.iter().any(|name| name == "null"))
}

fn of_type(name: &str, schema: &Json) -> Kind {
    let format = schema
        .get("format")
        .and_then(Json::as_str)
        .unwrap_or_default();
    match name {
        "boolean" => Kind::Bool,
        "integer" if matches!(format, "uint64" | "uint") => Kind::Uint,
        "integer" if matches!(format, "int128" | "uint128") => Kind::Json,
        "integer" => Kind::Int,
        "number" => Kind::Float,
        "string"
            if schema
                .get("contentEncoding")
                .is_some_and(|encoding| encoding == "base64") =>
        {
            Kind::Bytes
        }
        "string" => match format {
            "date-time" => Kind::Instant,
            "date" => Kind::Date,
            "uuid" => Kind::Uuid,
            _ => Kind::Text,
        },
        _ => Kind::Json,
    }
}

fn of_choices(choices: &[Json], root: &Json) -> (Kind, bool) {
    let kinds: Vec<(Kind, bool)> = choices
        .iter()
        .map(|choice| Kind::of_schema(choice, root))
        .collect();
    let is_null = |choice: &&Json| choice.get("type").is_some_and(|name| name == "null");
    let nullable = kinds.iter().any(|(_, nullable)| *nullable);
    let mut others = choices
        .iter()
        .zip(&kinds)
        .filter(|(choice, _)| !is_null(choice))
        .map(|(_, (kind, _))| *kind);
    match others.next() {
        Some(first) if others.all(|kind| kind == first) => (first, nullable),
        _ => (Kind::Json, nullable),
    }
}

/// An enum of plain texts is a text.
fn of_constants(schema: &Json) -> (Kind, bool) {
    let constants: Vec<&Json> = match (schema.get("const"), schema.get("enum")) {
        (Some(one), _) => vec![one],
        (None, Some(Json::Array(many))) => many.iter().collect(),
        _ => Vec::new(),
    };
    let nullable = constants.iter().any(|constant| constant.is_null());
    let text = constants
        .iter()
        .all(|constant| constant.is_string() || constant.is_null());
    (if text { Kind::Text } else { Kind::Json }, nullable)
}
