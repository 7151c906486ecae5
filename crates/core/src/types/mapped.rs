//! Copies of other records' fields on the record that they link to.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::slice;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::keyed::Keyed;
use crate::key::Key;
use crate::model::{Model, Relations};
use crate::relation::{Mapped, Relating, Relation, RelationKind};

/// One copy: the fields of the struct `M`, and the id of the record that they are from.
pub type MappedCopy<M> = Keyed<<M as Mapped>::Source, M>;

/// Copies of the records that link here: a JSON array, `[{"id": "c1", "text": ".."}]`.
///
/// `M` is a struct with `#[derive(Mapped)]`, which says what is copied and which link counts. The copies are the server's:
/// what a client sends is ignored.
pub struct ModelsMapped<M: Mapped>(Vec<MappedCopy<M>>);

impl<M: Mapped> ModelsMapped<M> {
    /// No copies.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The copy of this record.
    pub fn get(&self, id: impl Into<Key>) -> Option<&MappedCopy<M>> {
        let key = id.into();
        self.0.iter().find(|copy| *copy.key() == key)
    }
}

impl<M: Mapped> Deref for ModelsMapped<M> {
    type Target = [MappedCopy<M>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, M: Mapped> IntoIterator for &'a ModelsMapped<M> {
    type Item = &'a MappedCopy<M>;
    type IntoIter = slice::Iter<'a, MappedCopy<M>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<M: Mapped> Default for ModelsMapped<M> {
    fn default() -> Self {
        Self::new()
    }
}

/// A copy of the one record that links here: a JSON object, or null while there is none.
///
/// As [`ModelsMapped`], for a link that one record at the most has.
pub struct ModelMapped<M: Mapped>(Option<MappedCopy<M>>);

impl<M: Mapped> ModelMapped<M> {
    /// No copy.
    pub const fn new() -> Self {
        Self(None)
    }
}

impl<M: Mapped> Deref for ModelMapped<M> {
    type Target = Option<MappedCopy<M>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<M: Mapped> Default for ModelMapped<M> {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! field_type {
    ($name:ident, $kind:ident) => {
        impl<M: Mapped + Clone> Clone for $name<M> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<M: Mapped + PartialEq> PartialEq for $name<M> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<M: Mapped + fmt::Debug> fmt::Debug for $name<M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<M: Mapped + Serialize> Serialize for $name<M> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de, M: Mapped + DeserializeOwned> Deserialize<'de> for $name<M> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Deserialize::deserialize(deserializer).map(Self)
            }
        }

        impl<M: Mapped> Relating for $name<M> {
            const RELATION: Relation =
                Relation::to(RelationKind::$kind, M::Source::NAME).via(M::VIA);
            const FAR: Option<Relations> = M::Source::RELATIONS;
        }
    };
}

field_type!(ModelMapped, MappedOne);
field_type!(ModelsMapped, MappedMany);

impl<M: Mapped + JsonSchema> JsonSchema for ModelsMapped<M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelsMapped_{}", M::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let copy = generator.subschema_for::<MappedCopy<M>>();
        let (source, key) = (M::Source::NAME, M::Source::KEY);
        json_schema!({ "type": "array", "items": copy, "x-mapped": source, "x-via": M::VIA, "x-key": key })
    }
}

impl<M: Mapped + JsonSchema> JsonSchema for ModelMapped<M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelMapped_{}", M::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let copy = generator.subschema_for::<MappedCopy<M>>();
        let (source, key) = (M::Source::NAME, M::Source::KEY);
        json_schema!({ "anyOf": [copy, { "type": "null" }], "x-mapped": source, "x-via": M::VIA, "x-key": key })
    }
}
