//! How the fields of models relate them to each other, as far as the compiler can see it.
//!
//! A type says by [`Relating`] what relation it is; [`Probe`] asks that of any type, so that an alias counts like the type
//! itself. What comes out stands in [`Model::RELATIONS`], and the functions below check one side of a relation against the
//! other at compile time. `build()` checks all of it once more, for models that are described by hand.

mod check;
mod text;

use std::marker::PhantomData;

use serde::Serialize;

pub use check::{check_mapped_field, check_mapped_via, check_reach, check_relation, check_via};

use crate::model::{Model, Relations};
use crate::typed::TypedField;

/// What a field is to another model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// [`ModelLink`](crate::ModelLink): the id of one record.
    Link,
    /// [`ModelParent`](crate::ModelParent): the id of the record that it belongs to.
    Parent,
    /// [`ModelRelated`](crate::ModelRelated): the records that link here.
    Related,
    /// [`ModelLinksSimpleArray`](crate::ModelLinksSimpleArray): a list of ids.
    LinksSimpleArray,
    /// [`ModelLinksArray`](crate::ModelLinksArray): a list of ids with data.
    LinksArray,
    /// [`ModelLinksMap`](crate::ModelLinksMap): data by ids.
    LinksMap,
    /// [`ModelMapped`](crate::ModelMapped): a copy of the record that links here.
    MappedOne,
    /// [`ModelsMapped`](crate::ModelsMapped): copies of the records that link here.
    MappedMany,
}

impl RelationKind {
    /// Whether the field holds ids of the other model's records.
    pub const fn is_link(self) -> bool {
        !matches!(self, Self::Related | Self::MappedOne | Self::MappedMany)
    }

    /// Whether a store can find the records that link to one by this field: [`ModelRelated`](crate::ModelRelated) needs it.
    pub const fn is_searchable_link(self) -> bool {
        matches!(self, Self::Link | Self::Parent | Self::LinksSimpleArray)
    }

    /// Whether the field holds copies.
    pub const fn is_mapped(self) -> bool {
        matches!(self, Self::MappedOne | Self::MappedMany)
    }

    /// The name of the type.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Link => "ModelLink",
            Self::Parent => "ModelParent",
            Self::Related => "ModelRelated",
            Self::LinksSimpleArray => "ModelLinksSimpleArray",
            Self::LinksArray => "ModelLinksArray",
            Self::LinksMap => "ModelLinksMap",
            Self::MappedOne => "ModelMapped",
            Self::MappedMany => "ModelsMapped",
        }
    }
}

/// The relation that a field's type stands for.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    kind: RelationKind,
    target: &'static str,
    via: Option<&'static str>,
}

impl Relation {
    /// A relation to the model of this name.
    pub const fn to(kind: RelationKind, target: &'static str) -> Self {
        Self {
            kind,
            target,
            via: None,
        }
    }

    /// The field of the other model that links here.
    #[must_use]
    pub const fn via(mut self, field: &'static str) -> Self {
        self.via = Some(field);
        self
    }
}

/// Types of fields that relate a model to another: `ModelLink` and its kin, also in an `Option`.
pub trait Relating {
    /// The relation.
    const RELATION: Relation;

    /// The relations of the other model, where they matter to this one.
    const FAR: Option<Relations> = None;

    /// The other model, where there is one record of it behind the field.
    const TARGET: Option<Source> = None;
}

impl<T: Relating> Relating for Option<T> {
    const RELATION: Relation = T::RELATION;
    const FAR: Option<Relations> = T::FAR;
    const TARGET: Option<Source> = T::TARGET;
}

/// Asks a type whether it is a relation. The answer for one that is comes from here, for any other from [`NoRelation`].
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T: Relating> Probe<T> {
    /// The relation.
    pub const RELATION: Option<Relation> = Some(T::RELATION);
    /// The relations of the other model.
    pub const FAR: Option<Relations> = T::FAR;
    /// The other model.
    pub const TARGET: Option<Source> = T::TARGET;
}

impl<T: Model> Probe<T> {
    /// What the mappings of its records are checked against.
    pub const SOURCE: Option<Source> = Some(Source {
        name: T::NAME,
        key: T::KEY,
        fields: T::FIELDS,
        hidden: T::HIDDEN,
        flattened: T::HAS_FLATTENED,
        relations: T::RELATIONS,
    });
}

/// What a mapping, or a name that leads through a link, is checked against: a model as the compiler sees it.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    name: &'static str,
    key: &'static str,
    fields: &'static [&'static str],
    hidden: &'static [&'static str],
    flattened: bool,
    relations: Option<Relations>,
}

/// The answer of a [`Probe`] for a type that is no relation, or no model. In scope, it stands behind the answer for one that is.
pub trait NoRelation {
    /// None.
    const RELATION: Option<Relation> = None;
    /// None.
    const FAR: Option<Relations> = None;
    /// None.
    const TARGET: Option<Source> = None;
    /// None.
    const SOURCE: Option<Source> = None;
}

impl<T> NoRelation for Probe<T> {}

/// What is copied of another model's records, and through which of its links. Written by `#[derive(Mapped)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it is a copy of",
    label = "this has no `#[derive(Mapped)]`",
    note = "add `#[derive(Mapped)]` and `#[mapped(Source, via = link)]` to `{Self}`"
)]
pub trait Mapped: Send + Sync + 'static {
    /// The model whose records are copied.
    type Source: Model;

    /// The field of the source that links to the model that holds the copies.
    const VIA: &'static str;

    /// The wire names of the fields that are copied. The id always is.
    const FIELDS: &'static [&'static str];
}

/// What `#[derive(Mapped)]` finds in place of a source's field that it can't see; [`check_mapped_field`] has told why, or
/// `build()` will.
#[derive(Clone, Copy, Debug)]
pub struct Unseen;

/// A source's field that can be copied into a field of type `T`.
#[diagnostic::on_unimplemented(
    message = "a mapped field has the type that it has in its source, `{Self}`",
    label = "`{T}` here"
)]
pub trait CopiesInto<T> {}

impl<M, T> CopiesInto<T> for TypedField<M, T> {}
impl<T> CopiesInto<T> for Unseen {}

/// Asks the compiler whether a source's field can be copied into a field of type `T`.
pub const fn check_mapped_type<T, F: CopiesInto<T>>(_: &F) {}
