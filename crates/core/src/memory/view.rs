//! What a query sees of a table: all of it as it is, or a state from before with a transaction's own writes on top.

use std::cell::OnceCell;

use larder_query::Value;

use super::hash::Patch;
use super::table::Table;
use crate::record::{Record, Row};

/// Who looks at tables.
pub(super) trait Sight {
    /// What is seen of the table of a collection.
    fn view<'t>(&'t self, table: &'t Table, collection: &str) -> View<'t>;
}

/// Whoever is in no transaction.
pub(super) struct Now;

impl Sight for Now {
    fn view<'t>(&'t self, table: &'t Table, _collection: &str) -> View<'t> {
        View::new(table, u64::MAX, None)
    }
}

/// A table as a query sees it.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) table: &'a Table,
    /// What a transaction has written.
    own: Option<&'a Patch>,
    /// The commit that the transaction began at, where the table has changed since.
    since: Option<u64>,
    /// What has changed since, as it was then; gathered when more than one record is asked for.
    past: OnceCell<Patch>,
}

impl<'a> View<'a> {
    /// The table as it was after a commit, with these writes on top.
    pub(super) fn new(table: &'a Table, snapshot: u64, own: Option<&'a Patch>) -> Self {
        Self {
            table,
            own: own.filter(|rows| !rows.is_empty()),
            since: (table.last > snapshot).then_some(snapshot),
            past: OnceCell::new(),
        }
    }

    /// Whether this is the table as it is, so that its indexes tell the whole.
    pub(super) fn is_plain(&self) -> bool {
        self.own.is_none() && self.since.is_none()
    }

    /// The one record that a query asks for.
    pub(super) fn one(&self, key: &Value) -> Option<&Row> {
        if let Some(row) = self.own.and_then(|own| own.get(key)) {
            return row.as_ref();
        }
        let place = self.table.layout.key;
        let changed = self.since.and_then(|snapshot| {
            let mut since = self.table.since(snapshot);
            since.find(|change| change.key(place).total_cmp(key).is_eq())
        });
        match changed {
            Some(change) => change.old.as_ref(),
            None => self.table.get(key),
        }
    }

    /// The record with this key, where many are asked for.
    pub(super) fn get(&self, key: &Value) -> Option<&Row> {
        match self.patched(key) {
            Some(row) => row.as_ref(),
            None => self.table.get(key),
        }
    }

    fn past(&self) -> Option<&Patch> {
        let snapshot = self.since?;
        Some(self.past.get_or_init(|| self.table.as_of(snapshot)))
    }

    /// What stands before the table for a key.
    fn patched(&self, key: &Value) -> Option<&Option<Row>> {
        let own = self.own.and_then(|own| own.get(key));
        own.or_else(|| self.past()?.get(key))
    }

    /// Whether a record of the table is not what this sees.
    pub(super) fn hides(&self, row: &Record) -> bool {
        !self.is_plain() && self.patched(row.get(self.table.layout.key)).is_some()
    }

    /// The records that this sees in place of hidden ones.
    pub(super) fn others(&self) -> impl Iterator<Item = &Row> {
        let own = self.own.into_iter().flat_map(|own| own.iter());
        let past = self.past().into_iter().flat_map(|past| past.iter());
        let past = past.filter(|(key, _)| self.own.is_none_or(|own| own.get(key).is_none()));
        own.chain(past).filter_map(|(_, row)| row)
    }
}
