//! Wrappers around larder's stores. Each one is a [`Layer`](larder_core::store::Layer), put on with `store.layer(..)`:
//!
//! ```
//! use larder_core::{MemoryStore, store::StoreExt};
//! use larder_layers::{Observed, ReadOnly};
//!
//! let observed = Observed::new();
//! let figures = observed.figures();
//! let store = MemoryStore::new().layer(ReadOnly).layer(observed);
//! assert!(!store.capability().writes);
//! assert_eq!(figures.total().queries.calls, 0);
//! ```
//!
//! | layer | what |
//! | --- | --- |
//! | [`ReadOnly`] | takes no writes |
//! | [`Observed`] | counts and times what passes, by model, and says it through `tracing` |

mod observed;
mod read_only;

pub use observed::{Calls, Figures, ModelFigures, Observed};
pub use read_only::ReadOnly;
