//! What identifies a record within its model.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use larder_query::Value;
use serde::{Serialize, Serializer};

use crate::types::{Id, IdType};

mod text;

pub(crate) use text::split;

/// The key of a record: one value of the kind of the model's id field (text, integer or UUID), or one for each of the fields
/// that are its id together.
///
/// It prints as it stands in a URL before percent-encoding. Several parts are joined by commas; a comma inside a part is `~1`
/// there, and a tilde `~0`. Keys sort by their parts in order, not by that text.
///
/// ```
/// use larder_core::Key;
/// assert_eq!(Key::from("a").to_string(), "a");
/// let flight = Key::from(("UA", 1545_u32));
/// assert_eq!(flight.to_string(), "UA,1545");
/// assert_eq!(flight.parts().len(), 2);
/// assert_eq!(Key::from(("1,5", "~")).to_string(), "1~15,~0");
/// ```
#[derive(Clone, Debug)]
pub struct Key(Value);

impl Key {
    /// The longest text key, or text part of a key, in bytes.
    pub const MAX_LEN: usize = 255;

    /// The key of these parts, in the order of the model's fields; of one part it is that value.
    pub fn of_parts(parts: impl IntoIterator<Item = Value>) -> Self {
        let mut parts: Vec<Value> = parts.into_iter().collect();
        match (parts.pop(), parts.is_empty()) {
            (Some(only), true) => Self(only),
            (last, _) => {
                parts.extend(last);
                Self(Value::Array(parts.into()))
            }
        }
    }

    /// The key as a value; of several parts it is an array.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The key as a value, by move.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The values that it consists of, in the order of the model's fields: usually one.
    pub fn parts(&self) -> &[Value] {
        parts(&self.0)
    }

    /// The key as a link holds it: the value, and of several parts their text.
    pub(crate) fn link(&self) -> Cow<'_, Value> {
        match &self.0 {
            Value::Array(_) => Cow::Owned(Value::from(self.to_string())),
            value => Cow::Borrowed(value),
        }
    }

    /// [`link`](Self::link), by move.
    pub(crate) fn into_link(self) -> Value {
        match &self.0 {
            Value::Array(_) => Value::from(self.to_string()),
            _ => self.0,
        }
    }

    /// Writes what a link holds.
    pub(crate) fn serialize_link<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Array(_) => serializer.collect_str(self),
            value => value.serialize(serializer),
        }
    }
}

/// The parts of a key's value.
pub(crate) fn parts(key: &Value) -> &[Value] {
    match key {
        Value::Array(parts) => parts,
        value => std::slice::from_ref(value),
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

impl<K: IdType> From<Cow<'_, K>> for Key {
    fn from(id: Cow<'_, K>) -> Self {
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

macro_rules! from_integers {
    ($($name:ty),*) => {
        $(impl From<$name> for Key {
            fn from(number: $name) -> Self {
                Self(Value::from(number))
            }
        })*
    };
}

from_integers!(i32, i64, u32, u64);

impl From<bool> for Key {
    fn from(value: bool) -> Self {
        Self(Value::from(value))
    }
}

impl From<jiff::civil::Date> for Key {
    fn from(day: jiff::civil::Date) -> Self {
        Self(Value::Date(day))
    }
}

impl From<jiff::Timestamp> for Key {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(Value::Instant(crate::model::micros(instant)))
    }
}

macro_rules! from_tuples {
    ($(($($part:ident $name:ident),+))+) => {
        $(impl<$($part: Into<Key>),+> From<($($part,)+)> for Key {
            fn from(($($name,)+): ($($part,)+)) -> Self {
                Self::of_parts([$($name.into().into_link()),+])
            }
        })+
    };
}

from_tuples! {
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
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
        hash(&self.0, state);
    }
}

fn hash<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::Text(text) => text.as_bytes().hash(state),
        Value::I64(number) => number.hash(state),
        Value::U64(number) => number.hash(state),
        Value::Uuid(uuid) => uuid.as_bytes().hash(state),
        Value::Array(parts) => parts.iter().for_each(|part| hash(part, state)),
        other => format!("{other:?}").hash(state),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Text(text) => f.write_str(text),
            Value::Array(parts) => text::join(parts, f),
            other => text::print(other, f),
        }
    }
}
