//! Ids as MongoDB makes them.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use jiff::Timestamp;
use larder_query::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{IdType, KeyPart};
use crate::key::Key;

/// What the schema of such an id has as its `format`.
pub(crate) const FORMAT: &str = "objectid";

/// What is wrong with a text that is no such id.
pub(crate) const EXPECTED: &str = "must be an ObjectId: 24 hexadecimal digits, in small letters";

/// The id of a `T` as MongoDB's drivers make them: 12 bytes, of which the first 4 are the seconds since 1970. In JSON it is the text of
/// its 24 hexadecimal digits, in small letters.
///
/// It is for collections of MongoDB that other programs write too: there it is stored as an `ObjectId`, and so is every link to such
/// a record. Other stores keep the text. Where nobody else makes the ids, [`Id`](super::Id) says when it was made to the millisecond.
///
/// ```
/// use larder_core::ObjectId;
/// struct Post;
/// let id: ObjectId<Post> = "65f0c0ffee00000000000001".parse()?;
/// assert_eq!(id.to_string(), "65f0c0ffee00000000000001");
/// assert!("65F0C0FFEE00000000000001".parse::<ObjectId<Post>>().is_err());
/// assert_ne!(ObjectId::<Post>::new(), ObjectId::new());
/// # Ok::<(), larder_core::NoObjectId>(())
/// ```
pub struct ObjectId<T> {
    bytes: [u8; 12],
    model: PhantomData<fn() -> T>,
}

/// A text is no [`ObjectId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoObjectId;

impl fmt::Display for NoObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }
}

impl std::error::Error for NoObjectId {}

impl<T> ObjectId<T> {
    /// A new id, unlike any other.
    pub fn new() -> Self {
        let now = uuid::Uuid::now_v7().get_timestamp();
        Self::at(now.map_or(0, |now| now.to_unix().0))
    }

    /// A new id of a second since 1970; the rest of it is random, 62 bits.
    fn at(second: u64) -> Self {
        let mut bytes = [0; 12];
        let (time, random) = bytes.split_at_mut(4);
        time.copy_from_slice(&u32::try_from(second).unwrap_or(u32::MAX).to_be_bytes());
        // This half of a random UUID has two bits of its variant in it, the other one has more.
        random.copy_from_slice(&uuid::Uuid::new_v4().as_bytes()[8..]);
        bytes.into()
    }

    /// The 12 bytes.
    pub fn bytes(&self) -> [u8; 12] {
        self.bytes
    }
}

/// The text of a new id.
pub(crate) fn new_text(now: Timestamp) -> Value {
    let id = ObjectId::<()>::at(u64::try_from(now.as_second()).unwrap_or_default());
    Value::from(id.to_string())
}

/// Whether a text is such an id.
pub(crate) fn is_one(text: &str) -> bool {
    text.parse::<ObjectId<()>>().is_ok()
}

impl<T> std::str::FromStr for ObjectId<T> {
    type Err = NoObjectId;

    fn from_str(text: &str) -> Result<Self, NoObjectId> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NoObjectId),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 12];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(NoObjectId);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(bytes.into())
    }
}

impl<T> From<[u8; 12]> for ObjectId<T> {
    fn from(bytes: [u8; 12]) -> Self {
        Self {
            bytes,
            model: PhantomData,
        }
    }
}

impl<T> Default for ObjectId<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for ObjectId<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ObjectId<T> {}

impl<T> PartialEq for ObjectId<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> Eq for ObjectId<T> {}

impl<T> PartialOrd for ObjectId<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for ObjectId<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl<T> Hash for ObjectId<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<T> fmt::Debug for ObjectId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl<T> fmt::Display for ObjectId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<T> Serialize for ObjectId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T> Deserialize<'de> for ObjectId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl<T> JsonSchema for ObjectId<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ObjectId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": FORMAT, "pattern": "^[0-9a-f]{24}$" })
    }
}

impl<T: 'static> IdType for ObjectId<T> {
    fn to_key(&self) -> Key {
        Key::from(self.to_string())
    }
}

impl<T: 'static> KeyPart for ObjectId<T> {
    fn to_part(&self) -> Value {
        Value::from(self.to_string())
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<T: 'static> From<ObjectId<T>> for Key {
    fn from(id: ObjectId<T>) -> Self {
        id.to_key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_ids_in_one_spelling() {
        for text in ["000000000000000000000000", "ffffffffffffffffffffffff"] {
            let id: ObjectId<()> = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
            assert_eq!(serde_json::to_value(id).unwrap(), text);
            assert_eq!(ObjectId::from(id.bytes()), id);
        }
        for text in [
            "",
            "0",
            "00000000000000000000000",
            "0000000000000000000000000",
            "00000000000000000000000G",
            "é0000000000000000000000",
        ] {
            assert!(!is_one(text), "{text}");
            assert!(serde_json::from_value::<ObjectId<()>>(text.into()).is_err());
        }
    }

    #[test]
    fn new_ids_begin_with_their_second() {
        let at = Timestamp::from_second(0x65f0_c0ff).unwrap();
        let ids = [new_text(at), new_text(at)];
        assert!(
            ids.iter()
                .all(|id| id.as_str().unwrap().starts_with("65f0c0ff"))
        );
        assert!(!ids[0].same(&ids[1]));
        assert!(ids.iter().all(|id| is_one(id.as_str().unwrap())));
    }
}
