//! Documents as records.

use larder_core::store::{decimal, operand};
use larder_core::{Error, Kind, Record, Result, Version};
use larder_query::{Object, Value};
use mongodb::bson::raw::{RawArray, RawBsonRef, RawDocument};
use mongodb::bson::spec::BinarySubtype;

use crate::encode::{DAY, EPOCH};
use crate::names;
use crate::table::Table;

/// The whole record of a document.
pub(crate) fn record(table: &Table, document: &RawDocument) -> Result<Record> {
    let mut values = vec![Value::Null; table.layout.fields.len()];
    let version = fill(table, document, &mut values)?;
    let version = table.layout.version_of(&values, Version(version));
    Ok(Record::new(values, version))
}

/// Puts the fields of a document in their places, and gives its version; what the document lacks stays as it was.
pub(crate) fn fill(table: &Table, document: &RawDocument, values: &mut [Value]) -> Result<i64> {
    let mut version = 0;
    // Documents mostly have their fields in the order of the model.
    let mut next = 0;
    for element in document {
        let (name, content) = element.map_err(Error::internal)?;
        let name = name.as_str();
        if name == names::ID {
            key(table, content, values)?;
        } else if table.version.as_ref().is_some_and(|it| it.as_str() == name) {
            version = match content {
                RawBsonRef::Null => 0,
                content => whole(content).ok_or_else(|| wrong(table, name, Kind::Int))?,
            };
        } else if let Some(place) = table.place(name, next) {
            next = place + 1;
            set(table, place, content, values)?;
        }
    }
    Ok(version)
}

fn key(table: &Table, content: RawBsonRef<'_>, values: &mut [Value]) -> Result<()> {
    let places = table.layout.key.places();
    if let [only] = places {
        return set(table, *only, content, values);
    }
    let Some(parts) = content.as_document() else {
        return Err(Error::internal(format!(
            "a key of {} is no document of its parts",
            table.layout.collection
        )));
    };
    for part in parts {
        let (name, content) = part.map_err(Error::internal)?;
        let at = table.key_names.iter().position(|it| it == name.as_str());
        if let Some(place) = at.and_then(|at| places.get(at)) {
            set(table, *place, content, values)?;
        }
    }
    Ok(())
}

fn set(table: &Table, place: usize, content: RawBsonRef<'_>, values: &mut [Value]) -> Result<()> {
    if let (Some(field), Some(to)) = (table.layout.fields.get(place), values.get_mut(place)) {
        *to = value(field.kind, content)
            .ok_or_else(|| wrong(table, table.layout.column(place), field.kind))?;
    }
    Ok(())
}

fn wrong(table: &Table, name: &str, kind: Kind) -> Error {
    Error::internal(format!(
        "{}.{name} holds what is no {kind:?}, or not as larder stores one",
        table.layout.collection
    ))
}

/// A stored value of a kind; none if it is not stored like this.
pub(crate) fn value(kind: Kind, content: RawBsonRef<'_>) -> Option<Value> {
    if matches!(content, RawBsonRef::Null) {
        return Some(Value::Null);
    }
    Some(match kind {
        Kind::Text => Value::from(content.as_str()?),
        Kind::Int => Value::I64(whole(content)?),
        Kind::Uint => match content {
            RawBsonRef::Decimal128(number) => Value::from(number.to_string().parse::<u64>().ok()?),
            content => Value::from(u64::try_from(whole(content)?).ok()?),
        },
        Kind::Bool => Value::Bool(content.as_bool()?),
        Kind::Float => match content {
            RawBsonRef::Double(number) => Value::F64(number),
            content => Value::F64(whole(content)? as f64),
        },
        Kind::Decimal => Value::Decimal(decimal::decode(content.as_str()?)?),
        Kind::Instant => Value::Instant(operand::instant(content.as_i64()?)?),
        Kind::Date => {
            let millis = content.as_datetime()?.timestamp_millis();
            let hours = millis / DAY * 24;
            let day = EPOCH.checked_add(jiff::SignedDuration::from_hours(hours));
            Value::Date(day.ok().filter(|_| millis % DAY == 0)?)
        }
        Kind::Bytes => {
            let binary = content.as_binary()?;
            Value::bytes((binary.subtype == BinarySubtype::Generic).then_some(binary.bytes)?)
        }
        Kind::Uuid => {
            let binary = content.as_binary()?;
            let bytes = (binary.subtype == BinarySubtype::Uuid).then_some(binary.bytes)?;
            Value::Uuid(uuid::Uuid::from_slice(bytes).ok()?)
        }
        Kind::Json => return json(content),
    })
}

/// Other programs write small numbers with 32 bits, or as floats.
fn whole(content: RawBsonRef<'_>) -> Option<i64> {
    match content {
        RawBsonRef::Int64(number) => Some(number),
        RawBsonRef::Int32(number) => Some(i64::from(number)),
        RawBsonRef::Double(number) => Value::F64(number).as_i64(),
        _ => None,
    }
}

fn json(content: RawBsonRef<'_>) -> Option<Value> {
    Some(match content {
        RawBsonRef::Null => Value::Null,
        RawBsonRef::Boolean(value) => Value::Bool(value),
        RawBsonRef::Int32(number) => Value::I64(i64::from(number)),
        RawBsonRef::Int64(number) => Value::I64(number),
        RawBsonRef::Double(number) => Value::F64(number),
        RawBsonRef::Decimal128(number) => Value::from(number.to_string().parse::<u64>().ok()?),
        RawBsonRef::String(text) => Value::from(text),
        RawBsonRef::Array(items) => array(items)?,
        RawBsonRef::Document(document) => {
            let mut pairs = Vec::new();
            for element in document {
                let (name, content) = element.ok()?;
                pairs.push((names::shown(name.as_str()).into_owned(), json(content)?));
            }
            Value::from(pairs.into_iter().collect::<Object>())
        }
        _ => return None,
    })
}

fn array(items: &RawArray) -> Option<Value> {
    let items = items.into_iter().map(|item| json(item.ok()?));
    Some(Value::from(items.collect::<Option<Vec<_>>>()?))
}
