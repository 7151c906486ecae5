//! The one trait that every store implements, and the sealed plans it is given.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::migrate::Change;
use crate::record::{Record, Row, Version};

mod bound;
mod change;
mod changes;
pub mod cover;
pub mod decimal;
mod finish;
mod group;
mod hub;
mod layer;
pub mod operand;
mod order;
mod plan;
mod select;
mod sum;
mod write;

pub use change::{FieldChange, overflow};
pub use changes::{Changed, Committed, Feed, Hears, Image, Position, Since, Tells, Watch, net};
pub use finish::Finish;
pub use group::Groups;
pub use hub::{Hub, Told};
pub use layer::{Layer, StoreExt};
pub use plan::Plan;
pub use select::{After, Aggregate, Grouping, Join, Page, Select, SortKey};
pub use sum::Sum;
pub use write::{Batch, Condition, Kept, Outcome, Write};

/// A boxed future, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a store, with all its wrappers, can do. What is false here is refused or finished in memory, never dropped silently.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The name of the backend, for messages and the list of ignored scenarios.
    pub name: &'static str,
    /// `begin` gives a transaction whose writes are all kept or all dropped.
    pub transactions: bool,
    /// What was acknowledged is there after the process was killed.
    pub durable: bool,
    /// Unique constraints are kept.
    pub unique: bool,
    /// Writes are taken at all.
    pub writes: bool,
    /// Whole numbers are given to new records as their keys, each once ([`Storage::assigned_key`](crate::Storage)).
    pub assigned_keys: bool,
    /// Texts may have the character U+0000 in them. Where they may not, a write with one is refused as `Invalid`.
    pub nul_in_text: bool,
    /// What it tells of its commits ([`Store::changes`]); none if it tells nothing.
    pub changes: Option<Tells>,
}

impl Capability {
    /// A store with this name that can do everything, but for telling what is committed: a store that does says so itself.
    pub fn full(name: &'static str) -> Self {
        Self {
            name,
            transactions: true,
            durable: true,
            unique: true,
            writes: true,
            assigned_keys: true,
            nul_in_text: true,
            changes: None,
        }
    }
}

/// A place that keeps records.
///
/// Only the pipeline can make a [`Plan`], so nobody reaches a record past the rules by calling a store. Implement this trait
/// to add a backend, or hold an `Arc<dyn Store>` and forward to wrap one; `larder-conformance` says whether it is right.
///
/// **Errors.** Every fault of a driver maps to a kind: a taken key or unique value to `Duplicate` naming the field, a lost
/// race that may be tried again to `Conflict`, locked, full or unreachable to `Unavailable`, what the backend can't do to
/// `Unsupported`, anything else to `Internal`. A transaction whose connection breaks before its commit says so with
/// [`Error::rolled_back`], and the pipeline runs the call again.
///
/// **Cancelling.** A future that is dropped leaves no open transaction and no half-written batch.
pub trait Store: Send + Sync + fmt::Debug {
    /// What this stack of wrappers and backend can do.
    fn capability(&self) -> Capability;

    /// Makes room for these models: missing tables, columns and indexes are created, what could lose data is refused
    /// with the statements that would be needed.
    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>>;

    /// What separates the store from these models, without changing anything: `prepare` makes those changes that are
    /// [`Additive`](crate::migrate::Effect::Additive), and refuses if there are others. Empty where all is in step.
    ///
    /// A wrapper forwards it; a store that can't compare leaves it out, and then no app can ask.
    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        let _ = models;
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Unsupported,
                "it does not say what it would change",
            ))
        })
    }

    /// Reads a page, in one consistent view of the data.
    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>>;

    /// Writes a batch: all of it, or nothing if one of its conditions does not hold.
    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>>;

    /// Begins a transaction. Dropping it rolls back.
    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>>;

    /// Tells what is committed: see [`Feed`]. The models are those whose layout asks for it
    /// ([`Storage::changes`](crate::Storage::changes)), and were prepared like that.
    ///
    /// A wrapper forwards it; a store that tells nothing leaves it out, and has no [`Capability::changes`].
    ///
    /// # Errors
    /// `Lost` if it is to go on after a position that is too old, or that another store gave; `Unsupported` where it can't be told.
    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        let _ = watch;
        Box::pin(async { Err(changes::unsupported()) })
    }

    /// Ends what it holds open, after the writes that were handed in: files are left as they are to be found, connections are taken leave
    /// of. Later calls fail with `Unavailable`. A wrapper forwards it; a store that holds nothing leaves it out.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// What can be given where a store is wanted: a store, or a shared one.
///
/// ```
/// use larder_core::{App, AppBuilder, IntoStore, MemoryStore};
/// /// The app on any store: a test gives it memory.
/// fn app(store: impl IntoStore) -> AppBuilder {
///     App::builder().store("main", store)
/// }
/// # let _ = app(MemoryStore::new());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store",
    label = "this is no store",
    note = "a store is opened before: `store::open(\"sqlite:app.db\").await?`, or `larder::MemoryStore::new()`"
)]
pub trait IntoStore {
    /// The shared store.
    fn into_store(self) -> Arc<dyn Store>;
}

impl<S: Store + 'static> IntoStore for S {
    fn into_store(self) -> Arc<dyn Store> {
        Arc::new(self)
    }
}

impl<S: Store + 'static> IntoStore for Arc<S> {
    fn into_store(self) -> Arc<dyn Store> {
        self
    }
}

impl IntoStore for Arc<dyn Store> {
    fn into_store(self) -> Arc<dyn Store> {
        self
    }
}

/// A transaction: reads see its own writes and one state of everything else, writes are kept at `commit` or not at all.
pub trait Transaction: Send + fmt::Debug {
    /// Reads a page, the transaction's own writes included.
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>>;

    /// Writes a batch; a condition that does not hold leaves the transaction as it was before the batch.
    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>>;

    /// Keeps the writes. `Conflict` if another writer was first; then nothing is kept.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>>;

    /// Drops the writes.
    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

impl Record {
    /// This record as stores hand it out, at another version.
    pub fn into_row(mut self, version: Version) -> Row {
        self.version = version;
        Arc::new(self)
    }
}
