//! Values as BSON. The table of types is in the crate's documentation, the reasons are in `docs/design/0016-mongodb.md`.

use jiff::civil::Date;
use larder_core::store::decimal;
use larder_core::{Error, ErrorKind, FieldError, Kind, Record, Result};
use larder_query::Value;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::raw::{RawBson, RawDocumentBuf};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Decimal128, Document};

use crate::form::{Form, Type};
use crate::table::Table;
use crate::{names, nested};

/// Levels of a document that a JSON field may have: MongoDB takes 100 in all.
pub(crate) const DEEPEST: usize = 90;

/// The largest document that MongoDB takes.
const LARGEST: usize = 16 << 20;

/// The milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// The first day of a date's count.
pub(crate) const EPOCH: Date = Date::constant(1970, 1, 1);

/// A value of a type; what can't be is told by what was expected.
pub(crate) fn value(of: Type, value: &Value) -> Result<Bson, &'static str> {
    let kind = of.kind;
    match of.form {
        Form::Own | Form::Nested | Form::ObjectIds => {}
        _ if value.is_null() => return Ok(Bson::Null),
        Form::ObjectId => {
            let id = value.as_str().and_then(object_id).map(Bson::ObjectId);
            return id.ok_or("an ObjectId: 24 hexadecimal digits, in small letters");
        }
        Form::Date => {
            return match value {
                Value::Instant(at) if at.subsec_nanosecond() % 1_000_000 == 0 => {
                    Ok(DateTime::from_millis(at.as_millisecond()).into())
                }
                _ => Err("a time in whole milliseconds, as this collection keeps them"),
            };
        }
        Form::Decimal128 => {
            let number = value.as_decimal();
            let number = number.and_then(|it| it.to_string().parse::<Decimal128>().ok());
            let number = number.map(Bson::Decimal128);
            return number
                .ok_or("a decimal number of at most 34 digits, as this collection keeps them");
        }
    }
    Ok(match (kind, value) {
        (_, Value::Null) => Bson::Null,
        (Kind::Json, value) => json(value, 0).ok_or("JSON of at most 90 levels")?,
        (Kind::Bool, Value::Bool(value)) => Bson::Boolean(*value),
        (Kind::Int, Value::I64(number)) => Bson::Int64(*number),
        (Kind::Uint, Value::I64(number)) if *number >= 0 => Bson::Int64(*number),
        (Kind::Uint, Value::U64(number)) => large(*number).ok_or(kind.expected())?,
        (Kind::Float, Value::F64(number)) if number.is_finite() => Bson::Double(*number),
        (Kind::Decimal, Value::Decimal(number)) => Bson::String(decimal::encode(*number)),
        (Kind::Text, Value::Text(text)) => Bson::String(text.to_string()),
        (Kind::Bytes, Value::Bytes(bytes)) => binary(BinarySubtype::Generic, bytes),
        (Kind::Uuid, Value::Uuid(uuid)) => binary(BinarySubtype::Uuid, uuid.as_bytes()),
        (Kind::Instant, Value::Instant(at)) => Bson::Int64(at.as_microsecond()),
        (Kind::Date, Value::Date(day)) if day.year() >= 0 => {
            let days = day.duration_since(EPOCH).as_hours() / 24;
            Bson::DateTime(DateTime::from_millis(days * DAY))
        }
        (Kind::Date, Value::Date(_)) => return Err("a date from the year 0"),
        _ => return Err(kind.expected()),
    })
}

/// The id of a text; none for other spellings, which would be told as another text.
pub(crate) fn object_id(text: &str) -> Option<ObjectId> {
    let id: larder_core::ObjectId<()> = text.parse().ok()?;
    Some(ObjectId::from_bytes(id.bytes()))
}

fn binary(subtype: BinarySubtype, bytes: &[u8]) -> Bson {
    Bson::Binary(Binary {
        subtype,
        bytes: bytes.to_vec(),
    })
}

/// A whole number beyond 63 bits. Decimals of BSON hold 34 digits and sort among the whole numbers.
fn large(number: u64) -> Option<Bson> {
    let number: Decimal128 = number.to_string().parse().ok()?;
    Some(Bson::Decimal128(number))
}

