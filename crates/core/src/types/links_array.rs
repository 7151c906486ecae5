//! Many links in one array, each with data of its own.

use std::borrow::Cow;
use std::fmt;
use std::slice;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ModelLink;
use super::keyed::{Keyed, repeated};
use crate::key::Key;
use crate::model::Model;
use crate::relation::{Relating, Relation, RelationKind};

/// Links to records of `T` with data beside each: a JSON array of objects, `[{"id": "t1", "shift": "day"}]`.
///
/// The id stands under the name that it has in `T`; the members of the struct `D` stand beside it. The array is empty where
/// a client sends none, keeps the order in which links were added, and has no record twice.
///
/// ```
/// # use larder_core::{Model, ModelLinksArray};
/// # #[derive(Debug, PartialEq)] struct Shift { night: bool }
/// # fn example<User: Model>(mut staff: ModelLinksArray<User, Shift>, ann: &User) {
/// assert_eq!(staff.insert(ann, Shift { night: true }), None);
/// assert!(staff.get(ann.key()).is_some_and(|shift| shift.night));
/// assert_eq!(staff.remove(ann.key()), Some(Shift { night: true }));
/// # }
/// ```
pub struct ModelLinksArray<T, D>(Vec<Keyed<T, D>>);

impl<T, D> ModelLinksArray<T, D> {
    /// No links yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a link at the end, or gives the one that is there other data; the old data comes back.
    pub fn insert(&mut self, link: impl Into<ModelLink<T>>, data: D) -> Option<D> {
        let entry = Keyed::new(link, data);
        match self.at(entry.key()) {
            Some(at) => Some(std::mem::replace(&mut self.0[at], entry).into_data()),
            None => {
                self.0.push(entry);
                None
            }
        }
    }

    /// Takes the link to this record out and gives its data.
    pub fn remove(&mut self, id: impl Into<Key>) -> Option<D> {
        let at = self.at(&id.into())?;
        Some(self.0.remove(at).into_data())
    }

    /// The data beside the link to this record.
    pub fn get(&self, id: impl Into<Key>) -> Option<&D> {
        self.at(&id.into()).map(|at| &*self.0[at])
    }

    /// The data beside the link to this record, to change it.
    pub fn get_mut(&mut self, id: impl Into<Key>) -> Option<&mut D> {
        self.at(&id.into()).map(|at| &mut *self.0[at])
    }

    /// Whether there is a link to this record.
    pub fn contains(&self, id: impl Into<Key>) -> bool {
        self.at(&id.into()).is_some()
    }

    /// The links with their data, in their order.
    pub fn iter(&self) -> slice::Iter<'_, Keyed<T, D>> {
        self.0.iter()
    }

    /// How many links there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn at(&self, key: &Key) -> Option<usize> {
        self.0.iter().position(|entry| entry.key() == key)
    }
}

impl<'a, T, D> IntoIterator for &'a ModelLinksArray<T, D> {
    type Item = &'a Keyed<T, D>;
    type IntoIter = slice::Iter<'a, Keyed<T, D>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, D> Default for ModelLinksArray<T, D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, D: Clone> Clone for ModelLinksArray<T, D> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, D: PartialEq> PartialEq for ModelLinksArray<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T, D: fmt::Debug> fmt::Debug for ModelLinksArray<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl<T: Model, D: Serialize> Serialize for ModelLinksArray<T, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Model, D: DeserializeOwned> Deserialize<'de> for ModelLinksArray<T, D> {
    fn deserialize<E: Deserializer<'de>>(deserializer: E) -> Result<Self, E::Error> {
        let entries = Vec::<Keyed<T, D>>::deserialize(deserializer)?;
        match repeated(entries.iter().map(Keyed::key)) {
            Some(key) => Err(E::Error::custom(format!("links to `{key}` twice"))),
            None => Ok(Self(entries)),
        }
    }
}

impl<T: Model, D: JsonSchema> JsonSchema for ModelLinksArray<T, D> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelLinksArray_{}_{}", T::NAME, D::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<Keyed<T, D>>();
        json_schema!({ "type": "array", "items": entry, "x-links": T::NAME, "x-key": T::KEY })
    }
}

impl<T: Model, D> Relating for ModelLinksArray<T, D> {
    const RELATION: Relation = Relation::to(RelationKind::LinksArray, T::NAME);
}
