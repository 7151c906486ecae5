//! Ids: a type for each model, so that the id of one can't be given where another's is wanted.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use larder_query::{CompactString, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::key::Key;

/// The id of a `T`: text, by default a new UUIDv7 (RFC 9562), which sorts by time. A client may choose another text on PUT.
///
/// ```
/// use larder_core::Id;
/// struct Post;
/// let id = Id::<Post>::new();
/// assert_eq!(id.as_str().len(), 36);
/// assert_eq!(Id::<Post>::from("first").to_string(), "first");
/// ```
pub struct Id<T> {
    text: CompactString,
    model: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// A new id, unlike any other.
    pub fn new() -> Self {
        Self::from(
            uuid::Uuid::now_v7()
                .hyphenated()
                .encode_lower(&mut uuid::Uuid::encode_buffer()) as &str,
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<T> Default for Id<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<&str> for Id<T> {
    fn from(text: &str) -> Self {
        Self {
            text: text.into(),
            model: PhantomData,
        }
    }
}

impl<T> From<String> for Id<T> {
    fn from(text: String) -> Self {
        Self {
            text: text.into(),
            model: PhantomData,
        }
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            model: PhantomData,
        }
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.text)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self {
            text: CompactString::from(text.as_ref()),
            model: PhantomData,
        })
    }
}

impl<T> JsonSchema for Id<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": Key::MAX_LEN })
    }
}

/// Types that can be the id of a model: [`Id`], `String`, `Uuid`, and integers; and tuples of [`KeyPart`](crate::KeyPart)s, for a model whose
/// id is several fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the id of a model",
    label = "not an id type",
    note = "an id is an `Id<..>`, a `String`, a `Uuid`, or an integer; or several fields, each marked `#[model(id)]`"
)]
pub trait IdType:
    Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The id as a key.
    fn to_key(&self) -> Key;

    /// The id that a key stands for; None if it is none of this type.
    fn of_key(key: &Key) -> Option<Self> {
        larder_query::from_value(key.value()).ok()
    }

    /// The id that a text stands for, as in a URL; None if it can't be one.
    fn of_text(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > Key::MAX_LEN {
            return None;
        }
        let read = |value: &Value| larder_query::from_value(value).ok();
        let number = || {
            let number = text.parse::<i64>().map(Value::from);
            number.or_else(|_| text.parse::<u64>().map(Value::from))
        };
        read(&Value::from(text)).or_else(|| read(&number().ok()?))
    }

    /// Reads the id out of what a link holds.
    #[doc(hidden)]
    fn of_link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    /// The schema of a link.
    #[doc(hidden)]
    fn link_schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }
}

impl<T: 'static> IdType for Id<T> {
    fn to_key(&self) -> Key {
        Key::from(Value::Text(self.text.clone()))
    }
}

impl IdType for String {
    fn to_key(&self) -> Key {
        Key::from(self.as_str())
    }
}

impl IdType for uuid::Uuid {
    fn to_key(&self) -> Key {
        Key::from(Value::Uuid(*self))
    }
}

macro_rules! integer_ids {
    ($($name:ty),*) => {
        $(impl IdType for $name {
            fn to_key(&self) -> Key {
                Key::from(Value::from(*self))
            }
        })*
    };
}

integer_ids!(i32, i64, u32, u64);
