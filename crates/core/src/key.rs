//! What identifies a record within its model.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use larder_query::Value;

use crate::types::{Id, IdType};

/// The key of a record: one value, of the kind of the model's id field (text, integer or UUID).
///
/// ```
/// use larder_core::Key;
/// assert_eq!(Key::from("a").to_string(), "a");
/// ```
#[derive(Clone, Debug)]
pub struct Key(Value);

impl Key {
    /// The longest text key, in bytes.
    pub const MAX_LEN: usize = 255;

    /// The key as a value.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The key as a value, by move.
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<Value> for Key {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(Value::from(text))
    }
}

impl<K: IdType> From<&K> for Key {
    fn from(id: &K) -> Self {
        id.to_key()
    }
}

impl<T> From<Id<T>> for Key
where
    Id<T>: IdType,
{
    fn from(id: Id<T>) -> Self {
        id.to_key()
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(Value::from(text))
    }
}

impl From<uuid::Uuid> for Key {
    fn from(uuid: uuid::Uuid) -> Self {
        Self(Value::Uuid(uuid))
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self(Value::from(number))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Value::Text(text) => text.as_bytes().hash(state),
            Value::I64(number) => number.hash(state),
            Value::U64(number) => number.hash(state),
            Value::Uuid(uuid) => uuid.as_bytes().hash(state),
            other => format!("{other:?}").hash(state),
        }
    }
}

impl fmt::Display for Key {
    /// The key as it stands in a URL, before percent-encoding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => f.write_str(text),
            Value::I64(number) => number.fmt(f),
            Value::U64(number) => number.fmt(f),
            Value::Uuid(uuid) => uuid.hyphenated().fmt(f),
            other => write!(f, "{other:?}"),
        }
    }
}
