//! Many links in one object: the id of each record, and data.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{IdType, ModelLink};
use crate::key::Key;
use crate::model::Model;
use crate::relation::{Relating, Relation, RelationKind};
use crate::wording::a;

/// Links to records of `T` with data: a JSON object from id to data, `{"t1": {"role": "lead"}}`.
///
/// It is empty where a client sends none. A merge patch changes one link and leaves the others alone; null removes it.
///
/// ```
/// # use larder_core::{Model, ModelLinksMap};
/// # #[derive(Debug, PartialEq)] struct Role { lead: bool }
/// # fn example<User: Model>(mut members: ModelLinksMap<User, Role>, ann: &User) {
/// assert_eq!(members.insert(ann, Role { lead: true }), None);
/// assert_eq!(members.get(ann.key()), Some(&Role { lead: true }));
/// assert!(members.remove(ann.key()).is_some() && members.is_empty());
/// # }
/// ```
pub struct ModelLinksMap<T, D> {
    links: BTreeMap<Key, D>,
    model: PhantomData<fn() -> T>,
}

impl<T, D> ModelLinksMap<T, D> {
    /// No links yet.
    pub const fn new() -> Self {
        Self {
            links: BTreeMap::new(),
            model: PhantomData,
        }
    }

    /// Adds a link, or gives the one that is there other data; the old data comes back.
    pub fn insert(&mut self, link: impl Into<ModelLink<T>>, data: D) -> Option<D> {
        self.links.insert(link.into().key().clone(), data)
    }

    /// Takes the link to this record out and gives its data.
    pub fn remove(&mut self, id: impl Into<Key>) -> Option<D> {
        self.links.remove(&id.into())
    }

    /// The data of the link to this record.
    pub fn get(&self, id: impl Into<Key>) -> Option<&D> {
        self.links.get(&id.into())
    }

    /// The data of the link to this record, to change it.
    pub fn get_mut(&mut self, id: impl Into<Key>) -> Option<&mut D> {
        self.links.get_mut(&id.into())
    }

    /// Whether there is a link to this record.
    pub fn contains(&self, id: impl Into<Key>) -> bool {
        self.links.contains_key(&id.into())
    }

    /// The ids with their data, in the order of the ids.
    pub fn iter(&self) -> btree_map::Iter<'_, Key, D> {
        self.links.iter()
    }

    /// How many links there are.
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }
}

impl<'a, T, D> IntoIterator for &'a ModelLinksMap<T, D> {
    type Item = (&'a Key, &'a D);
    type IntoIter = btree_map::Iter<'a, Key, D>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, D> Default for ModelLinksMap<T, D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, D: Clone> Clone for ModelLinksMap<T, D> {
    fn clone(&self) -> Self {
        Self {
            links: self.links.clone(),
            model: PhantomData,
        }
    }
}

impl<T, D: PartialEq> PartialEq for ModelLinksMap<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.links == other.links
    }
}

impl<T, D: fmt::Debug> fmt::Debug for ModelLinksMap<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = self.links.iter();
        f.debug_map()
            .entries(links.map(|(key, data)| (key.to_string(), data)))
            .finish()
    }
}

impl<T, D: Serialize> Serialize for ModelLinksMap<T, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let links = self.links.iter();
        serializer.collect_map(links.map(|(key, data)| (key.to_string(), data)))
    }
}

impl<'de, T: Model, D: Deserialize<'de>> Deserialize<'de> for ModelLinksMap<T, D> {
    fn deserialize<E: Deserializer<'de>>(deserializer: E) -> Result<Self, E::Error> {
        let named = BTreeMap::<String, D>::deserialize(deserializer)?;
        let mut links = BTreeMap::new();
        for (name, data) in named {
            // Ids that are numbers are written as text there.
            let Some(id) = T::Key::of_text(&name) else {
                let message = format!("`{name}` can't be the id of {}", a(T::NAME));
                return Err(E::Error::custom(message));
            };
            if links.insert(id.to_key(), data).is_some() {
                return Err(E::Error::custom(format!("links to `{name}` twice")));
            }
        }
        Ok(Self {
            links,
            model: PhantomData,
        })
    }
}

impl<T: Model, D: JsonSchema> JsonSchema for ModelLinksMap<T, D> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelLinksMap_{}_{}", T::NAME, D::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let data = generator.subschema_for::<D>();
        json_schema!({ "type": "object", "additionalProperties": data, "x-links": T::NAME })
    }
}

impl<T: Model, D> Relating for ModelLinksMap<T, D> {
    const RELATION: Relation = Relation::to(RelationKind::LinksMap, T::NAME);
}
