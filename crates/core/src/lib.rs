//! The heart of larder: what a model is, and the one way from a call to a store.
//!
//! | module | what |
//! | --- | --- |
//! | [`model`] | descriptions of models, written by the derive or by hand, and their compiled form |
//! | [`call`] | one call, as every door builds it |
//! | `pipeline` | the steps from a call to the store, in one order for every door |
//! | [`rule`] | who may do what, as data |
//! | [`cost`] | what a query takes, known before a store is asked |
//! | [`types`], [`relation`] | the field types that larder brings, and how models relate to each other |
//! | [`store`] | the trait of every store, and the sealed plans it is given |
//! | [`memory`] | the store that is always there |
//! | [`schema`] | JSON Schemas, checks compiled from them, OpenAPI |
//! | [`layout`], [`migrate`] | how models are kept, and what separates a database from them |
//! | [`session`], [`entity`], [`typed`] | the typed API for code in the same process |
//! | [`app`] | models, stores, services and listeners put together and checked |
//!
//! This crate has no runtime, no server and no driver in it, so that a build script can use it. It needs a
//! [`Runtime`] from outside to finish work whose caller has gone.

pub mod actor;
pub mod app;
#[cfg(feature = "axum")]
mod axum;
pub mod call;
mod codec;
pub mod cost;
pub mod ctx;
mod cursor;
pub mod entity;
pub mod error;
pub mod event;
mod key;
pub mod layout;
pub mod manifest;
pub mod memory;
pub mod migrate;
pub mod model;
mod pipeline;
mod places;
pub mod problem;
mod record;
pub mod registry;
pub mod relation;
pub mod rule;
pub mod runtime;
pub mod schema;
mod search;
mod services;
pub mod session;
pub mod store;
mod transaction;
pub mod typed;
pub mod types;
mod view;
mod wording;

pub use actor::{Actor, DevelopmentHeader, Identity, Nobody};
pub use app::{App, AppBuilder, Mode};
pub use call::{
    Args, Body, Call, Changes, Joined, ListQuery, Precondition, Reply, Surface, Tags, Want,
};
pub use codec::Draft;
pub use cost::Cost;
pub use ctx::Ctx;
pub use entity::Entity;
pub use error::{Error, ErrorKind, FieldError, Result};
pub use event::{Event, Listener, Notice};
pub use key::Key;
pub use larder_query::Op;
pub use layout::{Column, Index, KeyFields, Layout, Nested, Storage, Versions};
pub use memory::MemoryStore;
pub use model::{
    ActionOutput, Compiled, FieldDef, Fields, HookPoint, Kind, Method, Model, ModelDef,
};
pub use record::{Record, Row, Version};
pub use registry::{ModelSet, Registration};
pub use relation::{Mapped, RelationKind};
pub use rule::Operation;
pub use runtime::Runtime;
pub use search::{next_page, parse_list, parse_record};
pub use session::{
    Change, ChangeFeed, Commit, Document, Groups, Pages, QueryBuilder, RecordQuery, RecordUpdate,
    Records, Session, UpdateBuilder,
};
pub use store::{
    After, Aggregate, BoxFuture, Capability, Changed, Committed, Feed, Grouping, Hears, Image,
    IntoStore, Join, Page, Plan, Position, Select, Since, SortKey, Store, Tells, Transaction,
    Watch,
};
pub use typed::{Filter, Order, OrderBy, TypedField};
pub use types::{
    Bytes, Id, IdType, IsSecret, KeyPart, Keyed, MadeOf, MappedCopy, ModelLink, ModelLinksArray,
    ModelLinksMap, ModelLinksSimpleArray, ModelMapped, ModelParent, ModelRelated, ModelsMapped,
    NoObjectId, ObjectId, Secret,
};
pub use view::View;
