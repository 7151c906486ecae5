//! Lists, maps and structs under construction.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::super::{CompactString, Object, Value, ValueError};
use super::{ValueSerializer, key, tagged};

/// Lengths come from the type being serialised; a wrong one must not take all memory.
const TRUSTED_HINT: usize = 4096;

/// A list.
#[derive(Debug)]
pub struct Items(Vec<Value>);

impl Items {
    pub(super) fn new(len: usize) -> Items {
        Items(Vec::with_capacity(len.min(TRUSTED_HINT)))
    }

    fn add<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        let at = self.0.len();
        self.0
            .push(item.serialize(ValueSerializer).map_err(|e| e.at(at))?);
        Ok(())
    }

    fn done(self) -> Value {
        Value::Array(self.0.into())
    }
}

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        self.add(item)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl SerializeTuple for Items {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        self.add(item)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        self.add(item)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

/// A tuple variant of an enum.
#[derive(Debug)]
pub struct TaggedItems {
    pub(super) variant: &'static str,
    pub(super) items: Items,
}

impl SerializeTupleVariant for TaggedItems {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ValueError> {
        self.items.add(item).map_err(|e| e.under(self.variant))
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(tagged(self.variant, self.items.done()))
    }
}

/// A map or a struct.
#[derive(Debug)]
pub struct Pairs {
    pairs: Vec<(CompactString, Value)>,
    key: CompactString,
}

impl Pairs {
    pub(super) fn new(len: usize) -> Pairs {
        Pairs {
            pairs: Vec::with_capacity(len.min(TRUSTED_HINT)),
            key: CompactString::default(),
        }
    }

    fn add<T: Serialize + ?Sized>(
        &mut self,
        key: CompactString,
        value: &T,
    ) -> Result<(), ValueError> {
        let value = value
            .serialize(ValueSerializer)
            .map_err(|e| e.under(&key))?;
        self.pairs.push((key, value));
        Ok(())
    }

    fn done(self) -> Value {
        Object::from_pairs(self.pairs).into()
    }

    /// A struct's names are distinct, so they need no check.
    fn done_distinct(self) -> Value {
        Object::from_distinct(self.pairs).into()
    }
}

impl SerializeMap for Pairs {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = key.serialize(key::ToKey)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let key = std::mem::take(&mut self.key);
        self.add(key, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done())
    }
}

impl SerializeStruct for Pairs {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.add(CompactString::const_new(key), value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(self.done_distinct())
    }
}

/// A struct variant of an enum.
#[derive(Debug)]
pub struct TaggedPairs {
    pub(super) variant: &'static str,
    pub(super) pairs: Pairs,
}

impl SerializeStructVariant for TaggedPairs {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.pairs
            .add(CompactString::const_new(key), value)
            .map_err(|e| e.under(self.variant))
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(tagged(self.variant, self.pairs.done_distinct()))
    }
}