/// JSON, with its names as they are stored; none if it is too deep.
pub(crate) fn json(value: &Value, depth: usize) -> Option<Bson> {
    if depth > DEEPEST {
        return None;
    }
    Some(match value {
        Value::Null => Bson::Null,
        Value::Bool(value) => Bson::Boolean(*value),
        Value::I64(number) => Bson::Int64(*number),
        Value::U64(number) => large(*number)?,
        Value::F64(number) => Bson::Double(*number),
        Value::Text(text) => Bson::String(text.to_string()),
        Value::Array(items) => {
            let items = items.iter().map(|item| json(item, depth + 1));
            Bson::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(object) => {
            let mut document = Document::new();
            for (name, member) in object.iter() {
                document.insert(names::stored(name), json(member, depth + 1)?);
            }
            Bson::Document(document)
        }
        // JSON has no such values: they are the texts that they are in JSON.
        Value::Decimal(_)
        | Value::Bytes(_)
        | Value::Instant(_)
        | Value::Date(_)
        | Value::Uuid(_) => match serde_json::to_value(value) {
            Ok(serde_json::Value::String(text)) => Bson::String(text),
            _ => return None,
        },
    })
}

/// The content of a field, or says by its name that it can't be stored.
pub(crate) fn field(table: &Table, place: usize, content: &Value) -> Result<Bson> {
    let (Some(column), Some(of)) = (table.layout.fields.get(place), table.types.get(place)) else {
        return Err(Error::internal(format!(
            "{} has no field {place}",
            table.layout.model
        )));
    };
    if content.is_null() && !column.nullable {
        return Err(cant_hold(&column.name, "is required", "required"));
    }
    let stored = match of.nested(&table.layout, place) {
        Some(at) => nested::encode(at, content),
        None => value(*of, content),
    };
    stored.map_err(|expected| cant_hold(&column.name, &format!("must be {expected}"), "type"))
}

fn cant_hold(field: &str, message: &str, code: &'static str) -> Error {
    Error::invalid(vec![FieldError {
        field: field.to_owned(),
        pointer: format!("/{field}"),
        message: message.to_owned(),
        code,
    }])
}

/// The key of a record as `_id`.
pub(crate) fn key(table: &Table, record: &Record) -> Result<Bson> {
    let places = table.layout.key.places();
    if let [only] = places {
        return field(table, *only, record.get(*only));
    }
    let mut parts = Document::new();
    for (place, name) in places.iter().zip(&table.key_names) {
        parts.insert(name.clone(), field(table, *place, record.get(*place))?);
    }
    Ok(Bson::Document(parts))
}

/// A whole record.
///
/// # Errors
/// `Invalid` naming a field that can't be stored, `TooLarge` for a document beyond 16 MB.
pub(crate) fn record(table: &Table, record: &Record) -> Result<RawDocumentBuf> {
    let mut document = RawDocumentBuf::new();
    append(&mut document, names::ID, key(table, record)?)?;
    for (place, name) in table.names.iter().enumerate() {
        if table.layout.key.has(place) {
            continue;
        }
        // Null is left out: to a query it is the same, and an index of unique values can pass it over.
        let content = record.get(place);
        match (content, table.layout.fields.get(place)) {
            (Value::Text(text), _) if table.types.get(place) == Some(&Kind::Text.into()) => {
                document.append(name, text.as_str());
            }
            (Value::Null, Some(column)) if column.nullable => {}
            _ => {
                let content = field(table, place, content)?;
                let content = RawBson::try_from(content).map_err(Error::internal)?;
                document.append(name, content);
            }
        }
    }
    if let Some(name) = &table.version {
        document.append(name, record.version.0);
    }
    if document.as_bytes().len() > LARGEST {
        return Err(too_large());
    }
    Ok(document)
}

fn append(document: &mut RawDocumentBuf, name: &str, content: Bson) -> Result<()> {
    let content = RawBson::try_from(content).map_err(Error::internal)?;
    document.append(names::bson(name), content);
    Ok(())
}

/// A document is beyond what MongoDB takes.
pub(crate) fn too_large() -> Error {
    Error::new(
        ErrorKind::TooLarge,
        "the record is larger than the 16 MB that MongoDB keeps in one document",
    )
}
