//! Changes that depend on the old value and that no single statement does: read, made in memory, and written, while the
//! transaction keeps other writers out.

use std::fmt;
use std::sync::Arc;

use larder_core::store::{Condition, FieldChange};
use larder_core::{Error, Key, Record, Result};
use sqlx::Executor;
use sqlx::sqlite::SqliteConnection;

use super::errors::Fault;
use super::row;
use super::run::{self, Done};
use crate::dialect::Sqlite;
use crate::statement::{put, select, update};
use crate::table::Table;

/// An update that is made in memory.
pub(crate) struct Change {
    table: Arc<Table<Sqlite>>,
    key: Key,
    changes: Vec<(usize, FieldChange)>,
    when: Condition,
}

impl fmt::Debug for Change {
    /// Not the values: hidden ones are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<usize> = self.changes.iter().map(|(field, _)| *field).collect();
        f.debug_tuple("Change").field(&fields).finish()
    }
}

/// What became of a step of a batch.
#[derive(Debug)]
pub(crate) enum Did {
    /// It is done.
    This(Done),
    /// There is no such record, or the condition does not hold.
    Missed,
    /// It can't be done to this record.
    Refused(Error),
}

impl Change {
    pub(crate) fn new(
        table: &Arc<Table<Sqlite>>,
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
    pub(crate) async fn make(&self, conn: &mut SqliteConnection) -> Result<Did, Fault> {
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
        let done = run::write(conn, run::safe(statement.sql), statement.args, true).await?;
        Ok(Did::This(done))
    }
}

/// The record with a key.
pub(crate) async fn read(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    key: &Key,
) -> Result<Option<Record>, Fault> {
    let Some(args) = select::one_args(table, key) else {
        return Ok(None);
    };
    let query = sqlx::query_with(run::kept(&table.select_one), args);
    let Some(found) = conn.fetch_optional(query).await? else {
        return Ok(None);
    };
    row::record(table, &found)
        .map(Some)
        .map_err(|error| Fault::from(sqlx::Error::Decode(error.into())))
}
