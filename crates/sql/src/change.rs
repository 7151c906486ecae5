//! Changes that depend on the old value and that no single statement does: read, made in memory, and written, while the
//! transaction keeps other writers out.

use std::fmt;
use std::sync::Arc;

use larder_core::store::{Condition, FieldChange};
use larder_core::{Error, Key, Record, Result};

use crate::driver::{self, Conn, Done, Driver};
use crate::row;
use crate::statement::{put, select, update};
use crate::table::Table;

/// An update that is made in memory.
pub(crate) struct Change<D: Driver> {
    table: Arc<Table<D>>,
    key: Key,
    changes: Vec<(usize, FieldChange)>,
    when: Condition,
}

impl<D: Driver> fmt::Debug for Change<D> {
    /// Not the values: hidden ones are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<usize> = self.changes.iter().map(|(field, _)| *field).collect();
        f.debug_tuple("Change").field(&fields).finish()
    }
}

/// What became of a step of a batch.
#[derive(Debug)]
pub(crate) enum Did<D: Driver> {
    /// It is done.
    This(Done<D>),
    /// There is no such record, or the condition does not hold.
    Missed,
    /// It can't be done to this record.
    Refused(Error),
}

impl<D: Driver> Change<D> {
    pub(crate) fn new(
        table: &Arc<Table<D>>,
        key: &Key,
        changes: &[(usize, FieldChange)],
        when: &Condition,
    ) -> Result<Self> {
        put::can_compare(table, when)?;
        Ok(Self {
            table: Arc::clone(table),
            key: key.clone(),
            changes: changes.to_vec(),
            when: when.clone(),
        })
    }

    /// Makes the change. Needs an open transaction that writes.
    pub(crate) async fn make(&self, conn: &mut Conn<D>) -> Result<Did<D>, D::Fault> {
        let old = match read(conn, &self.table, &self.key).await? {
            Some(old) if self.when.holds(&old) => old,
            _ => return Ok(Did::Missed),
        };
        let resolved = self.table.layout.resolve(&old, &self.changes);
        let statement = resolved
            .and_then(|sets| update::update(&self.table, &self.key, &sets, &Condition::default()));
        let statement = match statement {
            Ok(statement) => statement,
            Err(error) => return Ok(Did::Refused(error)),
        };
        let done = D::write(conn, driver::safe(statement.sql), statement.args, true).await?;
        Ok(Did::This(done))
    }
}

/// The record with a key. It is locked, where databases lock single ones, until the transaction ends.
pub(crate) async fn read<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
) -> Result<Option<Record>, D::Fault> {
    let Some(args) = select::one_args(table, key) else {
        return Ok(None);
    };
    let found = D::first(conn, driver::kept(&table.select_locked), args).await?;
    found
        .map(|found| row::record(table, &found))
        .transpose()
        .map_err(|error| D::Fault::from(sqlx::Error::Decode(error.into())))
}
