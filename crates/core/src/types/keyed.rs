//! Data beside an id, as one object: what link arrays with data and mapped copies consist of.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::{Deref, DerefMut};

use larder_query::{Object, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::ModelLink;
use crate::key::Key;
use crate::model::Model;

/// The id of a record of `T`, and data: one JSON object, in which the id stands first, under the name that it has in `T`.
///
/// It derefs to its data.
pub struct Keyed<T, D> {
    link: ModelLink<T>,
    data: D,
}

impl<T, D> Keyed<T, D> {
    /// Data beside the id of a record.
    pub fn new(link: impl Into<ModelLink<T>>, data: D) -> Self {
        Self {
            link: link.into(),
            data,
        }
    }

    /// The link to the record.
    pub fn link(&self) -> &ModelLink<T> {
        &self.link
    }

    /// The id of the record, without its type.
    pub fn key(&self) -> &Key {
        self.link.key()
    }

    /// The data, by move.
    pub fn into_data(self) -> D {
        self.data
    }
}

impl<T: Model, D> Keyed<T, D> {
    /// The id of the record.
    pub fn id(&self) -> T::Key {
        self.link.id()
    }
}

impl<T, D> Deref for Keyed<T, D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.data
    }
}

impl<T, D> DerefMut for Keyed<T, D> {
    fn deref_mut(&mut self) -> &mut D {
        &mut self.data
    }
}

impl<T, D: Clone> Clone for Keyed<T, D> {
    fn clone(&self) -> Self {
        Self {
            link: self.link.clone(),
            data: self.data.clone(),
        }
    }
}

impl<T, D: PartialEq> PartialEq for Keyed<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link && self.data == other.data
    }
}

impl<T, D: fmt::Debug> fmt::Debug for Keyed<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed")
            .field("id", &format_args!("{}", self.key()))
            .field("data", &self.data)
            .finish()
    }
}

impl<T: Model, D: Serialize> Serialize for Keyed<T, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value::Object(data) = larder_query::to_value(&self.data).map_err(S::Error::custom)?
        else {
            return Err(S::Error::custom(
                "the data beside an id is a struct with named fields",
            ));
        };
        let mut map = serializer.serialize_map(Some(data.len() + 1))?;
        map.serialize_entry(T::KEY, &self.link)?;
        for (name, value) in data.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, T: Model, D: DeserializeOwned> Deserialize<'de> for Keyed<T, D> {
    fn deserialize<E: Deserializer<'de>>(deserializer: E) -> Result<Self, E::Error> {
        let mut object = Object::deserialize(deserializer)?;
        let id = object.remove(T::KEY).unwrap_or_default();
        Ok(Self {
            link: larder_query::from_value(&id).map_err(E::Error::custom)?,
            data: larder_query::from_value(&Value::from(object)).map_err(E::Error::custom)?,
        })
    }
}

impl<T: Model, D: JsonSchema> JsonSchema for Keyed<T, D> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Of{}", D::schema_name(), T::NAME).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}::{}::{}", D::schema_id(), T::NAME, T::unique_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let id = id_schema::<T>(generator);
        let data = D::json_schema(generator).to_value();
        let has_members = data.get("properties").is_some_and(Json::is_object);
        let schema = match data {
            // `build()` tells what is wrong with the data: a schema can't fail.
            Json::Object(data) if !has_members && data.get("type") != Some(&json!("object")) => {
                json!({ "type": "object", "x-no-object": true })
            }
            Json::Object(mut data) => {
                let members = data.remove("properties");
                let members = members.as_ref().and_then(Json::as_object);
                if members.is_some_and(|members| members.contains_key(T::KEY)) {
                    data.insert("x-taken".to_owned(), T::KEY.into());
                }
                let mut properties = serde_json::Map::new();
                properties.insert(T::KEY.to_owned(), id.to_value());
                properties.extend(members.cloned().unwrap_or_default());
                let mut required = vec![Json::from(T::KEY)];
                if let Some(Json::Array(names)) = data.remove("required") {
                    required.extend(names);
                }
                data.insert("properties".to_owned(), properties.into());
                data.insert("required".to_owned(), required.into());
                Json::Object(data)
            }
            _ => json!({ "type": "object", "x-no-object": true }),
        };
        Schema::try_from(schema).unwrap_or_else(|_| json_schema!({ "type": "object" }))
    }
}

/// The schema of a link that stands among others. There is no empty id, so an empty text is no link: a list without links
/// is an empty list.
pub(super) fn id_schema<T: Model>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = ModelLink::<T>::json_schema(generator);
    let has = |word: &str| schema.get(word).is_some();
    if schema.get("type").is_some_and(|name| name == "string")
        && !has("format")
        && !has("minLength")
    {
        schema.insert("minLength".to_owned(), 1.into());
    }
    schema
}

/// The first key that stands there twice.
pub(super) fn repeated<'a>(keys: impl Iterator<Item = &'a Key>) -> Option<&'a Key> {
    let mut seen = HashSet::new();
    keys.into_iter().find(|key| !seen.insert(*key))
}
