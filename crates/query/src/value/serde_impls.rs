//! `Serialize` and `Deserialize` for [`Value`] and [`Object`].

use std::fmt::{self, Display, Write};

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::convert::{to_base64, unsigned_zero};
use super::{CompactString, Object, Value};

/// The longest lists and objects for which room is taken on a stranger's word.
const TRUSTED_HINT: usize = 1024;

/// A short text on the stack: printing an instant or a UUID allocates nothing.
pub(super) struct Short {
    bytes: [u8; 48],
    len: usize,
}

impl Short {
    /// Prints `what`; None if it is longer than 48 bytes (no instant, date, UUID or decimal is).
    pub(super) fn print(what: &impl Display) -> Option<Short> {
        let mut short = Short {
            bytes: [0; 48],
            len: 0,
        };
        write!(short, "{what}").ok()?;
        Some(short)
    }

    pub(super) fn as_str(&self) -> &str {
        // Only whole `str`s were written, so the default is never taken.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Short {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let end = self.len + s.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

fn printed<S: Serializer>(what: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    match Short::print(what) {
        Some(short) => to.serialize_str(short.as_str()),
        None => to.collect_str(what),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => to.serialize_unit(),
            Value::Bool(b) => to.serialize_bool(*b),
            Value::I64(n) => to.serialize_i64(*n),
            Value::U64(n) => to.serialize_u64(*n),
            Value::F64(f) => to.serialize_f64(*f),
            Value::Text(t) => to.serialize_str(t),
            Value::Bytes(b) => to.serialize_str(&to_base64(b)),
            Value::Instant(t) => printed(t, to),
            Value::Date(d) => printed(d, to),
            Value::Decimal(d) => printed(d, to),
            Value::Uuid(u) => printed(u, to),
            Value::Array(items) => to.collect_seq(items.iter()),
            Value::Object(o) => o.serialize(to),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        from.deserialize_map(AnyObject)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::I64(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::from(n))
    }

    fn visit_f64<E: Error>(self, f: f64) -> Result<Value, E> {
        if f.is_finite() {
            Ok(unsigned_zero(f))
        } else {
            Err(E::custom("a number must be finite"))
        }
    }

    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(Value::Text(s.into()))
    }

    fn visit_string<E>(self, s: String) -> Result<Value, E> {
        Ok(Value::Text(s.into()))
    }

    fn visit_bytes<E>(self, b: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(b.into()))
    }

    fn visit_byte_buf<E>(self, b: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(b.into()))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(AnyValue)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(AnyValue)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(TRUSTED_HINT));
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        AnyObject.visit_map(map).map(Value::from)
    }
}

struct AnyObject;

impl<'de> Visitor<'de> for AnyObject {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let hint = map.size_hint().unwrap_or(0).min(TRUSTED_HINT);
        let mut pairs = Vec::with_capacity(hint);
        while let Some(key) = map.next_key_seed(Key)? {
            pairs.push((key, map.next_value()?));
        }
        Ok(Object::from_pairs(pairs))
    }
}

/// Reads a key straight into the compact form, without a `String` between.
struct Key;

impl<'de> serde::de::DeserializeSeed<'de> for Key {
    type Value = CompactString;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<CompactString, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = CompactString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, s: &str) -> Result<CompactString, E> {
        Ok(s.into())
    }

    fn visit_string<E>(self, s: String) -> Result<CompactString, E> {
        Ok(s.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_text() {
        let text = r#"{"a":1,"b":[18446744073709551615,-1,2.5,null,"x"],"a":2}"#;
        let v: Value = serde_json::from_str(text).unwrap();
        assert_eq!(v.get("a"), Some(&Value::I64(2)));
        assert_eq!(
            serde_json::to_string(&v).unwrap(),
            r#"{"a":2,"b":[18446744073709551615,-1,2.5,null,"x"]}"#
        );
    }

    #[test]
    fn prints_extreme_instants() {
        for t in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
            let text = serde_json::to_string(&Value::Instant(t)).unwrap();
            assert_eq!(text, format!("\"{t}\""));
            assert!(Short::print(&t).is_some());
        }
    }
}
