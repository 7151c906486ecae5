//! Turning Rust types into a [`Value`]: a `serde` serializer that builds one.

mod compound;
mod key;

use serde::ser::{Serialize, Serializer};

use self::compound::{Items, Pairs, TaggedItems, TaggedPairs};
use super::convert::unsigned_zero;
use super::{Object, Value, ValueError};

/// Makes a value from anything that serde can serialise.
///
/// Instants, dates and UUIDs arrive as text, because serde's human-readable form has no kinds for
/// them; whoever knows the field's kind coerces afterwards. An `f32` becomes the `f64` with the
/// same shortest text, so `0.1_f32` is `0.1` and not `0.10000000149011612`.
///
/// # Errors
/// NaN and infinities, `i128`/`u128` beyond 64 bits, map keys that are no text, number or boolean,
/// and what a type's own `Serialize` refuses; all with the path to the place.
///
/// ```
/// use larder_query::{Value, to_value};
///
/// assert_eq!(to_value(&Some("a")).unwrap(), Value::from("a"));
/// assert!(to_value(&f64::NAN).is_err());
/// ```
pub fn to_value<T: Serialize + ?Sized>(what: &T) -> Result<Value, ValueError> {
    what.serialize(ValueSerializer)
}

/// An object with one key: an enum's variant.
fn tagged(variant: &'static str, content: Value) -> Value {
    let mut object = Object::with_capacity(1);
    object.push(variant.into(), content);
    object.into()
}

fn too_big(n: impl std::fmt::Display) -> ValueError {
    ValueError::new(format!("{n} is out of the range of 64-bit whole numbers"))
}

/// The serializer behind [`to_value`], for functions that take one, such as those of `#[serde(with = "..")]`.
///
/// ```
/// use larder_query::{Value, ValueSerializer};
/// use serde::Serializer;
///
/// assert_eq!(ValueSerializer.serialize_u8(5).unwrap(), Value::I64(5));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ValueSerializer;

macro_rules! small_ints {
    ($($method:ident $type:ty),+) => {$(
        fn $method(self, n: $type) -> Result<Value, ValueError> {
            Ok(Value::I64(n.into()))
        }
    )+};
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = TaggedItems;
    type SerializeMap = Pairs;
    type SerializeStruct = Pairs;
    type SerializeStructVariant = TaggedPairs;

    small_ints!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32);

    fn serialize_bool(self, b: bool) -> Result<Value, ValueError> {
        Ok(Value::Bool(b))
    }

    fn serialize_u64(self, n: u64) -> Result<Value, ValueError> {
        Ok(Value::from(n))
    }

    fn serialize_i128(self, n: i128) -> Result<Value, ValueError> {
        match i64::try_from(n) {
            Ok(n) => Ok(Value::I64(n)),
            Err(_) => u64::try_from(n).map(Value::from).map_err(|_| too_big(n)),
        }
    }

    fn serialize_u128(self, n: u128) -> Result<Value, ValueError> {
        u64::try_from(n).map(Value::from).map_err(|_| too_big(n))
    }

    fn serialize_f32(self, f: f32) -> Result<Value, ValueError> {
        let wide = f64::from(f);
        let short = f.to_string().parse().unwrap_or(wide);
        // The shortest text reads back as the same f32; should rounding twice ever fail, widen.
        self.serialize_f64(if short as f32 == f { short } else { wide })
    }

    fn serialize_f64(self, f: f64) -> Result<Value, ValueError> {
        if f.is_finite() {
            Ok(unsigned_zero(f))
        } else {
            Err(ValueError::new(format!("{f} is not a finite number")))
        }
    }

    fn serialize_char(self, c: char) -> Result<Value, ValueError> {
        Ok(Value::from(&*c.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, s: &str) -> Result<Value, ValueError> {
        Ok(Value::from(s))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ValueError> {
        // As JSON has them. Base64 is a type's own matter: it serialises as text, and its schema says so.
        Ok(bytes.iter().copied().map(Value::from).collect())
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, some: &T) -> Result<Value, ValueError> {
        some.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        content: &T,
    ) -> Result<Value, ValueError> {
        content.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        content: &T,
    ) -> Result<Value, ValueError> {
        let content = content.serialize(self).map_err(|e| e.under(variant))?;
        Ok(tagged(variant, content))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items, ValueError> {
        Ok(Items::new(len.unwrap_or(0)))
    }

    fn serialize_tuple(self, len: usize) -> Result<Items, ValueError> {
        Ok(Items::new(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items, ValueError> {
        Ok(Items::new(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TaggedItems, ValueError> {
        Ok(TaggedItems {
            variant,
            items: Items::new(len),
        })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Pairs, ValueError> {
        Ok(Pairs::new(len.unwrap_or(0)))
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Pairs, ValueError> {
        Ok(Pairs::new(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TaggedPairs, ValueError> {
        Ok(TaggedPairs {
            variant,
            pairs: Pairs::new(len),
        })
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, what: &T) -> Result<Value, ValueError> {
        use std::fmt::Write;
        let mut text = super::CompactString::default();
        write!(text, "{what}").map_err(|_| ValueError::new("a value failed to print"))?;
        Ok(Value::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn numbers() {
        assert_eq!(to_value(&5_u64).unwrap(), Value::I64(5));
        assert_eq!(to_value(&u64::MAX).unwrap(), Value::U64(u64::MAX));
        assert_eq!(to_value(&(u64::MAX as i128)).unwrap(), Value::U64(u64::MAX));
        assert_eq!(to_value(&-3_i128).unwrap(), Value::I64(-3));
        assert_eq!(to_value(&0.1_f32).unwrap(), Value::F64(0.1));
        assert_eq!(
            to_value(&f32::MAX).unwrap().as_f64().unwrap() as f32,
            f32::MAX
        );
        assert!(to_value(&(i128::from(u64::MAX) + 1)).is_err());
        assert!(to_value(&u128::MAX).is_err());
        assert!(to_value(&f32::INFINITY).is_err());
    }

    #[test]
    fn errors_say_where() {
        let bad = BTreeMap::from([("a", vec![1.0, f64::NAN])]);
        let err = to_value(&bad).unwrap_err();
        assert_eq!(err.to_string(), "a[1]: NaN is not a finite number");
    }

    #[test]
    fn keys_become_text() {
        assert_eq!(
            to_value(&BTreeMap::from([(7_i64, 'x')])).unwrap().get("7"),
            Some(&Value::from("x"))
        );
        assert_eq!(
            to_value(&BTreeMap::from([(true, ())])).unwrap().get("true"),
            Some(&Value::Null)
        );
        assert!(to_value(&BTreeMap::from([((1, 2), 3)])).is_err());
    }

    #[test]
    fn bytes_are_a_list_as_in_json() {
        struct Raw;
        impl Serialize for Raw {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_bytes(b"ab")
            }
        }
        assert_eq!(
            to_value(&Raw).unwrap(),
            Value::from_iter([97_u8, 98].map(Value::from))
        );
    }
}
