//! A store that takes no writes.

use std::sync::Arc;

use larder_core::migrate::Change;
use larder_core::store::{Batch, Layer, Outcome};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Feed, Layout, Page, Plan, Result, Select, Store,
    Transaction, Watch,
};

/// Refuses every write, in transactions too, and lets reads through.
///
/// A refusal is an error of the kind `Unsupported` (501 at the REST door), the same for a record that is there, one that is not, and
/// one that may not be seen. Transactions can be begun, so that actions can read in one. `prepare` still reaches the store below, which
/// makes missing tables: it is the records that are not changed.
///
/// ```
/// use larder_core::{MemoryStore, store::StoreExt};
/// use larder_layers::ReadOnly;
/// assert!(!MemoryStore::new().layer(ReadOnly).capability().writes);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOnly;

impl Layer for ReadOnly {
    fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(ReadOnlyStore(inner))
    }
}

#[derive(Debug)]
struct ReadOnlyStore(Arc<dyn Store>);

/// Nothing at all is no write: a batch without any is answered as by every store.
fn refuse(batch: &Batch) -> Result<Vec<Outcome>> {
    if batch.writes.is_empty() {
        return Ok(Vec::new());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!(
            "{} is kept in a store that is read-only",
            batch.layout.model
        ),
    ))
}

impl Store for ReadOnlyStore {
    fn capability(&self) -> Capability {
        let mut capability = self.0.capability();
        capability.writes = false;
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        self.0.prepare(models)
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        self.0.plan(models)
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        self.0.query(select)
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(std::future::ready(refuse(&batch)))
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let inner = self.0.begin(seal).await?;
            Ok(Box::new(ReadOnlyTransaction(inner)) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        self.0.changes(watch)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
    }
}

#[derive(Debug)]
struct ReadOnlyTransaction(Box<dyn Transaction>);

impl Transaction for ReadOnlyTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        self.0.query(select)
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(std::future::ready(refuse(&batch)))
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.commit()
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.abort()
    }
}
