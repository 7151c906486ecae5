//! Between records and a model's own struct, by serde and without a JSON text in the middle.

use larder_query::{Value, ValueError};
use serde::Serialize;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use crate::error::{Error, Result};
use crate::types::reveal;

/// The struct from pairs of field and value that somebody has just given, who may hear why they don't fit.
pub(crate) fn decode_given<T: DeserializeOwned>(
    fields: &[(&str, &Value)],
) -> Result<T, ValueError> {
    T::deserialize(Fields {
        rest: fields.iter(),
        now: None,
    })
}

/// The struct from pairs of field and value of a stored record.
pub(crate) fn decode<T: DeserializeOwned>(fields: &[(&str, &Value)]) -> Result<T> {
    // The place alone: what serde says quotes the value, which may be a hidden one, and this goes to the log.
    decode_given(fields).map_err(|error| {
        let place = error.path();
        Error::internal(format!(
            "a stored record does not fit its struct at `{place}`"
        ))
    })
}

/// The fields of a struct, secrets included.
pub(crate) fn encode<T: Serialize>(model: &T) -> Result<Value> {
    reveal(|| larder_query::to_value(model)).map_err(Error::internal)
}

struct Fields<'a> {
    rest: std::slice::Iter<'a, (&'a str, &'a Value)>,
    /// The pair whose name was given last.
    now: Option<(&'a str, &'a Value)>,
}

impl<'de> Deserializer<'de> for Fields<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.now = Some((name, value));
        seed.deserialize((*name).into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        let (name, value) = self.now.take().unwrap_or(("", &Value::Null));
        let read = seed.deserialize(value);
        read.map_err(|error: ValueError| error.under(name))
    }
}
