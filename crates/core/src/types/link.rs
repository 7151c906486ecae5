//! Links: fields that hold the id of another record.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::IdType;
use crate::model::Model;

macro_rules! link {
    ($(#[$doc:meta])* $name:ident, $keyword:literal) => {
        $(#[$doc])*
        pub struct $name<T: Model>(T::Key);

        impl<T: Model> $name<T> {
            /// A link to the record with this id.
            pub fn new(id: T::Key) -> Self {
                Self(id)
            }

            /// The id of the record it links to.
            pub fn id(&self) -> &T::Key {
                &self.0
            }
        }

        impl<T: Model> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T: Model> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.to_key())
            }
        }

        impl<T: Model> PartialEq for $name<T> {
            fn eq(&self, other: &Self) -> bool {
                self.0.to_key() == other.0.to_key()
            }
        }

        impl<T: Model> Eq for $name<T> {}

        impl<T: Model> Default for $name<T>
        where
            T::Key: Default,
        {
            fn default() -> Self {
                Self(T::Key::default())
            }
        }

        impl<T: Model> From<&T> for $name<T> {
            fn from(record: &T) -> Self {
                Self(record.key().clone())
            }
        }

        impl<T: Model> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de, T: Model> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::Key::deserialize(deserializer).map(Self)
            }
        }

        impl<T: Model> JsonSchema for $name<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                format!("{}_{}", stringify!($name), T::NAME).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let mut schema = T::Key::json_schema(generator);
                schema.insert($keyword.to_owned(), T::NAME.into());
                schema
            }
        }
    };
}

link! {
    /// A link to one record of `T`: its id, on the wire and in the store (`spec/webda.md` 2.1).
    ///
    /// Whether the record is there is not checked: a link may stand before what it links to.
    ModelLink, "x-link"
}

link! {
    /// The record that this one belongs to. It comes from the URL (`/blogs/{blog}/posts`), never from a body, and a record
    /// is found only through its own parent.
    ModelParent, "x-parent"
}
