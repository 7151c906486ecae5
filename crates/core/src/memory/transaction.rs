//! Transactions: a view of the store as it was at the beginning, and the writes on top of it.
//!
//! This is snapshot isolation where the first committer wins. While a transaction is open, tables keep what they replace;
//! the transaction takes a record from there if it has changed since. At commit a record that it wrote and somebody else
//! changed, or a unique value that somebody else took, is a conflict.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_query::Value;
use parking_lot::{RwLock, RwLockWriteGuard};

use super::hash::{Note, Patch};
use super::table::{Change, Table};
use super::view::{Sight, View};
use super::write::{Direct, Target, apply};
use super::{Shared, read_under};
use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::record::{Record, Row};
use crate::store::{Batch, BoxFuture, Outcome, Page, Plan, Select, Transaction};

/// An open transaction on a [`MemoryStore`](super::MemoryStore).
#[derive(Debug)]
pub(super) struct MemoryTransaction {
    shared: Arc<Shared>,
    /// The number of the last commit that it sees.
    snapshot: u64,
    /// What it has written, by collection: commits lock tables in this order.
    own: BTreeMap<String, Own>,
}

#[derive(Debug)]
struct Own {
    table: Arc<RwLock<Table>>,
    rows: Patch,
}

impl MemoryTransaction {
    pub(super) fn begin(shared: Arc<Shared>) -> Self {
        let snapshot = shared.clock.lock().open();
        Self {
            shared,
            snapshot,
            own: BTreeMap::new(),
        }
    }

    fn select(&self, select: &Select) -> Result<Page> {
        read_under(&self.shared.tables.read(), select, self)
    }

    fn apply(&mut self, batch: Batch) -> Result<Vec<Outcome>> {
        let shared = self.shared.table(&batch.layout)?;
        let own = self
            .own
            .entry(batch.layout.collection.clone())
            .or_insert_with(|| Own {
                table: shared.clone(),
                rows: Patch::default(),
            });
        let table = shared.read();
        apply(
            &mut Staged {
                table: &table,
                snapshot: self.snapshot,
                own: &mut own.rows,
                undo: Vec::new(),
            },
            batch,
        )
    }

    fn keep(&mut self) -> Result<()> {
        let own = std::mem::take(&mut self.own);
        let mut tables: Vec<(RwLockWriteGuard<'_, Table>, &Patch)> = own
            .values()
            .filter(|own| !own.rows.is_empty())
            .map(|own| (own.table.write(), &own.rows))
            .collect();
        if tables
            .iter()
            .any(|(table, rows)| changed_by_others(table, rows, self.snapshot))
        {
            return Err(conflict());
        }
        let mut done: Vec<Vec<Change>> = Vec::with_capacity(tables.len());
        for at in 0..tables.len() {
            let (table, rows) = &mut tables[at];
            match settle(table, rows) {
                Ok(changes) => done.push(changes),
                Err(error) => {
                    for ((table, _), changes) in tables.iter_mut().zip(done) {
                        Direct {
                            table: &mut *table,
                            changes,
                        }
                        .undo();
                    }
                    return Err(error);
                }
            }
        }
        if !tables.is_empty() {
            // This transaction is still open in the clock, but needs no past any more.
            let told = tables.iter().zip(&done);
            let told = told.flat_map(|((table, _), changes)| table.told(changes));
            let (number, keep) = self.shared.tick(Some(self.snapshot), told.collect());
            let gone: Vec<Vec<Change>> = tables
                .iter_mut()
                .zip(done)
                .map(|((table, _), changes)| table.committed(number, changes, keep))
                .collect();
            drop(tables);
            drop(gone);
        }
        Ok(())
    }
}

impl Sight for MemoryTransaction {
    fn view<'t>(&'t self, table: &'t Table, collection: &str) -> View<'t> {
        let own = self.own.get(collection).map(|own| &own.rows);
        View::new(table, self.snapshot, own)
    }
}

impl Drop for MemoryTransaction {
    fn drop(&mut self) {
        let sweep = self.shared.clock.lock().close(self.snapshot);
        if sweep {
            self.shared.forget();
        }
    }
}

fn conflict() -> Error {
    Error::new(ErrorKind::Conflict, "another write was first")
}

fn changed_by_others(table: &Table, rows: &Patch, snapshot: u64) -> bool {
    table.last > snapshot
        && table
            .since(snapshot)
            .any(|change| rows.get(&change.key(&table.layout.key)).is_some())
}

/// Moves a transaction's rows into a table. What is in the way of a unique index was put there by others.
fn settle(table: &mut Table, rows: &Patch) -> Result<Vec<Change>> {
    let mut direct = Direct {
        table,
        changes: Vec::with_capacity(rows.len()),
    };
    match put(&mut direct, rows) {
        Ok(()) => Ok(direct.changes),
        Err(error) => {
            direct.undo();
            Err(if error.kind() == ErrorKind::Duplicate {
                conflict().with_source(error)
            } else {
                error
            })
        }
    }
}

fn put(direct: &mut Direct<'_>, rows: &Patch) -> Result<()> {
    let unique = direct.table.layout.indexes.iter().any(|index| index.unique);
    if unique && rows.len() > 1 {
        // Unique values may have moved between the records, so the old ones go first.
        rows.iter()
            .try_for_each(|(key, _)| move_in(direct, key, None))?;
    }
    rows.iter()
        .try_for_each(|(key, row)| move_in(direct, key, row.cloned()))
}

fn move_in(direct: &mut Direct<'_>, key: &Value, row: Option<Row>) -> Result<()> {
    let (spot, _) = direct.find(key);
    direct.set(key, spot, row)
}

/// The target of a transaction's writes: they stay beside the table.
struct Staged<'a> {
    table: &'a Table,
    snapshot: u64,
    own: &'a mut Patch,
    undo: Vec<(Value, Note)>,
}

