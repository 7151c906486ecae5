//! Ids of several fields.

use std::borrow::Cow;

use larder_query::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Id, IdType};
use crate::key::{Key, split};

/// Types that can be one of several fields that are a model's id together: texts, integers, `bool`, `Id`, `Uuid`, dates,
/// times, links to one record, and parents.
///
/// A type of your own can be one if its JSON is a text, a whole number or a truth value:
///
/// ```
/// # use larder_core::KeyPart;
/// # use schemars::JsonSchema;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
/// #[serde(rename_all = "lowercase")]
/// enum Cabin { First, Economy }
///
/// impl KeyPart for Cabin {
///     fn to_part(&self) -> larder_query::Value {
///         match self {
///             Self::First => "first".into(),
///             Self::Economy => "economy".into(),
///         }
///     }
///
///     fn of_text(text: &str) -> Option<Self> {
///         [Self::First, Self::Economy].into_iter().find(|cabin| cabin.to_part().as_str() == Some(text))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a part of an id",
    label = "not a part of an id",
    note = "the parts of an id are texts, integers, `bool`, `Id<..>`, `Uuid`, dates, times, `ModelLink<..>` and `ModelParent<..>`; never optional, and nothing with parts of its own"
)]
pub trait KeyPart:
    Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The part as a value, as it stands in a record.
    fn to_part(&self) -> Value;

    /// The part that a text stands for, as in a URL; None if it can't be one.
    fn of_text(text: &str) -> Option<Self>;
}

impl KeyPart for String {
    fn to_part(&self) -> Value {
        Value::from(self.as_str())
    }

    fn of_text(text: &str) -> Option<Self> {
        (text.len() <= Key::MAX_LEN).then(|| text.to_owned())
    }
}

impl<T: 'static> KeyPart for Id<T> {
    fn to_part(&self) -> Value {
        self.to_key().into_value()
    }

    fn of_text(text: &str) -> Option<Self> {
        (text.len() <= Key::MAX_LEN).then(|| text.into())
    }
}

impl KeyPart for uuid::Uuid {
    fn to_part(&self) -> Value {
        Value::Uuid(*self)
    }

    fn of_text(text: &str) -> Option<Self> {
        Self::try_parse(text).ok()
    }
}

impl KeyPart for jiff::Timestamp {
    fn to_part(&self) -> Value {
        Value::Instant(crate::model::micros(*self))
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok().map(crate::model::micros)
    }
}

macro_rules! plain_parts {
    ($($name:ty),*) => {
        $(impl KeyPart for $name {
            fn to_part(&self) -> Value {
                Value::from(*self)
            }

            fn of_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })*
    };
}

plain_parts!(bool, i32, i64, u32, u64);

macro_rules! small_parts {
    ($($name:ty),*) => {
        $(impl KeyPart for $name {
            fn to_part(&self) -> Value {
                Value::from(i64::from(*self))
            }

            fn of_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })*
    };
}

small_parts!(i8, i16, u8, u16);

impl KeyPart for jiff::civil::Date {
    fn to_part(&self) -> Value {
        Value::Date(*self)
    }

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Reads the text of a link to a record with such an id.
fn read<'de, K: IdType, D: Deserializer<'de>>(deserializer: D) -> Result<K, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    K::of_text(&text).ok_or_else(|| {
        D::Error::custom("must be the parts of an id, such as \"a,1\": with `~0` for `~` and `~1` for `,` inside a part")
    })
}

macro_rules! tuples {
    ($($count:literal ($($part:ident $place:tt),+))+) => {
        $(impl<$($part: KeyPart),+> IdType for ($($part,)+) {
            fn to_key(&self) -> Key {
                Key::of_parts([$(self.$place.to_part()),+])
            }

            fn of_text(text: &str) -> Option<Self> {
                let parts = split(text)?;
                if parts.len() != $count {
                    return None;
                }
                Some(($($part::of_text(&parts[$place])?,)+))
            }

            fn of_link<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                read(deserializer)
            }

            fn link_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" })
            }
        })+
    };
}

tuples! {
    2 (A 0, B 1)
    3 (A 0, B 1, C 2)
    4 (A 0, B 1, C 2, D 3)
    5 (A 0, B 1, C 2, D 3, E 4)
    6 (A 0, B 1, C 2, D 3, E 4, F 5)
    7 (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    8 (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
