//! A batch as statements to run, and what they did as outcomes.
//!
//! The statements are made in the caller's task, so the writer has nothing to do but run them.

use std::ops::Range;
use std::sync::Arc;

use larder_core::store::{Batch, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, Result, Row, Version};
use larder_query::Value;
use sqlx::SqlStr;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use super::row;
use super::run::{self, Done};
use crate::dialect::Sqlite;
use crate::statement::{Statement, delete, insert, put, update};
use crate::table::Table;

/// One statement of a batch.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) sql: SqlStr,
    pub(crate) args: SqliteArguments,
    /// Whether the text is likely to come again.
    pub(crate) persistent: bool,
    /// What shows that it missed.
    pub(crate) needs: Needs,
}

/// What a statement must do for its write to count as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: it fails by an error.
    Nothing,
    /// Return a row.
    Row,
    /// Change a row.
    Change,
}

impl Step {
    fn new(statement: Statement<Sqlite>, needs: Needs) -> Self {
        Self {
            sql: run::safe(statement.sql),
            args: statement.args,
            persistent: true,
            needs,
        }
    }
}

/// What became of the statements of a batch.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was done, one entry a step, up to the one that missed.
    pub(crate) done: Vec<Done>,
    /// Whether a condition did not hold. Then nothing of the batch was written.
    pub(crate) missed: bool,
}

/// The statements of a batch. Inserts that follow each other share statements.
pub(crate) fn steps(table: &Table<Sqlite>, batch: &Batch) -> Result<Vec<Step>> {
    if table.layout.storage.read_only && !batch.writes.is_empty() {
        let message = format!("the table {} is read-only", table.name);
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let mut steps = Vec::with_capacity(1);
    for run in runs(table, &batch.writes) {
        let writes = batch.writes.get(run).unwrap_or_default();
        steps.push(match writes {
            [
                Write::Put {
                    record,
                    kept,
                    when,
                    create: true,
                },
            ] => Step::new(put::upsert(table, record, kept, when)?, Needs::Row),
            [
                Write::Put {
                    record,
                    kept,
                    when,
                    create: false,
                },
            ] => Step::new(put::replace(table, record, kept, when)?, Needs::Row),
            [Write::Update { key, set, when }] => {
                Step::new(update::update(table, key, set, when)?, Needs::Row)
            }
            [Write::Delete { key, when }] => {
                let needs = if batch.returning {
                    Needs::Row
                } else {
                    Needs::Change
                };
                Step::new(delete::delete(table, key, when, batch.returning)?, needs)
            }
            [Write::Insert { record }] if is_assigned(table, record) => Step {
                sql: run::kept(&table.insert_assigned),
                args: insert::assigned_args(table, record)?,
                persistent: true,
                needs: Needs::Row,
            },
            inserts => insert_step(table, inserts)?,
        });
    }
    Ok(steps)
}

fn insert_step(table: &Table<Sqlite>, inserts: &[Write]) -> Result<Step> {
    let records = inserts.iter().filter_map(|write| match write {
        Write::Insert { record } => Some(record),
        _ => None,
    });
    let args = insert::args(table, records)?;
    let (sql, persistent) = match inserts.len() {
        1 => (run::kept(&table.insert_one), true),
        rows if rows == table.chunk => (run::kept(&table.insert_chunk), true),
        rows => (run::safe(insert::text(table, rows)), false),
    };
    Ok(Step {
        sql,
        args,
        persistent,
        needs: Needs::Nothing,
    })
}

/// Whether the database gives this new record its key.
fn is_assigned(table: &Table<Sqlite>, record: &Row) -> bool {
    table.layout.storage.assigned_key && record.get(table.layout.key).is_null()
}

/// The writes that one statement does: each by itself, but inserts that follow each other together, `chunk` at the most.
fn runs<'a>(
    table: &'a Table<Sqlite>,
    writes: &'a [Write],
) -> impl Iterator<Item = Range<usize>> + 'a {
    // Keys come back in no order, so a record that is given one is added alone.
    let together = |write: &&Write| match write {
        Write::Insert { record } => !is_assigned(table, record),
        _ => false,
    };
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = writes.get(start..).filter(|rest| !rest.is_empty())?;
        let inserts = rest.iter().take(table.chunk).take_while(together).count();
        let run = start..start + inserts.max(1);
        start = run.end;
        Some(run)
    })
}

/// The outcomes of a batch, one a write. After a write that missed, the rest was not tried and has none.
pub(crate) fn outcomes(
    table: &Table<Sqlite>,
    batch: Batch,
    answer: Answer,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(batch.writes.len());
    let lengths: Vec<usize> = runs(table, &batch.writes).map(|run| run.len()).collect();
    let mut writes = batch.writes.into_iter();
    for (length, done) in lengths.into_iter().zip(answer.done) {
        for write in writes.by_ref().take(length) {
            outcomes.push(outcome(table, write, &done)?);
        }
    }
    if answer.missed {
        outcomes.push(Outcome::Missed);
    }
    Ok(outcomes)
}

fn outcome(table: &Table<Sqlite>, write: Write, done: &Done) -> Result<Outcome> {
    let returned = || {
        done.row
            .as_ref()
            .ok_or_else(|| Error::internal("a statement returned no row"))
    };
    Ok(match write {
        Write::Insert { record } if is_assigned(table, &record) => {
            Outcome::Created(with_key(table, record, returned()?)?)
        }
        Write::Insert { record } => Outcome::Created(record),
        Write::Put {
            record,
            kept,
            create,
            ..
        } => {
            let returned = returned()?;
            let version = Version(row::number(returned, 0)?);
            if create && version == record.version {
                Outcome::Created(record)
            } else {
                Outcome::Updated(replaced(table, record, &kept, version, returned)?)
            }
        }
        Write::Update { .. } => Outcome::Updated(Arc::new(row::record(table, returned()?)?)),
        Write::Delete { .. } => Outcome::Deleted(
            done.row
                .as_ref()
                .map(|old| row::record(table, old).map(Arc::new))
                .transpose()?,
        ),
    })
}

/// The record that stands after a replace: what was sent, with the kept fields and the version that came back.
fn replaced(
    table: &Table<Sqlite>,
    mut row: Row,
    kept: &Kept,
    version: Version,
    returned: &SqliteRow,
) -> Result<Row> {
    let record = Arc::make_mut(&mut row);
    let known = kept
        .0
        .iter()
        .filter(|field| **field < table.layout.fields.len());
    for (place, field) in known.enumerate() {
        if let (Some(value), Some(column)) = (
            record.values.get_mut(*field),
            table.layout.fields.get(*field),
        ) {
            *value = row::value(table, returned, place + 1, column.kind)?;
        }
    }
    record.version = table.layout.version_of(&record.values, version);
    Ok(row)
}

/// A new record with the key that came back.
fn with_key(table: &Table<Sqlite>, mut row: Row, returned: &SqliteRow) -> Result<Row> {
    let record = Arc::make_mut(&mut row);
    if let Some(key) = record.values.get_mut(table.layout.key) {
        *key = Value::I64(row::number(returned, 0)?);
    }
    record.version = table.layout.version_of(&record.values, record.version);
    Ok(row)
}
