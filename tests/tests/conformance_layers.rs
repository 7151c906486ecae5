//! Wrappers around the memory store against the conformance suite: the layers, and one that is written here as anybody could.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_core::migrate::Change;
use larder_core::store::{Batch, Outcome, StoreExt};
use larder_core::{
    BoxFuture, Capability, Feed, Join, Layout, MemoryStore, Page, Plan, Result, Select, Store,
    Transaction, Watch,
};
use larder_layers::{Observed, ReadOnly};

/// Keeps every model's records in a collection of another name, so that each plan is a changed one.
#[derive(Debug)]
struct Elsewhere(Arc<dyn Store>);

fn moved(layout: &Layout) -> Arc<Layout> {
    let elsewhere = |name: &str| format!("elsewhere_{name}");
    let mut moved = layout.clone();
    moved.collection = elsewhere(&layout.collection);
    moved.storage.was = layout.storage.was.as_deref().map(elsewhere);
    Arc::new(moved)
}

fn moved_select(select: &Select) -> Select {
    Select {
        layout: moved(&select.layout),
        joins: select
            .joins
            .iter()
            .map(|join| Join {
                layout: moved(&join.layout),
                ..join.clone()
            })
            .collect(),
        ..select.clone()
    }
}

fn moved_batch(batch: &Batch) -> Batch {
    Batch {
        layout: moved(&batch.layout),
        ..batch.clone()
    }
}

impl Store for Elsewhere {
    fn capability(&self) -> Capability {
        self.0.capability()
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let models: Vec<_> = models.iter().map(|layout| moved(layout)).collect();
            self.0.prepare(&models).await
        })
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(async move {
            let models: Vec<_> = models.iter().map(|layout| moved(layout)).collect();
            self.0.plan(&models).await
        })
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let moved = moved_select(&select);
            self.0.query(select.derive(&moved)).await
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let moved = moved_batch(&batch);
            self.0.write(batch.derive_owned(moved)).await
        })
    }

    fn begin<'a>(&'a self, seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let inner = self.0.begin(seal).await?;
            Ok(Box::new(ElsewhereTransaction(inner)) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move {
            // What is told is found by its place, so only the names need changing.
            let moved = Watch {
                layouts: watch.layouts.iter().map(|layout| moved(layout)).collect(),
                since: watch.since.clone(),
            };
            self.0.changes(watch.derive_owned(moved)).await
        })
    }
}

#[derive(Debug)]
struct ElsewhereTransaction(Box<dyn Transaction>);

impl Transaction for ElsewhereTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let moved = moved_select(&select);
            self.0.query(select.derive(&moved)).await
        })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let moved = moved_batch(&batch);
            self.0.write(batch.derive_owned(moved)).await
        })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.commit()
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.0.abort()
    }
}

/// A way to wrap a store, and what does not apply to it then.
struct Wrapped<'a> {
    name: &'static str,
    wrap: fn(MemoryStore) -> Arc<dyn Store>,
    writes: bool,
    ignored: Vec<&'a str>,
    last: Mutex<MemoryStore>,
}

impl Wrapped<'_> {
    fn new(name: &'static str, wrap: fn(MemoryStore) -> Arc<dyn Store>) -> Self {
        Self {
            name,
            wrap,
            writes: true,
            // There are no other processes.
            ignored: vec!["commits::another_process"],
            last: Mutex::default(),
        }
    }

    fn last(&self) -> MemoryStore {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Setup for Wrapped<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async {
            let store = MemoryStore::new();
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = store.clone();
            Ok((self.wrap)(store))
        })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async { Ok((self.wrap)(self.last())) }))
    }

    fn filler(&self) -> Option<Arc<dyn Store>> {
        (!self.writes).then(|| Arc::new(self.last()) as _)
    }

    fn expected_ignored(&self) -> &[&str] {
        &self.ignored
    }
}

/// All that does more than read does not apply to a store that is read-only.
const WRITING: [&str; 13] = [
    "writes::",
    "conditions::",
    "changes::",
    "transactions::",
    "snapshots::",
    "cancel::",
    "commits::",
    "indexes::",
    "keys::",
    "edges::",
    "schema::",
    "tables::",
    "decimals::",
];

fn main() -> ExitCode {
    let names = larder_conformance::names();
    let writing = |name: &&str| WRITING.iter().any(|topic| name.starts_with(topic));
    let read_only = Wrapped {
        writes: false,
        ignored: names.iter().map(String::as_str).filter(writing).collect(),
        ..Wrapped::new("memory, read-only", |store| store.layer(ReadOnly))
    };
    larder_conformance::main_of(&[
        &Wrapped::new("memory, observed", |store| store.layer(Observed::new())),
        &Wrapped::new("memory, elsewhere", |store| store.layer(Elsewhere)),
        &Wrapped::new("memory, observed, elsewhere, observed", |store| {
            store
                .layer(Observed::new())
                .layer(Elsewhere)
                .layer(Observed::new())
        }),
        &read_only,
    ])
}
