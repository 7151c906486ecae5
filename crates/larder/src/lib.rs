//! Annotate a struct with `#[derive(Model)]` and get its JSON Schemas, a store, REST routes, rules, actions and hooks, as an
//! ordinary axum app.
//!
//! Everything here is a re-export of a crate with one job, and the glue that needs a runtime. Begin with [`prelude`],
//! [`macro@Model`] and [`App`]; the guide in `docs/guide` goes on from there.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `http` (default) | [`Rest::rest`](http::Rest::rest), [`serve`] |
//! | `sqlite` (default) | [`sql`], `store::open("sqlite:..")` |
//! | `layers` | [`layers`]: wrappers around stores, put on with `store.layer(..)` |
//! | `runtime` | [`Build::build`], the tokio runtime; turned on by the two above |

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

pub use larder_core::*;
#[cfg(feature = "http")]
pub use larder_http as http;
#[cfg(feature = "layers")]
pub use larder_layers as layers;
pub use larder_macros::{Model, action, after, before, can_act, model_impl};
pub use larder_query as query;
#[cfg(feature = "sqlite")]
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
    #[doc = include_str!("../../../docs/guide/by-hand.md")]
    struct ByHand;
    #[cfg(feature = "layers")]
    #[doc = include_str!("../../../docs/guide/layers.md")]
    struct Layers;
}
