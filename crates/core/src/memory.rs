//! The store in memory: always there, for tests, caches and data that may be lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::migrate::{Change, Effect};
use crate::store::{
    Batch, BoxFuture, Capability, Feed, Hears, Hub, Outcome, Page, Plan, Select, Store, Tells,
    Told, Transaction, Watch,
};

mod hash;
mod index;
mod joins;
mod order;
mod path;
mod pattern;
mod prefix;
mod prepare;
mod read;
mod seek;
mod table;
mod transaction;
mod union;
mod view;
mod write;

use self::joins::Joins;
use self::table::Table;
use self::transaction::MemoryTransaction;
use self::view::{Now, Sight, View};
use self::write::{Direct, apply};

/// A store in memory.
///
/// Records are shared, not copied: what was inserted is what a query hands out. Every query sees one state; a batch is
/// written under one lock. Transactions are isolated by snapshots, and the first one to commit wins. A clone is another
/// handle on the same data.
///
/// An index costs sixteen bytes a record: it is a sorted list of slots, each with the beginning of its value. Totals of indexed filters are counted without touching
/// the records.
///
/// ```
/// use larder_core::{MemoryStore, Store};
///
/// let store = MemoryStore::new();
/// assert!(store.capability().transactions);
/// assert!(!store.capability().durable);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

/// Tables by the name of their collection.
type Tables = HashMap<String, Arc<RwLock<Table>>>;

#[derive(Debug, Default)]
struct Shared {
    tables: RwLock<Tables>,
    clock: Mutex<Clock>,
    /// What is told of models that ask for it.
    hub: Hub,
}

/// The numbers of commits, and which of them open transactions began at.
///
/// It is locked inside the locks of tables, never the other way round.
#[derive(Debug, Default)]
struct Clock {
    now: u64,
    open: BTreeMap<u64, usize>,
    /// Whether some table may hold a past.
    past: bool,
}

impl Clock {
    /// Begins a transaction at the present state.
    fn open(&mut self) -> u64 {
        *self.open.entry(self.now).or_default() += 1;
        self.now
    }

    /// The snapshot of the oldest open transaction.
    fn oldest(&self) -> Option<u64> {
        self.open.keys().next().copied()
    }

    /// Ends a transaction, and says whether tables can forget something.
    fn close(&mut self, snapshot: u64) -> bool {
        let before = self.oldest();
        if let Some(count) = self.open.get_mut(&snapshot) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&snapshot);
            }
        }
        let after = self.oldest();
        let sweep = self.past && before != after;
        self.past &= after.is_some();
        sweep
    }

    /// The number of a new commit, and whether a transaction other than `own` needs the state before it.
    fn tick(&mut self, own: Option<u64>) -> (u64, bool) {
        self.now += 1;
        let others = self.open.values().sum::<usize>() - usize::from(own.is_some());
        self.past |= others > 0;
        (self.now, others > 0)
    }
}

impl Shared {
    /// Counts a commit and tells it: the number, and whether a transaction other than `own` needs the state before it. The tables that
    /// were changed are locked, so nobody sees the commit before it is told or the other way round; and the clock is, so commits of
    /// other tables are told in the order of their numbers.
    fn tick(&self, own: Option<u64>, told: Vec<Told>) -> (u64, bool) {
        let mut clock = self.clock.lock();
        let tick = clock.tick(own);
        self.hub.publish(told);
        tick
    }

    /// The table of a model.
    fn table(&self, layout: &Layout) -> Result<Arc<RwLock<Table>>> {
        in_tables(&self.tables.read(), layout).cloned()
    }

    /// Lets go of what no open transaction can see. A table that is busy does it at its next write.
    fn forget(&self) {
        for table in self.tables.read().values() {
            if let Some(mut table) = table.try_write() {
                // Asked for under the lock of the table: a transaction that begins now still finds what it needs.
                let oldest = self.clock.lock().oldest();
                table.forget(oldest);
            }
        }
    }
}

fn in_tables<'a>(tables: &'a Tables, layout: &Layout) -> Result<&'a Arc<RwLock<Table>>> {
    tables.get(&layout.collection).ok_or_else(|| {
        Error::internal(format!(
            "the collection `{}` was not prepared",
            layout.collection
        ))
    })
}

