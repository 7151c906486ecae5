//! One field's content: the value that records hold, filters compare and stores bind.
//!
//! [`Value`] is a closed set of kinds that every store can keep. It is 24 bytes, and short texts
//! (up to 24 bytes) need no allocation, so a row of values is one flat slice.
//!
//! There are three comparisons, and it matters which one is used:
//!
//! | method | question | null | `1` and `1.0` |
//! | --- | --- | --- | --- |
//! | [`Value::compare`] | does an ordering operator (`lt`, `ge`) hold? | no answer | equal |
//! | [`Value::same`] | does `eq` hold? | equal to null | equal |
//! | [`Value::total_cmp`] | which one sorts first? | first of all | equal |
//!
//! `==` (`PartialEq`) is the strict one for tests: kind and content, object keys in order.

mod convert;
mod de;
mod decimal;
mod error;
mod object;
mod order;
mod ser;
mod serde_impls;

pub(crate) use convert::to_base64;

pub use compact_str::CompactString;
pub use de::from_value;
pub use decimal::{Decimal, DecimalError};
pub use error::ValueError;
pub use object::Object;
pub use ser::{ValueSerializer, to_value};

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A single value of a record, a query or a body.
///
/// ```
/// use larder_query::Value;
///
/// assert_eq!(Value::from(7_u64), Value::I64(7));
/// assert!(Value::from(7).same(&Value::from(7.0)));
/// assert_eq!(Value::from("a").as_str(), Some("a"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing: a null, or a field that is missing.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits 64 bits with a sign.
    I64(i64),
    /// A whole number above [`i64::MAX`]. Smaller ones are [`Value::I64`]; `From<u64>` sees to it.
    U64(u64),
    /// A number with a fraction, or one out of the range of whole numbers. Always finite.
    F64(f64),
    /// A number with decimals, exactly; text in JSON, since a JSON number loses digits in many programs.
    Decimal(Decimal),
    /// Text.
    Text(CompactString),
    /// Raw bytes; base64 text in JSON.
    Bytes(Box<[u8]>),
    /// A moment, always in UTC; RFC 3339 text in JSON.
    Instant(Timestamp),
    /// A calendar day; ISO 8601 text in JSON.
    Date(Date),
    /// A UUID; hyphenated lower-case text in JSON.
    Uuid(Uuid),
    /// A list.
    Array(Box<[Value]>),
    /// Named values in the order they were written.
    Object(Box<Object>),
}

// Rows are slices of values: every byte here is paid for by every field of every record.
const _: () = assert!(size_of::<Value>() == 24);

impl Value {
    /// Makes a text value from anything that can be one.
    pub fn text(text: impl Into<CompactString>) -> Value {
        Value::Text(text.into())
    }

    /// Makes a value of raw bytes.
    pub fn bytes(bytes: impl Into<Box<[u8]>>) -> Value {
        Value::Bytes(bytes.into())
    }

    /// What stands at a path inside: by name in objects, by whole number in arrays; null where there is nothing.
    ///
    /// ```
    /// use larder_query::Value;
    ///
    /// let v: Value = serde_json::from_str(r#"{"a": [{"b": 7}]}"#)?;
    /// assert_eq!(v.at(&["a", "0", "b"]), &Value::I64(7));
    /// assert!(v.at(&["a", "b"]).is_null());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> &Value {
        path.iter().fold(self, |value, step| match value {
            Value::Object(object) => object.get(step.as_ref()).unwrap_or(&Value::Null),
            Value::Array(items) => step
                .as_ref()
                .parse::<usize>()
                .ok()
                .and_then(|place| items.get(place))
                .unwrap_or(&Value::Null),
            _ => &Value::Null,
        })
    }

    /// About how many bytes of memory this takes, with all that is inside.
    ///
    /// ```
    /// use larder_query::Value;
    ///
    /// let text = "twenty-five bytes of text";
    /// assert_eq!(Value::from(text).weight(), size_of::<Value>() + text.len());
    /// ```
    pub fn weight(&self) -> usize {
        size_of::<Value>()
            + match self {
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Array(items) => items.iter().map(Value::weight).sum(),
                Value::Object(object) => object
                    .iter()
                    .map(|(name, item)| name.len() + item.weight())
                    .sum(),
                _ => 0,
            }
    }

    /// The value as it stands inside JSON, which has no moments, days, UUIDs, decimals and bytes: they are texts there.
    ///
    /// ```
    /// use larder_query::Value;
    ///
    /// let days: Value = [Value::Date("2026-01-31".parse()?)].into_iter().collect();
    /// assert_eq!(days.into_json().at(&["0"]), &Value::from("2026-01-31"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn into_json(self) -> Value {
        match self {
            Value::Array(items) => items.into_iter().map(Value::into_json).collect(),
            Value::Object(members) => {
                let members = members.into_iter();
                let members = members.map(|(name, member)| (name, member.into_json()));
                Value::Object(Box::new(members.collect()))
            }
            Value::Decimal(_)
            | Value::Bytes(_)
            | Value::Instant(_)
            | Value::Date(_)
            | Value::Uuid(_) => Value::from(serde_json::Value::from(&self)),
            scalar => scalar,
        }
    }

    /// Whether this is null.
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits an `i64` exactly (`3.0` does).
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::I64(n) => Some(*n),
            Value::F64(f) => order::f64_as_i128(*f).and_then(|n| i64::try_from(n).ok()),
            _ => None,
        }
    }

    /// The whole number, if it is one that fits a `u64` exactly.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::I64(n) => u64::try_from(*n).ok(),
            Value::U64(n) => Some(*n),
            Value::F64(f) => order::f64_as_i128(*f).and_then(|n| u64::try_from(n).ok()),
            _ => None,
        }
    }

    /// Any number as an `f64`; big whole numbers are rounded.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::I64(n) => Some(*n as f64),
            Value::U64(n) => Some(*n as f64),
            Value::F64(f) => Some(*f),
            _ => None,
        }
    }

    /// The decimal number, if it is one.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Value::Decimal(d) => Some(*d),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The bytes, if they are such.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// The moment, if it is one.
    pub fn as_instant(&self) -> Option<Timestamp> {
        match self {
            Value::Instant(t) => Some(*t),
            _ => None,
        }
    }

    /// The calendar day, if it is one.
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Value::Date(d) => Some(*d),
            _ => None,
        }
    }

    /// The UUID, if it is one.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Value::Uuid(u) => Some(*u),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(o) => Some(o),
            _ => None,
        }
    }

    /// The object to change, if it is one.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Value::Object(o) => Some(o),
            _ => None,
        }
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// The name of this value's kind in plain words, for messages.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::I64(_) | Value::U64(_) => "whole number",
            Value::F64(_) => "number",
            Value::Decimal(_) => "decimal number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Instant(_) => "instant",
            Value::Date(_) => "date",
            Value::Uuid(_) => "uuid",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }
}
