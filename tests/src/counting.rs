//! A store that counts what it is asked, and can be told to fail.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use larder_core::migrate::Change;
use larder_core::store::{Batch, Outcome};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Feed, Layout, Page, Plan, Result, Select, Store,
    Transaction, Watch,
};

/// How often each call was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reads, in transactions too.
    pub queries: u32,
    /// Writes, in transactions too.
    pub writes: u32,
    /// Transactions begun.
    pub begun: u32,
    /// Transactions committed.
    pub commits: u32,
}

#[derive(Debug, Default)]
struct Tally {
    queries: AtomicU32,
    writes: AtomicU32,
    begun: AtomicU32,
    commits: AtomicU32,
    /// How many of the next commits fail.
    failures: AtomicU32,
    /// What with.
    failure: Mutex<Option<fn() -> Error>>,
}

/// A store around another one.
#[derive(Clone, Debug)]
pub struct Counting {
    inner: Arc<dyn Store>,
    tally: Arc<Tally>,
}

impl Counting {
    /// Counts what `inner` is asked.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            tally: Arc::default(),
        }
    }

    /// The counts since the last time, which begin again at zero.
    pub fn take(&self) -> Counts {
        let take = |count: &AtomicU32| count.swap(0, Ordering::SeqCst);
        let Tally {
            queries,
            writes,
            begun,
            commits,
            ..
        } = &*self.tally;
        Counts {
            queries: take(queries),
            writes: take(writes),
            begun: take(begun),
            commits: take(commits),
        }
    }

    /// Lets the next commits of transactions fail as conflicts.
    pub fn conflict(&self, times: u32) {
        self.fail(times, || {
            Error::new(ErrorKind::Conflict, "another writer was first")
        });
    }

    /// Lets the next commits of transactions fail.
    ///
    /// # Panics
    /// If another thread has, while it did this.
    pub fn fail(&self, times: u32, failure: fn() -> Error) {
        *self.tally.failure.lock().unwrap() = Some(failure);
        self.tally.failures.store(times, Ordering::SeqCst);
    }
}

impl Store for Counting {
    fn capability(&self) -> Capability {
        self.inner.capability()
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        self.inner.prepare(models)
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        self.inner.plan(models)
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        self.tally.queries.fetch_add(1, Ordering::SeqCst);
        self.inner.query(select)
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        self.tally.writes.fetch_add(1, Ordering::SeqCst);
        self.inner.write(batch)
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        self.tally.begun.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let inner = self.inner.begin(seal).await?;
            Ok(Box::new(Counted {
                inner,
                tally: self.tally.clone(),
            }) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        self.inner.changes(watch)
    }
}

#[derive(Debug)]
struct Counted {
    inner: Box<dyn Transaction>,
    tally: Arc<Tally>,
}

impl Transaction for Counted {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        self.tally.queries.fetch_add(1, Ordering::SeqCst);
        self.inner.query(select)
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        self.tally.writes.fetch_add(1, Ordering::SeqCst);
        self.inner.write(batch)
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        let fails = self
            .tally
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if !fails {
            self.tally.commits.fetch_add(1, Ordering::SeqCst);
            return self.inner.commit();
        }
        let failure = *self.tally.failure.lock().unwrap();
        Box::pin(async move {
            self.inner.abort().await?;
            failure.map_or(Ok(()), |failure| Err(failure()))
        })
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.inner.abort()
    }
}
