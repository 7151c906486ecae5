//! What the kinds of writes mean, over a table or over what a transaction sees of it.

use std::sync::Arc;

use larder_query::Value;

use super::table::{Change, Spot, Table};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::record::{Record, Row};
use crate::store::{Batch, Kept, Outcome, Write};

/// Where the writes of a batch go.
pub(super) trait Target {
    fn layout(&self) -> Arc<Layout>;

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
pub(super) fn apply(target: &mut impl Target, batch: &Batch) -> Result<Vec<Outcome>> {
    let layout = target.layout();
    let mut outcomes = Vec::with_capacity(batch.writes.len());
    for write in &batch.writes {
        match one(target, &layout, write, batch.returning) {
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

fn one(
    target: &mut impl Target,
    layout: &Layout,
    write: &Write,
    returning: bool,
) -> Result<Outcome> {
    match write {
        Write::Insert { record } if layout.is_assigned(record) => assign(target, layout, record),
        Write::Insert { record } => {
            let key = layout.key.value_of(record);
            let (spot, old) = target.find(&key);
            if old.is_some() {
                return Err(layout.duplicate_key());
            }
            target.set(&key, spot, Some(record.clone()))?;
            Ok(Outcome::Created)
        }
        Write::Put {
            record,
            kept,
            when,
            create,
        } => {
            let key = layout.key.value_of(record);
            let (spot, old) = target.find(&key);
            match old {
                Some(old) if when.holds(&old) => {
                    update(target, &key, spot, replaced(layout, &old, record, kept))
                }
                None if *create => {
                    target.set(&key, spot, Some(record.clone()))?;
                    Ok(Outcome::Created)
                }
                _ => Ok(Outcome::Missed),
            }
        }
        Write::Update { key, set, when } => {
            let (spot, old) = target.find(key.value());
            match old.filter(|old| when.holds(old)) {
                Some(old) => update(target, key.value(), spot, changed(layout, &old, set)?),
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

/// Adds a record with the next key.
fn assign(target: &mut impl Target, layout: &Layout, record: &Record) -> Result<Outcome> {
    let mut values = record.values.clone();
    let key = target.next_key();
    if let Some(place) = layout.key.one().and_then(|place| values.get_mut(place)) {
        place.clone_from(&key);
    }
    let version = layout.version_of(&values, record.version);
    let row = Arc::new(Record::new(values, version));
    let (spot, _) = target.find(&key);
    target.set(&key, spot, Some(row.clone()))?;
    Ok(Outcome::Assigned(row))
}

fn update<T: Target>(target: &mut T, key: &Value, spot: T::Spot, new: Record) -> Result<Outcome> {
    let row = Arc::new(new);
    target.set(key, spot, Some(row.clone()))?;
    Ok(Outcome::Updated(row))
}

/// The new record with the kept fields of the old one.
fn replaced(layout: &Layout, old: &Record, new: &Record, kept: &Kept) -> Record {
    let choose = |(at, value): (usize, &Value)| {
        if kept.0.contains(&at) {
            old.get(at).clone()
        } else {
            value.clone()
        }
    };
    let values: Vec<Value> = new.values.iter().enumerate().map(choose).collect();
    let version = layout.version_of(&values, old.version.next());
    Record::new(values, version)
}

/// The old record with some fields set.
fn changed(layout: &Layout, old: &Record, set: &[(usize, Value)]) -> Result<Record> {
    let mut values = old.values.clone();
    values.resize(layout.fields.len(), Value::Null);
    for (field, value) in set {
        let same_key = !layout.key.has(*field) || old.get(*field).same(value);
        match values.get_mut(*field) {
            Some(place) if same_key => place.clone_from(value),
            _ => {
                return Err(Error::internal(format!(
                    "an update of `{}` sets field {field}",
                    layout.model
                )));
            }
        }
    }
    let version = layout.version_of(&values, old.version.next());
    Ok(Record::new(values, version))
}

/// A table that is written to at once.
#[derive(Debug)]
pub(super) struct Direct<'a> {
    pub(super) table: &'a mut Table,
    pub(super) changes: Vec<Change>,
}

impl Target for Direct<'_> {
    fn layout(&self) -> Arc<Layout> {
        self.table.layout.clone()
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
