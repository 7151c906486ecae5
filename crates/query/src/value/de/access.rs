//! What a visitor walks through: lists, objects, bytes and enum variants.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::de::{IntoDeserializer, value::BorrowedStrDeserializer};

use super::super::{CompactString, Object, Value, ValueError};
use super::key::KeyText;

/// Visits a list and refuses what the visitor left over (a tuple that is too long).
pub(super) fn seq<'de, V: Visitor<'de>>(
    mut items: Items<'de>,
    visitor: V,
) -> Result<V::Value, ValueError> {
    let got = visitor.visit_seq(&mut items)?;
    let left = items.rest.len();
    if left == 0 {
        return Ok(got);
    }
    let taken = items.at;
    Err(Error::invalid_length(taken + left, &LengthOf(taken)))
}

/// Visits an object and refuses what the visitor left over.
pub(super) fn map<'de, V: Visitor<'de>>(
    mut fields: Fields<'de>,
    visitor: V,
) -> Result<V::Value, ValueError> {
    let got = visitor.visit_map(&mut fields)?;
    match fields.rest.next() {
        None => Ok(got),
        Some((key, _)) => Err(ValueError::new(format!("unexpected key `{key}`"))),
    }
}

struct LengthOf(usize);

impl serde::de::Expected for LengthOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a list of {}", self.0)
    }
}

/// The items of a list.
pub(super) struct Items<'de> {
    rest: std::slice::Iter<'de, Value>,
    at: usize,
}

impl<'de> Items<'de> {
    pub(super) fn new(items: &'de [Value]) -> Items<'de> {
        Items {
            rest: items.iter(),
            at: 0,
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let Some(item) = self.rest.next() else {
            return Ok(None);
        };
        let at = self.at;
        self.at += 1;
        seed.deserialize(item).map(Some).map_err(|e| e.at(at))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Bytes as a list of numbers.
pub(super) struct Bytes<'de>(std::slice::Iter<'de, u8>);

impl<'de> Bytes<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Bytes<'de> {
        Bytes(bytes.iter())
    }
}

impl<'de> SeqAccess<'de> for Bytes<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        match self.0.next() {
            Some(byte) => seed.deserialize(byte.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The pairs of an object.
pub(super) struct Fields<'de> {
    rest: std::slice::Iter<'de, (CompactString, Value)>,
    current: Option<&'de (CompactString, Value)>,
}

impl<'de> Fields<'de> {
    pub(super) fn new(object: &'de Object) -> Fields<'de> {
        Fields {
            rest: object.as_slice().iter(),
            current: None,
        }
    }
}

impl<'de> MapAccess<'de> for &mut Fields<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        self.current = self.rest.next();
        match self.current {
            Some((key, _)) => seed
                .deserialize(KeyText(key))
                .map(Some)
                .map_err(|e| e.under(key)),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        match self.current.take() {
            Some((key, value)) => seed.deserialize(value).map_err(|e| e.under(key)),
            None => Err(ValueError::new("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// An enum written as an object with one key.
pub(super) struct Variant<'de> {
    name: &'de str,
    content: &'de Value,
}

impl<'de> Variant<'de> {
    pub(super) fn new(name: &'de str, content: &'de Value) -> Variant<'de> {
        Variant { name, content }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ValueError;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content<'de>), ValueError> {
        let name = seed.deserialize(BorrowedStrDeserializer::<ValueError>::new(self.name))?;
        Ok((name, Content(self.content)))
    }
}

/// What stands under a variant's name.
pub(super) struct Content<'de>(&'de Value);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        serde::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
