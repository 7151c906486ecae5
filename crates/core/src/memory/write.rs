//! What the kinds of writes mean, over a table or over what a transaction sees of it.

use std::sync::Arc;

use larder_query::Value;

use super::table::{Change, Spot, Table};
use crate::error::Result;
use crate::layout::Layout;
use crate::record::{Record, Row};
use crate::store::{Batch, Kept, Outcome, Write};

/// Where the writes of a batch go.
pub(super) trait Target {
    fn layout(&self) -> &Layout;

    /// Where a record is, for `set`.
    type Spot: Copy;

    /// The record with this key, and where it is or would be.
    fn find(&self, key: &Value) -> (Self::Spot, Option<Row>);

    /// Sets or takes out the record with this key, which was found at `spot`, under the unique indexes.
    fn set(&mut self, key: &Value, spot: Self::Spot, row: Option<Row>) -> Result<()>;

    /// A key for a new record, where the store assigns them.
    fn next_key(&self) -> Value;

    /// Takes back every `set`.
    fn undo(&mut self);
}

/// Writes a batch: all of it, or nothing. After a write that missed, the rest is not tried and has no outcome.
pub(super) fn apply(target: &mut impl Target, batch: Batch) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(batch.writes.len());
    for write in batch.writes {
        match one(target, write, batch.returning) {
            Ok(outcome) => {
                let missed = matches!(outcome, Outcome::Missed);
                outcomes.push(outcome);
                if missed {
                    target.undo();
                    break;
                }
            }
            Err(error) => {
                target.undo();
                return Err(error);
            }
        }
    }
    Ok(outcomes)
}

fn one(target: &mut impl Target, write: Write, returning: bool) -> Result<Outcome> {
    match write {
        Write::Insert { record } => insert(target, record),
        Write::Put {
            record,
            kept,
            when,
            create,
        } => {
            let (spot, old) = target.find(&target.layout().key.value_of(&record));
            match old {
                Some(old) if when.holds(&old) => {
                    let row = replaced(target.layout(), &old, record, &kept);
                    set(target, spot, row).map(Outcome::Updated)
                }
                None if create => set(target, spot, record).map(Outcome::Created),
                _ => Ok(Outcome::Missed),
            }
        }
        Write::Update { key, changes, when } => {
            let (spot, old) = target.find(key.value());
            match old.filter(|old| when.holds(old)) {
                Some(old) => {
                    let row = Arc::new(target.layout().changed(&old, changes)?);
                    set(target, spot, row).map(Outcome::Updated)
                }
                None => Ok(Outcome::Missed),
            }
        }
        Write::Delete { key, when } => {
            let (spot, old) = target.find(key.value());
            match old.filter(|old| when.holds(old)) {
                Some(old) => {
                    target.set(key.value(), spot, None)?;
                    Ok(Outcome::Deleted(returning.then_some(old)))
                }
                None => Ok(Outcome::Missed),
            }
        }
    }
}

/// Adds a record, with the next key where the store assigns them and it has none.
fn insert(target: &mut impl Target, mut row: Row) -> Result<Outcome> {
    let layout = target.layout();
    if layout.is_assigned(&row) {
        let place = layout.key.one();
        let record = Arc::make_mut(&mut row);
        if let Some(key) = place.and_then(|place| record.values.get_mut(place)) {
            *key = target.next_key();
        }
        record.version = layout.version_of(&record.values, record.version);
    }
    let (spot, old) = target.find(&layout.key.value_of(&row));
    if old.is_some() {
        return Err(layout.duplicate_key());
    }
    set(target, spot, row).map(Outcome::Created)
}

/// Sets a record whose key was found at `spot`, and gives it back.
fn set<T: Target>(target: &mut T, spot: T::Spot, row: Row) -> Result<Row> {
    let key = target.layout().key.value_of(&row);
    target.set(&key, spot, Some(row.clone()))?;
    drop(key);
    Ok(row)
}

/// The new record with the kept fields of the old one. It is copied only if somebody else holds it.
fn replaced(layout: &Layout, old: &Record, mut new: Row, kept: &Kept) -> Row {
    let record = Arc::make_mut(&mut new);
    for at in kept.0.iter() {
        if let Some(value) = record.values.get_mut(*at) {
            value.clone_from(old.get(*at));
        }
    }
    record.version = layout.version_of(&record.values, old.version.next());
    new
}

/// A table that is written to at once.
#[derive(Debug)]
pub(super) struct Direct<'a> {
    pub(super) table: &'a mut Table,
    pub(super) changes: Vec<Change>,
}

impl Target for Direct<'_> {
    fn layout(&self) -> &Layout {
        &self.table.layout
    }

    type Spot = Spot;

    fn find(&self, key: &Value) -> (Spot, Option<Row>) {
        let spot = self.table.find(key);
        (spot, self.table.at(spot).cloned())
    }

    fn set(&mut self, _key: &Value, spot: Spot, row: Option<Row>) -> Result<()> {
        let old = self.table.set_at(spot, row.clone())?;
        if old.is_some() || row.is_some() {
            self.changes.push(Change { old, new: row });
        }
        Ok(())
    }

    fn next_key(&self) -> Value {
        self.table.next_key()
    }

    fn undo(&mut self) {
        let layout = self.table.layout.clone();
        while let Some(change) = self.changes.pop() {
            // Each step goes back to a state that was allowed, so no unique index can object.
            let undone = self.table.set(&change.key(&layout.key), change.old.clone());
            debug_assert!(undone.is_ok(), "a batch was not taken back");
        }
    }
}
