//! Many links in one field, without data of their own.

use std::borrow::Cow;
use std::fmt;
use std::slice;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ModelLink;
use super::keyed::{id_schema, repeated};
use crate::key::Key;
use crate::model::Model;
use crate::relation::{Relating, Relation, RelationKind};

/// Links to any number of records of `T`: a JSON array of their ids. It is empty where a client sends
/// none, keeps the order in which links were added, and has no record twice.
///
/// ```
/// # use larder_core::{Key, Model, ModelLinksSimpleArray};
/// # fn example<Tag: Model>(mut tags: ModelLinksSimpleArray<Tag>, tag: &Tag) {
/// assert!(tags.insert(tag), "it was not there");
/// assert!(!tags.insert(tag), "now it is");
/// assert!(tags.contains(tag.key())); // or `&tag.id`, or `"t1"`
/// assert!(tags.remove(tag.key()) && tags.is_empty());
/// # }
/// ```
pub struct ModelLinksSimpleArray<T>(Vec<ModelLink<T>>);

impl<T> ModelLinksSimpleArray<T> {
    /// No links yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a link at the end; false if it is there already.
    pub fn insert(&mut self, link: impl Into<ModelLink<T>>) -> bool {
        let link = link.into();
        let is_new = !self.0.contains(&link);
        if is_new {
            self.0.push(link);
        }
        is_new
    }

    /// Takes the link to this record out; false if there is none.
    pub fn remove(&mut self, id: impl Into<Key>) -> bool {
        let key = id.into();
        let at = self.0.iter().position(|link| *link.key() == key);
        at.map(|at| self.0.remove(at)).is_some()
    }

    /// Whether there is a link to this record.
    pub fn contains(&self, id: impl Into<Key>) -> bool {
        let key = id.into();
        self.0.iter().any(|link| *link.key() == key)
    }

    /// The links, in their order.
    pub fn iter(&self) -> slice::Iter<'_, ModelLink<T>> {
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
}

impl<'a, T> IntoIterator for &'a ModelLinksSimpleArray<T> {
    type Item = &'a ModelLink<T>;
    type IntoIter = slice::Iter<'a, ModelLink<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What stands there twice is kept once.
impl<T, L: Into<ModelLink<T>>> FromIterator<L> for ModelLinksSimpleArray<T> {
    fn from_iter<I: IntoIterator<Item = L>>(links: I) -> Self {
        let mut seen = std::collections::HashSet::new();
        let links = links.into_iter().map(Into::into);
        Self(
            links
                .filter(|link| seen.insert(link.key().clone()))
                .collect(),
        )
    }
}

impl<T> Default for ModelLinksSimpleArray<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for ModelLinksSimpleArray<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for ModelLinksSimpleArray<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for ModelLinksSimpleArray<T> {}

impl<T> fmt::Debug for ModelLinksSimpleArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl<T> Serialize for ModelLinksSimpleArray<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Model> Deserialize<'de> for ModelLinksSimpleArray<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let links = Vec::<ModelLink<T>>::deserialize(deserializer)?;
        match repeated(links.iter().map(ModelLink::key)) {
            Some(key) => Err(D::Error::custom(format!("links to `{key}` twice"))),
            None => Ok(Self(links)),
        }
    }
}

impl<T: Model> JsonSchema for ModelLinksSimpleArray<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelLinksSimpleArray_{}", T::NAME).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let link = id_schema::<T>(generator);
        json_schema!({ "type": "array", "items": link, "uniqueItems": true, "x-links": T::NAME })
    }
}

impl<T: Model> Relating for ModelLinksSimpleArray<T> {
    const RELATION: Relation = Relation::to(RelationKind::LinksSimpleArray, T::NAME);
}
