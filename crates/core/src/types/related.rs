//! The reverse side of a link.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{Model, Relations};
use crate::relation::{Relating, Relation, RelationKind};

/// The records of `T` that link here: nothing is stored, nothing is sent; it is a query.
///
/// Which link counts is clear where `T` has one to this model; else `#[model(via = "field")]` says it. The link may be a
/// [`ModelLink`](super::ModelLink), a [`ModelParent`](super::ModelParent) or a
/// [`ModelLinksSimpleArray`](super::ModelLinksSimpleArray). An index on it (`#[model(index)]`) makes the query fast.
///
/// ```
/// # use larder_core::{Entity, Error, Model, ModelRelated, Result, TypedField};
/// # async fn example<Blog: Model, Post: Model>(blog: Entity<Blog>, posts: TypedField<Blog, ModelRelated<Post>>) -> Result<()> {
/// // With `posts: ModelRelated<Post>` in Blog, `posts` is `Blog::POSTS`.
/// let posts: Vec<Entity<Post>> = blog.related(posts).limit(10).all().await?;
/// # Ok(())
/// # }
/// ```
pub struct ModelRelated<T>(PhantomData<fn() -> T>);

impl<T> ModelRelated<T> {
    /// The one value of this type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for ModelRelated<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for ModelRelated<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ModelRelated<T> {}

impl<T> PartialEq for ModelRelated<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for ModelRelated<T> {}

impl<T> fmt::Debug for ModelRelated<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelRelated")
    }
}

/// Outside of larder, which leaves the field out, it is null.
impl<T> Serialize for ModelRelated<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// Whatever stands there, or nothing.
impl<'de, T> Deserialize<'de> for ModelRelated<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As an option, serde's derive lets it be absent.
        Option::<IgnoredAny>::deserialize(deserializer).map(|_| Self::new())
    }
}

impl<T: Model> JsonSchema for ModelRelated<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ModelRelated_{}", T::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "null", "x-related": T::NAME })
    }
}

impl<T: Model> Relating for ModelRelated<T> {
    const RELATION: Relation = Relation::to(RelationKind::Related, T::NAME);
    const FAR: Option<Relations> = T::RELATIONS;
}
