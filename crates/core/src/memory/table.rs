//! The records of one model with their indexes, and the past that open transactions still see.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hashbrown::{DefaultHashBuilder, HashTable};
use larder_query::Value;

use super::hash::{Patch, hash};
use super::index::{Index, Slots};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::layout::{KeyFields, Layout};
use crate::record::{Record, Row};
use crate::store::Told;

/// One record before and after a change; both absent means that nothing happened.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) old: Option<Row>,
    pub(super) new: Option<Row>,
}

impl Change {
    /// The key of the record, given which fields are the key.
    pub(super) fn key(&self, fields: &KeyFields) -> Cow<'_, Value> {
        let row = self.old.as_ref().or(self.new.as_ref());
        row.map_or(Cow::Borrowed(&Value::Null), |row| fields.value_of(row))
    }

    /// Whether it is about the record with this key.
    pub(super) fn is_of(&self, fields: &KeyFields, key: &Value) -> bool {
        let row = self.old.as_ref().or(self.new.as_ref());
        row.is_some_and(|row| fields.is_key(row, key))
    }
}

/// A hash of a key, folded to half its bits: with it beside the slot, a table grows without looking at a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code(u32);

impl Code {
    fn spread(self) -> u64 {
        u64::from(self.0) << 32 | u64::from(self.0)
    }
}

/// An entry of the table by key.
#[derive(Clone, Copy, Debug)]
struct Found {
    code: Code,
    slot: u32,
}

/// Where a key is, or would be: what one look says, so that the write after it need not look again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    code: Code,
    slot: Option<u32>,
}

/// The content of a table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) layout: Arc<Layout>,
    pub(super) slots: Slots,
    free: Vec<u32>,
    hasher: DefaultHashBuilder,
    by_key: HashTable<Found>,
    /// The order by key, then the indexes of the layout in their order.
    pub(super) indexes: Vec<Index>,
    /// The last key that was given to a new record.
    keys: AtomicI64,
    /// The number of the last commit that changed something here.
    pub(super) last: u64,
    /// Changes with the number of their commit, kept while a transaction from before it is open.
    past: VecDeque<(u64, Change)>,
}

impl Table {
    /// An empty table.
    pub(super) fn new(layout: Arc<Layout>) -> Self {
        let mut indexes = vec![Index::new(&[], false, &layout.key)];
        indexes.extend(
            layout
                .indexes
                .iter()
                .map(|index| Index::new(&index.fields, index.unique, &layout.key)),
        );
        Self {
            layout,
            slots: Vec::new(),
            free: Vec::new(),
            hasher: DefaultHashBuilder::default(),
            by_key: HashTable::new(),
            indexes,
            keys: AtomicI64::default(),
            last: 0,
            past: VecDeque::new(),
        }
    }

    /// Takes over which keys were given, and the number of the last commit.
    pub(super) fn follow(&mut self, old: &Self) {
        let given = old.keys.load(Ordering::Relaxed);
        self.keys.fetch_max(given, Ordering::Relaxed);
        self.last = old.last;
    }

    /// Where the record with this key is.
    pub(super) fn find(&self, key: &Value) -> Spot {
        let code = Code(hash(&self.hasher, key) as u32);
        let same = |entry: &Found| {
            entry.code == code
                && self
                    .record(entry.slot)
                    .is_some_and(|record| self.layout.key.is_key(record, key))
        };
        let slot = self
            .by_key
            .find(code.spread(), same)
            .map(|entry| entry.slot);
        Spot { code, slot }
    }

    /// The record at a spot.
    pub(super) fn at(&self, spot: Spot) -> Option<&Row> {
        self.slots.get(spot.slot? as usize)?.as_ref()
    }

    fn record(&self, slot: u32) -> Option<&Record> {
        super::index::at(&self.slots, slot)
    }

    /// The record with this key.
    pub(super) fn get(&self, key: &Value) -> Option<&Row> {
        self.at(self.find(key))
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// All records, in the order of their keys.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        let keys = self.indexes.first();
        let slots = keys
            .into_iter()
            .flat_map(|index| index.order.iter(index.order.all()));
        slots.filter_map(|slot| self.slots.get(slot as usize)?.as_ref())
    }

    /// Puts a record in the place of what has this key, adds it, or takes out what has the key; gives what was there.
    ///
    /// # Errors
    /// `Duplicate` if a unique index forbids it; then nothing has changed.
    pub(super) fn set(&mut self, key: &Value, new: Option<Row>) -> Result<Option<Row>> {
        let spot = self.find(key);
        self.set_at(spot, new)
    }

    /// [`set`](Self::set) for a key that was found since the last change.
    pub(super) fn set_at(&mut self, spot: Spot, new: Option<Row>) -> Result<Option<Row>> {
        if let Some(new) = &new {
            let old = self.at(spot).map(|old| &**old);
            self.check_unique(spot.slot, old, new)?;
        }
        match (spot.slot, new) {
            (Some(slot), Some(new)) => Ok(self.replace(slot, new)),
            (Some(slot), None) => Ok(self.remove(spot.code, slot)),
            (None, Some(new)) => self.add(spot.code, new).map(|()| None),
            (None, None) => Ok(None),
        }
    }

