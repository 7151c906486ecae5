//! Map keys: text as it is, numbers and booleans as their text.

use serde::ser::{Impossible, Serialize, Serializer};

use super::super::{CompactString, ValueError};

pub(super) struct ToKey;

type Never = Impossible<CompactString, ValueError>;

fn no_key() -> ValueError {
    ValueError::new("a map key must be text, a number or a boolean")
}

macro_rules! as_text {
    ($($method:ident $type:ty),+ $(,)?) => {$(
        fn $method(self, v: $type) -> Result<CompactString, ValueError> {
            Ok(compact_str::format_compact!("{v}"))
        }
    )+};
}

impl Serializer for ToKey {
    type Ok = CompactString;
    type Error = ValueError;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    as_text! {
        serialize_bool bool, serialize_char char,
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128,
    }

    fn serialize_f32(self, f: f32) -> Result<CompactString, ValueError> {
        self.serialize_f64(f.into())
    }

    fn serialize_f64(self, f: f64) -> Result<CompactString, ValueError> {
        if f.is_finite() {
            Ok(compact_str::format_compact!("{f}"))
        } else {
            Err(no_key())
        }
    }

    fn serialize_str(self, s: &str) -> Result<CompactString, ValueError> {
        Ok(s.into())
    }

    fn serialize_bytes(self, _bytes: &[u8]) -> Result<CompactString, ValueError> {
        Err(no_key())
    }

    fn serialize_none(self) -> Result<CompactString, ValueError> {
        Err(no_key())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<CompactString, ValueError> {
        key.serialize(self)
    }

    fn serialize_unit(self) -> Result<CompactString, ValueError> {
        Err(no_key())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<CompactString, ValueError> {
        Err(no_key())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<CompactString, ValueError> {
        Ok(CompactString::const_new(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        key: &T,
    ) -> Result<CompactString, ValueError> {
        key.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _content: &T,
    ) -> Result<CompactString, ValueError> {
        Err(no_key())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Never, ValueError> {
        Err(no_key())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Never, ValueError> {
        Err(no_key())
    }
}