impl Staged<'_> {
    fn check_unique(&self, key: &Value, new: &Record) -> Result<()> {
        let fields = &self.table.layout.key;
        let other = |row: &Record| !fields.is_key(row, key);
        let mut past = None;
        for index in &self.table.indexes {
            let Some(span) = index.taken(&self.table.slots, new) else {
                continue;
            };
            let past = past.get_or_insert_with(|| self.table.as_of(self.snapshot));
            let hidden = |row: &Record| {
                let key = fields.value_of(row);
                self.own.get(&key).is_some() || past.get(&key).is_some()
            };
            let stored = index
                .order
                .iter(span)
                .filter_map(|slot| super::index::at(&self.table.slots, slot));
            let own = self.own.iter().filter_map(|(_, row)| row);
            let old = past
                .iter()
                .filter(|(key, _)| self.own.get(key).is_none())
                .filter_map(|(_, row)| row);
            let taken = stored.filter(|row| !hidden(row)).any(other)
                || own
                    .chain(old)
                    .any(|row| other(row) && index.collide(row, new));
            if taken {
                return Err(self.table.duplicate(index.blamed()));
            }
        }
        Ok(())
    }
}

impl Target for Staged<'_> {
    fn layout(&self) -> &Layout {
        &self.table.layout
    }

    type Spot = ();

    fn find(&self, key: &Value) -> ((), Option<Row>) {
        let view = View::new(self.table, self.snapshot, Some(self.own));
        ((), view.one(key).cloned())
    }

    fn set(&mut self, key: &Value, (): (), row: Option<Row>) -> Result<()> {
        if let Some(new) = &row {
            self.check_unique(key, new)?;
        }
        let before = self.own.set(key, row);
        self.undo.push((key.clone(), before));
        Ok(())
    }

    fn next_key(&self) -> Value {
        self.table.next_key()
    }

    fn undo(&mut self) {
        while let Some((key, before)) = self.undo.pop() {
            self.own.restore(&key, before);
        }
    }
}

impl Transaction for MemoryTransaction {
    fn query<'a>(&'a mut self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { self.select(&select) })
    }

    fn write<'a>(&'a mut self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move { self.apply(batch.into_inner()) })
    }

    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move { self.keep() })
    }

    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            drop(self);
            Ok(())
        })
    }
}
