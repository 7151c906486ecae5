//! Annotate a struct with `#[derive(Model)]` and get its JSON Schemas, a store, REST routes, rules, actions and hooks, as an
//! ordinary axum app.
//!
//! Everything here is a re-export of a crate with one job, and the glue that needs a runtime. Begin with [`prelude`],
//! [`macro@Model`] and [`App`]; the guide in `docs/guide` goes on from there.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `http` (default) | [`Rest::rest`](http::Rest::rest), [`serve`] |
//! | `docs` | [`http::docs_page`], a page with the API reference |
//! | `sqlite` (default) | [`sql`], `store::open("sqlite:..")` |
//! | `mysql` | [`sql`], `store::open("mysql://..")`, also for MariaDB |
//! | `postgres` | [`sql`], `store::open("postgres://..")` |
//! | `mongodb` | [`mongodb`], `store::open("mongodb://..")` |
//! | `layers` | [`layers`]: wrappers around stores, put on with `store.layer(..)` |
//! | `runtime` | [`Build::build`], the tokio runtime; turned on by stores and doors |

mod command;
mod models;
#[cfg(feature = "http")]
mod serve;
#[cfg(feature = "runtime")]
pub mod store;
#[cfg(feature = "runtime")]
mod tokio_runtime;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod prelude;
pub mod schemas;

pub use command::{command, command_with};
pub use larder_core::*;
#[cfg(feature = "http")]
pub use larder_http as http;
#[cfg(feature = "layers")]
pub use larder_layers as layers;
pub use larder_macros::{
    Mapped, Model, action, after, before, can_act, computed, model_impl, search,
};
#[cfg(feature = "mongodb")]
pub use larder_mongodb as mongodb;
pub use larder_query as query;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use larder_sql as sql;
#[cfg(feature = "http")]
pub use serve::serve;
#[cfg(feature = "runtime")]
pub use tokio_runtime::{Build, Tokio};

/// The README's program and the guide's, compiled.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/guide/models.md")]
    struct Models;
    #[doc = include_str!("../../../docs/guide/lists.md")]
    struct Lists;
    #[doc = include_str!("../../../docs/guide/relations.md")]
    struct Relations;
    #[doc = include_str!("../../../docs/guide/queries.md")]
    struct Queries;
    #[doc = include_str!("../../../docs/guide/by-hand.md")]
    struct ByHand;
    #[cfg(feature = "layers")]
    #[doc = include_str!("../../../docs/guide/layers.md")]
    struct Layers;
    #[doc = include_str!("../../../docs/guide/mistakes.md")]
    struct Mistakes;
    #[doc = include_str!("../../../docs/guide/quick-start.md")]
    struct QuickStart;
    #[doc = include_str!("../../../docs/guide/stores.md")]
    struct Stores;
    #[doc = include_str!("../../../docs/guide/rules.md")]
    struct Rules;
    #[doc = include_str!("../../../docs/guide/query-semantics.md")]
    struct QuerySemantics;
    #[doc = include_str!("../../../docs/guide/in-process.md")]
    struct InProcess;
    #[doc = include_str!("../../../docs/guide/hooks.md")]
    struct Hooks;
    #[doc = include_str!("../../../docs/guide/changes.md")]
    struct Changes;
    #[doc = include_str!("../../../docs/guide/testing.md")]
    struct Testing;
    #[doc = include_str!("../../../docs/guide/axum.md")]
    struct Axum;
    #[doc = include_str!("../../../docs/guide/existing-tables.md")]
    struct ExistingTables;
}
