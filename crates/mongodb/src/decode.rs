//! Documents as records.

use larder_core::store::{decimal, operand};
use larder_core::{Error, Kind, Record, Result, Version};
use larder_query::{Decimal, Object, Value};
use mongodb::bson::raw::{RawArray, RawBsonRef, RawDocument};
use mongodb::bson::spec::BinarySubtype;

use crate::encode::{DAY, EPOCH};
use crate::form::{Form, Type};
use crate::table::Table;
use crate::{names, nested};

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

/// Puts the parts of a key in their places.
pub(crate) fn key(table: &Table, content: RawBsonRef<'_>, values: &mut [Value]) -> Result<()> {
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
    if let (Some(of), Some(to)) = (table.types.get(place), values.get_mut(place)) {
        let found = self::content(table, place, *of, content);
        *to = found.ok_or_else(|| wrong(table, table.layout.column(place), of.kind))?;
    }
    Ok(())
}

fn wrong(table: &Table, name: &str, kind: Kind) -> Error {
    Error::internal(format!(
        "{}.{name} holds what is no {kind:?}, or not as larder stores one",
        table.layout.collection
    ))
}

/// The content of a field, if it has this type; none if it is not stored like this.
pub(crate) fn content(
    table: &Table,
    place: usize,
    of: Type,
    content: RawBsonRef<'_>,
) -> Option<Value> {
    match of.nested(&table.layout, place) {
        Some(at) => nested::decode(at, content),
        None => value(of, content),
    }
}

/// A stored value of a type; none if it is not stored like this.
pub(crate) fn value(of: Type, content: RawBsonRef<'_>) -> Option<Value> {
    if matches!(content, RawBsonRef::Null) {
        return Some(Value::Null);
    }
    Some(match of.kind {
        Kind::Text if of.form == Form::ObjectId => {
            Value::from(content.as_object_id()?.to_hex().as_str())
        }
        Kind::Instant if of.form == Form::Date => {
            let millis = content.as_datetime()?.timestamp_millis();
            Value::Instant(jiff::Timestamp::from_millisecond(millis).ok()?)
        }
        Kind::Decimal if of.form == Form::Decimal128 => Value::Decimal(exact(content)?),
        Kind::Text => Value::from(content.as_str()?),
        Kind::Int => Value::I64(whole(content)?),
        Kind::Uint => match content {
            RawBsonRef::Decimal128(_) => {
                Value::from(exact(content)?.to_string().parse::<u64>().ok()?)
            }
            content => Value::from(u64::try_from(whole(content)?).ok()?),
        },
        Kind::Bool => Value::Bool(content.as_bool()?),
        Kind::Float => match content {
            RawBsonRef::Double(number) => Value::F64(Some(number).filter(|it| it.is_finite())?),
            content => Value::F64(float(whole(content)?)?),
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

/// A float that is exactly a whole number: a filter would compare the number that is stored, and not the nearest float.
fn float(number: i64) -> Option<f64> {
    let float = number as f64;
    (float as i128 == i128::from(number)).then_some(float)
}

/// A decimal from what other programs write; of a `double` nobody knows how many digits were meant.
fn exact(content: RawBsonRef<'_>) -> Option<Decimal> {
    match content {
        RawBsonRef::Decimal128(number) => decimal(&number.to_string()),
        RawBsonRef::Int64(_) | RawBsonRef::Int32(_) => Some(whole(content)?.into()),
        _ => None,
    }
}

/// A decimal from the text of one of BSON, which may be `1.05E+3` and `1.05E-7`.
fn decimal(text: &str) -> Option<Decimal> {
    let Some((number, below)) = text.split_once("E-") else {
        return text.replace("E+", "E").parse().ok();
    };
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number),
    };
    // One digit stands before the point.
    let zeros = "0".repeat(below.parse::<usize>().ok()?.checked_sub(1)?);
    format!("{sign}0.{zeros}{}", number.replace('.', ""))
        .parse()
        .ok()
}

/// Other programs write small numbers with 32 bits, or as floats.
fn whole(content: RawBsonRef<'_>) -> Option<i64> {
    match content {
        RawBsonRef::Decimal128(_) => exact(content)?.to_string().parse().ok(),
        RawBsonRef::Int64(number) => Some(number),
        RawBsonRef::Int32(number) => Some(i64::from(number)),
        RawBsonRef::Double(number) => Value::F64(number).as_i64(),
        _ => None,
    }
}

pub(crate) fn json(content: RawBsonRef<'_>) -> Option<Value> {
    Some(match content {
        RawBsonRef::Null => Value::Null,
        RawBsonRef::Boolean(value) => Value::Bool(value),
        RawBsonRef::Int32(number) => Value::I64(i64::from(number)),
        RawBsonRef::Int64(number) => Value::I64(number),
        RawBsonRef::Double(number) => Value::F64(Some(number).filter(|it| it.is_finite())?),
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

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::Bson;
    use mongodb::bson::raw::RawBson;

    fn read(kind: Kind, form: Form, content: impl Into<Bson>) -> Option<Value> {
        let content = RawBson::try_from(content.into()).unwrap();
        value(Type { kind, form }, content.as_raw_bson_ref())
    }

    #[test]
    fn numbers_of_others() {
        let number = |text: &str| Bson::Decimal128(text.parse().unwrap());
        let decimal = |content| read(Kind::Decimal, Form::Decimal128, content);
        for (stored, shown) in [
            (number("12.50"), "12.5"),
            (number("1.05E+3"), "1050"),
            (number("-1.05E-9"), "-0.00000000105"),
            (number("1E-7"), "0.0000001"),
            (Bson::Int32(7), "7"),
            (Bson::Int64(-7), "-7"),
        ] {
            let expected = Value::Decimal(shown.parse().unwrap());
            assert_eq!(decimal(stored), Some(expected), "{shown}");
        }
        for other in [
            number("NaN"),
            number("Infinity"),
            Bson::Double(0.1),
            "1".into(),
        ] {
            assert_eq!(decimal(other), None);
        }
        let int = |content| read(Kind::Int, Form::Own, content);
        assert_eq!(int(number("3.0")), Some(3.into()));
        assert_eq!(int(Bson::Double(3.0)), Some(3.into()));
        assert_eq!(int(number("3.5")), None);
        let float = |content| read(Kind::Float, Form::Own, content);
        assert_eq!(float(Bson::Int32(3)), Some(Value::F64(3.0)));
        assert_eq!(float(Bson::Int64((1 << 53) + 1)), None);
        assert_eq!(float(Bson::Double(f64::NAN)), None);
        assert_eq!(float(number("0.1")), None);
    }

    #[test]
    fn ids_and_dates_of_others() {
        let id: mongodb::bson::oid::ObjectId = "65f0c0ffee00000000000001".parse().unwrap();
        let text = |form, content: Bson| read(Kind::Text, form, content);
        assert_eq!(
            text(Form::ObjectId, id.into()),
            Some("65f0c0ffee00000000000001".into())
        );
        assert_eq!(text(Form::Own, id.into()), None);
        assert_eq!(
            text(Form::ObjectId, "65f0c0ffee00000000000001".into()),
            None
        );
        let date = mongodb::bson::DateTime::from_millis(-1);
        let at = jiff::Timestamp::from_millisecond(-1).unwrap();
        assert_eq!(
            read(Kind::Instant, Form::Date, date),
            Some(Value::Instant(at))
        );
        assert_eq!(read(Kind::Instant, Form::Own, date), None);
        assert_eq!(
            read(Kind::Instant, Form::Date, mongodb::bson::DateTime::MAX),
            None
        );
    }
}
