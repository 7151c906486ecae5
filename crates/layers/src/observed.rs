//! A store that says what it is asked: counts and times for a dashboard, `tracing` events for a log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use larder_core::migrate::Change;
use larder_core::store::{Batch, Layer, Outcome};
use larder_core::{
    BoxFuture, Capability, Feed, Layout, Page, Plan, Result, Select, Store, Transaction, Watch,
};

/// Counts and times every call to the store below, by model, and tells each through `tracing`: target `larder::store`, level
/// DEBUG, with the fields `model`, `op` (`query` or `write`), `records`, `micros`, and `error` with the kind where it failed. No values
/// of records are in them.
///
/// ```
/// use larder_core::{MemoryStore, store::StoreExt};
/// use larder_layers::Observed;
/// let observed = Observed::new();
/// let figures = observed.figures(); // keep this; the layer goes into the store
/// let store = MemoryStore::new().layer(observed);
/// # let _ = store;
/// assert!(figures.models().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Observed(Figures);

impl Observed {
    /// A layer whose figures begin at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the figures can be read while the store is in use.
    pub fn figures(&self) -> Figures {
        self.0.clone()
    }
}

impl Layer for Observed {
    fn wrap(self, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(ObservedStore {
            inner,
            figures: self.0,
        })
    }
}

/// What was counted so far. Clones show the same figures.
#[derive(Clone, Debug, Default)]
pub struct Figures(Arc<Mutex<BTreeMap<String, ModelFigures>>>);

/// The figures of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelFigures {
    /// Reads, those in transactions included.
    pub queries: Calls,
    /// Batches of writes, those in transactions included, committed or not.
    pub writes: Calls,
}

/// The figures of one kind of call. A call that is dropped before its end is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many there were.
    pub calls: u64,
    /// How many of them failed.
    pub errors: u64,
    /// How many records (or groups of them) were read, or records written (a write that missed its condition counts none).
    pub records: u64,
    /// The time they took together.
    pub time: Duration,
}

impl Calls {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.records += other.records;
        self.time += other.time;
    }
}

impl Figures {
    /// The figures of each model that was asked for, by its name.
    pub fn models(&self) -> BTreeMap<String, ModelFigures> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The figures of all models together.
    pub fn total(&self) -> ModelFigures {
        let mut total = ModelFigures::default();
        for figures in self.models().values() {
            total.queries.add(figures.queries);
            total.writes.add(figures.writes);
        }
        total
    }

    fn note<T>(
        &self,
        op: &'static str,
        layout: &Layout,
        begun: Instant,
        done: &Result<T>,
        records: impl FnOnce(&T) -> usize,
    ) {
        let records = done.as_ref().map_or(0, records);
        let calls = Calls {
            calls: 1,
            errors: u64::from(done.is_err()),
            records: records as u64,
            time: begun.elapsed(),
        };
        let (model, micros) = (layout.model.as_str(), calls.time.as_micros());
        match done {
            Ok(_) => tracing::debug!(target: "larder::store", model, op, records, micros),
            Err(error) => {
                let error = error.kind();
                tracing::debug!(target: "larder::store", model, op, records, micros, ?error);
            }
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The name is copied once a model, not once a call.
        let figures = match all.get_mut(model) {
            Some(figures) => figures,
            None => all.entry(model.to_owned()).or_default(),
        };
        if op == QUERY {
            figures.queries.add(calls);
        } else {
            figures.writes.add(calls);
        }
    }
}

const QUERY: &str = "query";
const WRITE: &str = "write";

/// What was read: records, or the groups in place of them.
fn rows(page: &Page) -> usize {
    page.rows.len() + page.groups.len()
}

fn written(outcomes: &[Outcome]) -> usize {
    let missed = |outcome: &Outcome| matches!(outcome, Outcome::Missed);
    if outcomes.iter().any(missed) {
        // Then nothing of the batch was written.
        return 0;
    }
    outcomes.len()
}

#[derive(Debug)]
struct ObservedStore {
    inner: Arc<dyn Store>,
    figures: Figures,
}

impl Store for ObservedStore {
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
        Box::pin(async move {
            let begun = Instant::now();
            let done = self.inner.query(select.lend()).await;
            self.figures.note(QUERY, &select.layout, begun, &done, rows);
            done
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let begun = Instant::now();
            let layout = batch.layout.clone();
            let done = self.inner.write(batch).await;
            self.figures
                .note(WRITE, &layout, begun, &done, |done| written(done));
            done
        })
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let inner = self.inner.begin(seal).await?;
            Ok(Box::new(ObservedTransaction {
                inner,
                figures: self.figures.clone(),
            }) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        self.inner.changes(watch)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

#[derive(Debug)]
struct ObservedTransaction {
    inner: Box<dyn Transaction>,
    figures: Figures,
}

impl Transaction for ObservedTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let begun = Instant::now();
            let done = self.inner.query(select.lend()).await;
            self.figures.note(QUERY, &select.layout, begun, &done, rows);
            done
        })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let begun = Instant::now();
            let layout = batch.layout.clone();
            let done = self.inner.write(batch).await;
            self.figures
                .note(WRITE, &layout, begun, &done, |done| written(done));
            done
        })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.inner.commit()
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.inner.abort()
    }
}
