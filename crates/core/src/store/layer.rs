//! Wrappers around stores, one inside the other.

use std::sync::Arc;

use super::{IntoStore, Store};

/// Something that wraps a store: it forwards what it does not change.
///
/// A wrapper implements [`Store`] over the one that it is given, and hands its plans on as they are, or changed with
/// [`Plan::derive`](super::Plan::derive). Its [`Capability`](super::Capability) is the inner one's, less what it takes away. Any
/// `FnOnce(Arc<dyn Store>) -> impl Store` is a layer too. `larder-conformance` says whether the wrapped store is still right.
///
/// ```
/// use std::sync::Arc;
/// use larder_core::{MemoryStore, store::{Layer, Store, StoreExt}};
///
/// struct Nothing;
///
/// impl Layer for Nothing {
///     fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
///         inner
///     }
/// }
///
/// let store: Arc<dyn Store> = MemoryStore::new().layer(Nothing);
/// assert_eq!(store.capability().name, "memory");
/// ```
pub trait Layer {
    /// The store with this around it.
    fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store>;
}

impl<S: Store + 'static, F: FnOnce(Arc<dyn Store>) -> S> Layer for F {
    fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(self(inner))
    }
}

/// `store.layer(..)`, for every store and every shared one. It is in larder's prelude. [`Layer`] has an example.
pub trait StoreExt: IntoStore + Sized {
    /// Puts a wrapper around this store. The last one that is added is asked first:
    /// `store.layer(One).layer(Two)` asks `Two`, then `One`, then the store.
    fn layer(self, layer: impl Layer) -> Arc<dyn Store> {
        layer.wrap(self.into_store())
    }
}

impl<S: IntoStore> StoreExt for S {}
