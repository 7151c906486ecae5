//! Conversions between [`Value`], Rust's own types and `serde_json`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{CompactString, Decimal, Object, Value};

macro_rules! from_as {
    ($($from:ty => $kind:ident),+ $(,)?) => {$(
        impl From<$from> for Value {
            #[inline]
            fn from(v: $from) -> Value {
                Value::$kind(v.into())
            }
        }
    )+};
}

from_as! {
    bool => Bool,
    i64 => I64, i32 => I64, i16 => I64, u32 => I64, u16 => I64, u8 => I64,
    f64 => F64, Decimal => Decimal,
    &str => Text, String => Text, CompactString => Text,
    Timestamp => Instant, Date => Date, Uuid => Uuid,
    Vec<Value> => Array,
}

impl From<u64> for Value {
    #[inline]
    fn from(n: u64) -> Value {
        i64::try_from(n).map_or(Value::U64(n), Value::I64)
    }
}

impl From<Object> for Value {
    fn from(o: Object) -> Value {
        Value::Object(Box::new(o))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::Null, Into::into)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Value {
        Value::Array(items.into_iter().collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::Number(n) => number(&n),
            serde_json::Value::String(s) => Value::Text(s.into()),
            serde_json::Value::Array(items) => items.into_iter().map(Value::from).collect(),
            serde_json::Value::Object(map) => {
                let mut object = Object::with_capacity(map.len());
                for (key, value) in map {
                    object.push(key.into(), value.into());
                }
                object.into()
            }
        }
    }
}

/// A float out of a document: of a zero the sign goes, which not every store can keep.
pub(super) fn unsigned_zero(f: f64) -> Value {
    Value::F64(f + 0.0)
}

fn number(n: &serde_json::Number) -> Value {
    if let Some(n) = n.as_i64() {
        Value::I64(n)
    } else if let Some(n) = n.as_u64() {
        Value::from(n)
    } else {
        // Only a `serde_json` built with arbitrary precision can lack both.
        n.as_f64()
            .filter(|f| f.is_finite())
            .map_or(Value::Null, unsigned_zero)
    }
}

/// The JSON form: decimals, instants, dates and UUIDs as text, bytes as standard base64.
impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> serde_json::Value {
        use serde_json::Value as Json;
        match value {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::I64(n) => Json::from(*n),
            Value::U64(n) => Json::from(*n),
            Value::F64(f) => Json::from(*f),
            Value::Decimal(d) => Json::String(d.to_string()),
            Value::Text(t) => Json::String(t.as_str().to_owned()),
            Value::Bytes(b) => Json::String(to_base64(b)),
            Value::Instant(t) => Json::String(t.to_string()),
            Value::Date(d) => Json::String(d.to_string()),
            Value::Uuid(u) => Json::String(u.to_string()),
            Value::Array(items) => Json::Array(items.iter().map(Json::from).collect()),
            Value::Object(o) => Json::Object(
                o.iter()
                    .map(|(k, v)| (k.to_owned(), Json::from(v)))
                    .collect(),
            ),
        }
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> serde_json::Value {
        match value {
            Value::Text(t) => serde_json::Value::String(t.into()),
            other => serde_json::Value::from(&other),
        }
    }
}

/// Standard base64 with padding: how bytes look in JSON and in query text.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_there_and_back() {
        let json = json!({"a": [1, -2, 1.5, u64::MAX, null, true], "b": {"c": "x"}});
        let value = Value::from(json.clone());
        assert_eq!(
            value.get("a").unwrap().as_array().unwrap()[3],
            Value::U64(u64::MAX)
        );
        assert_eq!(serde_json::Value::from(&value), json);
    }

    #[test]
    fn special_kinds_become_text() {
        let v = Value::from(vec![
            Value::Instant("2024-05-01T10:00:00Z".parse().unwrap()),
            Value::Date(jiff::civil::date(2024, 5, 1)),
            Value::Uuid(Uuid::nil()),
            Value::bytes(*b"\xff\xfe"),
            Value::F64(f64::INFINITY),
        ]);
        let expected = json!([
            "2024-05-01T10:00:00Z",
            "2024-05-01",
            "00000000-0000-0000-0000-000000000000",
            "//4=",
            null
        ]);
        assert_eq!(serde_json::Value::from(&v), expected);
        assert_eq!(serde_json::to_value(&v).unwrap(), expected);
    }

    #[test]
    fn u64_is_normalised() {
        assert_eq!(Value::from(5_u64), Value::I64(5));
        assert_eq!(Value::from(1_u64 << 63), Value::U64(1 << 63));
        assert_eq!(Value::from(None::<i64>), Value::Null);
    }
}
