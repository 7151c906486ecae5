//! Links: fields that hold the id of another record.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use larder_query::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{IdType, KeyPart, MadeOf};
use crate::entity::Entity;
use crate::key::Key;
use crate::model::Model;
use crate::relation::{Probe, Relating, Relation, RelationKind, Source};

macro_rules! link {
    ($(#[$doc:meta])* $name:ident, $keyword:literal, $kind:ident) => {
        // No `T: Model` here, nor where the model need not be known: each derive on a struct with a link to something that
        // is no model would report it once more.
        $(#[$doc])*
        pub struct $name<T> {
            key: Key,
            model: PhantomData<fn() -> T>,
        }

        impl<T: Model> $name<T> {
            /// A link to the record with this id. Where ids are text, a text will do.
            pub fn new<K>(id: K) -> Self
            where
                T::Key: MadeOf<K>,
            {
                Self::of_key(T::Key::made_of(id).to_key())
            }

            /// The id of the record it links to.
            ///
            /// # Panics
            /// If the model's id is of a type of your own that can't read what it writes.
            pub fn id(&self) -> T::Key {
                match T::Key::of_key(&self.key) {
                    Some(id) => id,
                    None => panic!("the id type of {} can't read what it wrote", T::NAME),
                }
            }
        }

        impl<T> $name<T> {
            fn of_key(key: Key) -> Self {
                Self {
                    key,
                    model: PhantomData,
                }
            }

            /// The id of the record it links to, without its type.
            pub fn key(&self) -> &Key {
                &self.key
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self::of_key(self.key.clone())
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.key)
            }
        }

        /// The id, as the record's URL has it.
        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.key, f)
            }
        }

        impl<T> PartialEq for $name<T> {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }

        impl<T> Eq for $name<T> {}

        impl<T> Hash for $name<T> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.key.hash(state);
            }
        }

        impl<T: Model> Default for $name<T>
        where
            T::Key: Default,
        {
            fn default() -> Self {
                Self::new(T::Key::default())
            }
        }

        impl<T: Model> From<&T> for $name<T> {
            fn from(record: &T) -> Self {
                Self::of_key(record.to_key())
            }
        }

        impl<T: Model> From<&Entity<T>> for $name<T> {
            fn from(record: &Entity<T>) -> Self {
                Self::from(&**record)
            }
        }

        impl<T> From<&$name<T>> for Key {
            fn from(link: &$name<T>) -> Self {
                link.key.clone()
            }
        }

        impl<T> From<$name<T>> for Key {
            fn from(link: $name<T>) -> Self {
                link.key
            }
        }

        impl<T> Serialize for $name<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.key.serialize_link(serializer)
            }
        }

        impl<'de, T: Model> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::Key::of_link(deserializer).map(|id| Self::of_key(id.to_key()))
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
                let mut schema = T::Key::link_schema(generator);
                schema.insert($keyword.to_owned(), T::NAME.into());
                schema
            }
        }

        impl<T: Model> KeyPart for $name<T> {
            fn to_part(&self) -> Value {
                self.key.link().into_owned()
            }

            fn of_text(text: &str) -> Option<Self> {
                T::Key::of_text(text).map(|id| Self::of_key(id.to_key()))
            }
        }

        impl<T: Model> Relating for $name<T> {
            const RELATION: Relation = Relation::to(RelationKind::$kind, T::NAME);
            const TARGET: Option<Source> = Probe::<T>::SOURCE;
        }
    };
}

link! {
    /// A link to one record of `T`: its id, on the wire and in the store. An id of several fields is one
    /// text there, the one of the record's URL.
    ///
    /// Whether the record is there is not checked: a link may stand before what it links to.
    ///
    /// ```
    /// use larder_core::{Entity, Model, ModelLink, Result, Session};
    /// # async fn example<User: Model>(session: Session, author: ModelLink<User>) -> Result<()> {
    /// let user = session.get::<User>(&author).await?; // a link stands wherever an id does
    /// assert_eq!(ModelLink::<User>::from(&user), author);
    /// println!("by {author}"); // the id, as in a URL
    /// # Ok(())
    /// # }
    /// ```
    ModelLink, "x-link", Link
}

link! {
    /// The record that this one belongs to. It comes from the URL (`/blogs/{blog}/posts`), never from a body, and a record
    /// is found only through its own parent. With `#[model(id)]` it is a part of the record's id, beside one that tells the records of
    /// one parent apart.
    ///
    /// ```
    /// use larder_core::{Model, ModelParent, Result, Session};
    /// # async fn example<Blog: Model, Post: Model>(session: Session, of: fn(ModelParent<Blog>) -> Post) -> Result<()> {
    /// let blog = session.get::<Blog>("cooking").await?;
    /// session.create(&of(ModelParent::from(&blog))).await?; // code says what the URL says at a door
    /// # Ok(())
    /// # }
    /// ```
    ModelParent, "x-parent", Parent
}
