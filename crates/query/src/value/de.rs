//! Reading Rust types out of a [`Value`]: a `serde` deserializer over a borrowed value.

mod access;
mod key;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Unexpected, Visitor};

use self::access::{Bytes, Fields, Items, Variant};
use super::convert::to_base64;
use super::order::f64_as_i128;
use super::serde_impls::Short;
use super::{Value, ValueError};

/// Reads a `T` from a value.
///
/// Whole numbers may come as floats without a fraction; instants, dates and UUIDs are offered as
/// text, which is what their human-readable `Deserialize` asks for.
///
/// # Errors
/// What `T`'s own `Deserialize` refuses, with the path to the place.
///
/// ```
/// use larder_query::{Object, Value, from_value};
///
/// let v = Value::from(Object::from_iter([("n", Value::from(300))]));
/// let map: std::collections::BTreeMap<String, u16> = from_value(&v).unwrap();
/// assert_eq!(map["n"], 300);
/// let err = from_value::<std::collections::BTreeMap<String, u8>>(&v).unwrap_err();
/// assert_eq!(err.path(), "n");
/// ```
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, ValueError> {
    T::deserialize(value)
}

/// Hands a printed instant, date or UUID to a visitor.
fn visit_text<'de, V: Visitor<'de>>(
    what: &impl std::fmt::Display,
    visitor: V,
) -> Result<V::Value, ValueError> {
    match Short::print(what) {
        Some(short) => visitor.visit_str(short.as_str()),
        None => visitor.visit_string(what.to_string()),
    }
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null => Unexpected::Other("null"),
        Value::Bool(b) => Unexpected::Bool(*b),
        Value::I64(n) => Unexpected::Signed(*n),
        Value::U64(n) => Unexpected::Unsigned(*n),
        Value::F64(f) => Unexpected::Float(*f),
        Value::Text(t) => Unexpected::Str(t),
        Value::Bytes(b) => Unexpected::Bytes(b),
        Value::Instant(_) => Unexpected::Other("instant"),
        Value::Date(_) => Unexpected::Other("date"),
        Value::Uuid(_) => Unexpected::Other("uuid"),
        Value::Decimal(_) => Unexpected::Other("decimal number"),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    }
}

fn wrong_type<'de, V: Visitor<'de>>(value: &Value, visitor: &V) -> ValueError {
    Error::invalid_type(unexpected(value), visitor)
}

/// A number for a visitor that asked for a whole one: `3.0` counts as `3`.
fn whole<'de, V: Visitor<'de>>(value: &'de Value, visitor: V) -> Result<V::Value, ValueError> {
    if let Value::F64(f) = value
        && let Some(n) = f64_as_i128(*f)
    {
        if let Ok(n) = i64::try_from(n) {
            return visitor.visit_i64(n);
        }
        if let Ok(n) = u64::try_from(n) {
            return visitor.visit_u64(n);
        }
    }
    number(value, visitor)
}

fn number<'de, V: Visitor<'de>>(value: &'de Value, visitor: V) -> Result<V::Value, ValueError> {
    match value {
        Value::I64(n) => visitor.visit_i64(*n),
        Value::U64(n) => visitor.visit_u64(*n),
        Value::F64(f) => visitor.visit_f64(*f),
        other => Err(wrong_type(other, &visitor)),
    }
}

macro_rules! forward {
    ($to:ident: $($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            $to(self, visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::I64(n) => visitor.visit_i64(*n),
            Value::U64(n) => visitor.visit_u64(*n),
            Value::F64(f) => visitor.visit_f64(*f),
            Value::Text(t) => visitor.visit_borrowed_str(t),
            Value::Bytes(b) => visitor.visit_string(to_base64(b)),
            Value::Instant(t) => visit_text(t, visitor),
            Value::Date(d) => visit_text(d, visitor),
            Value::Uuid(u) => visit_text(u, visitor),
            Value::Decimal(d) => visit_text(d, visitor),
            Value::Array(items) => access::seq(Items::new(items), visitor),
            Value::Object(o) => access::map(Fields::new(o), visitor),
        }
    }

    forward!(whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    forward!(number: deserialize_f32 deserialize_f64);

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Bytes(b) => visitor.visit_borrowed_bytes(b),
            // A 16-byte type that is not human-readable may ask like this.
            Value::Uuid(u) => visitor.visit_borrowed_bytes(u.as_bytes()),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Array(items) => access::seq(Items::new(items), visitor),
            // `Vec<u8>` is a list of numbers to serde.
            Value::Bytes(bytes) => visitor.visit_seq(Bytes::new(bytes)),
            other => Err(wrong_type(other, &visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Object(o) => access::map(Fields::new(o), visitor),
            other => Err(wrong_type(other, &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self {
            Value::Object(o) => access::map(Fields::new(o), visitor),
            Value::Array(items) => access::seq(Items::new(items), visitor),
            other => Err(wrong_type(other, &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Null => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Value::Null => visitor.visit_unit(),
            other => Err(wrong_type(other, &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self {
            Value::Text(t) => visitor.visit_enum(BorrowedStrDeserializer::new(t)),
            Value::Instant(t) => visitor.visit_enum(t.to_string().into_deserializer()),
            Value::Date(d) => visitor.visit_enum(d.to_string().into_deserializer()),
            Value::Uuid(u) => visitor.visit_enum(u.to_string().into_deserializer()),
            Value::Object(o) if o.len() == 1 => {
                let (name, content) = &o.as_slice()[0];
                visitor
                    .visit_enum(Variant::new(name, content))
                    .map_err(|e| e.under(name))
            }
            Value::Object(_) => Err(Error::invalid_value(
                Unexpected::Map,
                &"an object with exactly one key, the variant",
            )),
            other => Err(Error::invalid_type(
                unexpected(other),
                &"a variant's name or an object with one key",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { bool char str string identifier }
}

#[cfg(test)]
mod tests;