    fn check_unique(&self, slot: Option<u32>, old: Option<&Record>, new: &Record) -> Result<()> {
        for index in &self.indexes {
            if old.is_some_and(|old| index.collide(old, new)) {
                continue;
            }
            let Some(span) = index.taken(&self.slots, new) else {
                continue;
            };
            if index.order.iter(span).any(|other| Some(other) != slot) {
                return Err(self.duplicate(index.blamed()));
            }
        }
        Ok(())
    }

    /// The error for a value of this field that is taken.
    pub(super) fn duplicate(&self, field: usize) -> Error {
        Error::duplicate(
            self.layout
                .fields
                .get(field)
                .map_or("", |field| field.name.as_str()),
        )
    }

    /// A key that no record has, had, or will be given again.
    pub(super) fn next_key(&self) -> Value {
        let last = |largest: i64| Some(largest.checked_add(1)?.max(1));
        let before = self
            .keys
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, last);
        Value::from(before.map_or(i64::MAX, |before| before.saturating_add(1).max(1)))
    }

    fn add(&mut self, code: Code, new: Row) -> Result<()> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                let slot = u32::try_from(self.slots.len()).map_err(Error::internal)?;
                self.slots.push(None);
                slot
            }
        };
        if self.layout.storage.assigned_key
            && let Some(place) = self.layout.key.one()
            && let Some(key) = new.get(place).as_i64()
        {
            self.keys.fetch_max(key, Ordering::Relaxed);
        }
        for index in &mut self.indexes {
            index.insert(&self.slots, &new, slot);
        }
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(new);
        }
        let entry = Found { code, slot };
        self.by_key
            .insert_unique(code.spread(), entry, |other| other.code.spread());
        Ok(())
    }

    fn replace(&mut self, slot: u32, new: Row) -> Option<Row> {
        let old = self.slots.get(slot as usize)?.as_ref()?;
        let moves = |index: &usize| !self.indexes[*index].same_place(old, &new);
        let moved: Vec<usize> = (0..self.indexes.len()).filter(moves).collect();
        if !moved.is_empty() {
            let old = old.clone();
            for index in &moved {
                self.indexes[*index].remove(&self.slots, &old, slot);
            }
            for index in &moved {
                self.indexes[*index].insert(&self.slots, &new, slot);
            }
        }
        self.slots.get_mut(slot as usize)?.replace(new)
    }

    fn remove(&mut self, code: Code, slot: u32) -> Option<Row> {
        let old = self.slots.get(slot as usize)?.clone()?;
        for index in &mut self.indexes {
            index.remove(&self.slots, &old, slot);
        }
        if let Ok(entry) = self
            .by_key
            .find_entry(code.spread(), |other| other.slot == slot)
        {
            entry.remove();
        }
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = None;
        }
        self.free.push(slot);
        if self.by_key.is_empty() {
            (self.slots, self.free) = (Vec::new(), Vec::new());
        }
        Some(old)
    }

    /// Notes what a commit changed. `keep` says whether an open transaction still needs the state before; if none does, the
    /// changes are handed back, to be dropped when the table is no longer locked.
    pub(super) fn committed(
        &mut self,
        number: u64,
        changes: Vec<Change>,
        keep: bool,
    ) -> Vec<Change> {
        self.last = number;
        if keep {
            self.past
                .extend(changes.into_iter().map(|change| (number, change)));
            return Vec::new();
        }
        if !self.past.is_empty() {
            self.past = VecDeque::new();
        }
        changes
    }

    /// What is told of changes to this table: nothing unless its model asks for it.
    pub(super) fn told<'a>(&'a self, changes: &'a [Change]) -> impl Iterator<Item = Told> + 'a {
        let asked = if self.layout.storage.changes {
            changes
        } else {
            &[]
        };
        asked.iter().map(|change| Told {
            layout: self.layout.clone(),
            key: Key::from(change.key(&self.layout.key).into_owned()),
            old: change.old.clone().into(),
            new: change.new.clone().into(),
        })
    }

    /// Forgets what no transaction from this commit on can see.
    pub(super) fn forget(&mut self, oldest: Option<u64>) {
        match oldest {
            Some(oldest) => {
                let gone = self.past.partition_point(|(number, _)| *number <= oldest);
                self.past.drain(..gone);
            }
            None => self.past = VecDeque::new(),
        }
    }

    /// The changes since a commit, oldest first.
    pub(super) fn since(&self, snapshot: u64) -> impl Iterator<Item = &Change> {
        let start = self.past.partition_point(|(number, _)| *number <= snapshot);
        self.past.range(start..).map(|(_, change)| change)
    }

    /// The records that have changed since a commit, as they were then.
    pub(super) fn as_of(&self, snapshot: u64) -> Patch {
        let mut patch = Patch::default();
        for change in self.since(snapshot) {
            let key = change.key(&self.layout.key);
            if patch.get(&key).is_none() {
                patch.set(&key, change.old.clone());
            }
        }
        patch
    }
}

#[cfg(test)]
mod tests;