/// Answers a query under the locks of all tables that it reads, given who looks at them.
fn read_under(tables: &Tables, select: &Select, sight: &impl Sight) -> Result<Page> {
    if select.joins.is_empty() {
        let table = in_tables(tables, &select.layout)?.read();
        let view = sight.view(&table, &select.layout.collection);
        return read::select(&view, &Joins::default(), select);
    }
    // Locked each once and in the order of their names, as commits lock them.
    let mut locks = BTreeMap::new();
    let joined = select.joins.iter().map(|join| &join.layout);
    for layout in std::iter::once(&select.layout).chain(joined) {
        locks.insert(layout.collection.as_str(), in_tables(tables, layout)?);
    }
    let locked: BTreeMap<&str, RwLockReadGuard<'_, Table>> = locks
        .into_iter()
        .map(|(name, table)| (name, table.read()))
        .collect();
    let views: BTreeMap<&str, View<'_>> = locked
        .iter()
        .map(|(name, table)| (*name, sight.view(table, name)))
        .collect();
    let seen = |layout: &Layout| {
        views.get(layout.collection.as_str()).ok_or_else(|| {
            Error::internal(format!(
                "the collection `{}` was not locked",
                layout.collection
            ))
        })
    };
    let joined: Vec<&View<'_>> = select
        .joins
        .iter()
        .map(|join| seen(&join.layout))
        .collect::<Result<_>>()?;
    read::select(seen(&select.layout)?, &Joins::new(select, joined), select)
}

/// Whether tables of two layouts hold the same: what an app asks of its store beside that may differ.
fn keeps_the_same(one: &Layout, other: &Layout) -> bool {
    let mut one = one.clone();
    one.storage.changes = other.storage.changes;
    one.storage.list_bytes = other.storage.list_bytes;
    one == *other
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn make_room(&self, models: &[Arc<Layout>]) -> Result<()> {
        let mut tables = self.shared.tables.write();
        for layout in models {
            match prepare::found(&tables, layout)? {
                None => {
                    let table = Arc::new(RwLock::new(Table::new(layout.clone())));
                    tables.insert(layout.collection.clone(), table);
                }
                Some((name, table)) => {
                    let (name, table) = (name.to_owned(), table.clone());
                    let mut content = table.write();
                    // Another app on the same store may have asked to be told.
                    let mut layout = layout.clone();
                    if content.layout.storage.changes && !layout.storage.changes {
                        Arc::make_mut(&mut layout).storage.changes = true;
                    }
                    let layout = &layout;
                    if content.layout != *layout {
                        let other_rows = content.layout.fields != layout.fields;
                        *content = prepare::migrated(&content, layout)?;
                        if other_rows && layout.storage.changes {
                            // What is kept for listeners has the old fields.
                            self.shared.hub.lose();
                        }
                    }
                    drop(content);
                    if name != layout.collection {
                        tables.remove(&name);
                        tables.insert(layout.collection.clone(), table);
                    }
                }
            }
        }
        Ok(())
    }

    /// What [`make_room`](Self::make_room) would do, tried on copies.
    fn compare(&self, models: &[Arc<Layout>]) -> Vec<Change> {
        let tables = self.shared.tables.read();
        let compared = models.iter().filter_map(|layout| {
            let change = |effect, what: String| Change::new(layout, effect, what, String::new());
            match prepare::found(&tables, layout) {
                Ok(None) => Some(change(Effect::Additive, "it is missing".to_owned())),
                Ok(Some((_, table))) => {
                    let table = table.read();
                    if keeps_the_same(&table.layout, layout) {
                        return None;
                    }
                    Some(match prepare::migrated(&table, layout) {
                        Ok(_) => change(Effect::Additive, "its fields have changed".to_owned()),
                        Err(error) => change(Effect::Manual, error.message().to_owned()),
                    })
                }
                Err(error) => Some(change(Effect::Manual, error.message().to_owned())),
            }
        });
        compared.collect()
    }

    fn apply(&self, batch: Batch) -> Result<Vec<Outcome>> {
        let tables = self.shared.tables.read();
        let mut table = in_tables(&tables, &batch.layout)?.write();
        let mut direct = Direct {
            table: &mut table,
            changes: Vec::with_capacity(batch.writes.len()),
        };
        let outcomes = apply(&mut direct, batch)?;
        let changes = direct.changes;
        if !changes.is_empty() {
            let told = table.told(&changes).collect();
            let (number, keep) = self.shared.tick(None, told);
            let gone = table.committed(number, changes, keep);
            // Others need not wait until the old records are freed.
            drop(table);
            drop(gone);
        }
        Ok(outcomes)
    }
}

impl Store for MemoryStore {
    fn capability(&self) -> Capability {
        Capability {
            durable: false,
            changes: Some(Tells {
                hears: Hears::OwnProcess,
                old_rows: true,
                resume: true,
            }),
            ..Capability::full("memory")
        }
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.make_room(models) })
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(async move { Ok(self.compare(models)) })
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { read_under(&self.shared.tables.read(), &select, &Now) })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move { self.apply(batch.into_inner()) })
    }

    fn begin<'a>(&'a self, _seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            Ok(Box::new(MemoryTransaction::begin(self.shared.clone())) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move { self.shared.hub.listen(&watch) })
    }
}
