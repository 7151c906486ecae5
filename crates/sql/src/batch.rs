//! A batch as statements to run, and what they did as outcomes.
//!
//! The statements are made in the caller's task, so whoever has the connection has nothing to do but run them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use larder_core::store::{Batch, Condition, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, Key, Result, Version};
use larder_query::{Filter, Value};
use sqlx::SqlStr;

use crate::driver::{self, Conn, Done, Driver, Row, number};
use crate::row;
use crate::statement::{Statement, delete, insert, put, select, split, update};
use crate::table::Table;

/// One statement of a batch.
pub(crate) struct Step<D: Driver> {
    pub(crate) sql: SqlStr,
    pub(crate) args: D::Arguments,
    /// Whether the text is likely to come again.
    pub(crate) persistent: bool,
    /// What shows that it missed.
    pub(crate) needs: Needs,
    /// What has to be looked at before, in the same transaction.
    pub(crate) check: Option<Check<D>>,
}

/// A condition that SQL can't decide, on the record that a statement changes.
pub(crate) struct Check<D: Driver> {
    table: Arc<Table<D>>,
    key: Key,
    filter: Filter,
    /// Whether it holds where there is no record.
    create: bool,
}

impl<D: Driver> fmt::Debug for Step<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No arguments: they are values.
        f.debug_struct("Step")
            .field("sql", &self.sql.as_str())
            .field("needs", &self.needs)
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}

impl<D: Driver> fmt::Debug for Check<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.filter).finish()
    }
}

impl<D: Driver> Check<D> {
    /// The check before a write; none where SQL decides.
    fn of(
        table: &Arc<Table<D>>,
        key: impl FnOnce() -> Key,
        when: &Condition,
        create: bool,
    ) -> Option<Self> {
        if split::is_decided::<D>(&when.filter, &table.layout) {
            return None;
        }
        Some(Self {
            table: Arc::clone(table),
            key: key(),
            filter: when.filter.clone(),
            create,
        })
    }

    /// Whether the write may happen. The record is locked, where databases lock single ones, until it has.
    pub(crate) async fn holds(&self, conn: &mut Conn<D>) -> Result<bool, D::Fault> {
        let Some(args) = select::one_args(&self.table, &self.key) else {
            return Ok(self.create);
        };
        let found = D::first(conn, driver::kept(&self.table.select_locked), args).await?;
        let Some(found) = found else {
            return Ok(self.create);
        };
        let old = row::record(&self.table, &found)
            .map_err(|error| D::Fault::from(sqlx::Error::Decode(error.into())))?;
        Ok(self.filter.matches(&old.values))
    }
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

impl<D: Driver> Step<D> {
    fn new(statement: Statement<D>, needs: Needs) -> Self {
        Self {
            sql: driver::safe(statement.sql),
            args: statement.args,
            persistent: true,
            needs,
            check: None,
        }
    }

    /// Runs only if this holds.
    fn after(self, check: Option<Check<D>>) -> Self {
        Self { check, ..self }
    }
}

/// What became of the statements of a batch.
#[derive(Debug)]
pub(crate) struct Answer<D: Driver> {
    /// What was done, one entry a step, up to the one that missed.
    pub(crate) done: Vec<Done<D>>,
    /// Whether a condition did not hold. Then nothing of the batch was written.
    pub(crate) missed: bool,
}

/// The statements of a batch. Inserts that follow each other share statements.
pub(crate) fn steps<D: Driver>(table: &Arc<Table<D>>, batch: &Batch) -> Result<Vec<Step<D>>> {
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
            ] => Step::new(put::upsert(table, record, kept, when)?, Needs::Row).after(Check::of(
                table,
                || table.layout.key.key_of(record),
                when,
                true,
            )),
            [
                Write::Put {
                    record,
                    kept,
                    when,
                    create: false,
                },
            ] => Step::new(put::replace(table, record, kept, when)?, Needs::Row).after(Check::of(
                table,
                || table.layout.key.key_of(record),
                when,
                false,
            )),
            [Write::Update { key, set, when }] => Step::new(
                update::update(table, key, set, when)?,
                Needs::Row,
            )
            .after(Check::of(table, || key.clone(), when, false)),
            [Write::Delete { key, when }] => {
                let needs = if batch.returning {
                    Needs::Row
                } else {
                    Needs::Change
                };
                Step::new(delete::delete(table, key, when, batch.returning)?, needs)
                    .after(Check::of(table, || key.clone(), when, false))
            }
            [Write::Insert { record }] if table.layout.is_assigned(record) => Step {
                sql: driver::kept(&table.insert_assigned),
                args: insert::assigned_args(table, record)?,
                persistent: true,
                needs: Needs::Row,
                check: None,
            },
            inserts => insert_step(table, inserts)?,
        });
    }
    Ok(steps)
}

fn insert_step<D: Driver>(table: &Table<D>, inserts: &[Write]) -> Result<Step<D>> {
    let records = inserts.iter().filter_map(|write| match write {
        Write::Insert { record } => Some(record),
        _ => None,
    });
    let args = insert::args(table, records)?;
    let (sql, persistent) = match inserts.len() {
        1 => (driver::kept(&table.insert_one), true),
        rows if rows == table.chunk => (driver::kept(&table.insert_chunk), true),
        rows => (driver::safe(insert::text(table, rows)), false),
    };
    Ok(Step {
        sql,
        args,
        persistent,
        needs: Needs::Nothing,
        check: None,
    })
}

/// The writes that one statement does: each by itself, but inserts that follow each other together, `chunk` at the most.
pub(crate) fn runs<'a, D: Driver>(
    table: &'a Table<D>,
    writes: &'a [Write],
) -> impl Iterator<Item = Range<usize>> + 'a {
    // Keys come back in no order, so a record that is given one is added alone.
    let together = |write: &&Write| match write {
        Write::Insert { record } => !table.layout.is_assigned(record),
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
pub(crate) fn outcomes<D: Driver>(
    table: &Table<D>,
    batch: Batch,
    answer: Answer<D>,
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

fn outcome<D: Driver>(table: &Table<D>, write: Write, done: &Done<D>) -> Result<Outcome> {
    let returned = || {
        done.row
            .as_ref()
            .ok_or_else(|| Error::internal("a statement returned no row"))
    };
    Ok(match write {
        Write::Insert { record } if table.layout.is_assigned(&record) => {
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
            let version = Version(number::<D>(returned, 0)?);
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
fn replaced<D: Driver>(
    table: &Table<D>,
    mut row: larder_core::Row,
    kept: &Kept,
    version: Version,
    returned: &Row<D>,
) -> Result<larder_core::Row> {
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
fn with_key<D: Driver>(
    table: &Table<D>,
    mut row: larder_core::Row,
    returned: &Row<D>,
) -> Result<larder_core::Row> {
    let record = Arc::make_mut(&mut row);
    let place = table.layout.key.one();
    if let Some(key) = place.and_then(|place| record.values.get_mut(place)) {
        *key = Value::I64(number::<D>(returned, 0)?);
    }
    record.version = table.layout.version_of(&record.values, record.version);
    Ok(row)
}

/// Runs the statements of a batch, up to the first that misses.
pub(crate) async fn run<D: Driver>(
    conn: &mut Conn<D>,
    steps: Vec<Step<D>>,
) -> Result<Answer<D>, D::Fault> {
    let mut all = Vec::with_capacity(steps.len());
    for step in steps {
        if let Some(check) = &step.check
            && !check.holds(conn).await?
        {
            return Ok(Answer {
                done: all,
                missed: true,
            });
        }
        let done = D::write(conn, step.sql, step.args, step.persistent).await?;
        let hit = match step.needs {
            Needs::Nothing => true,
            Needs::Row => done.row.is_some(),
            Needs::Change => done.changed > 0,
        };
        if !hit {
            return Ok(Answer {
                done: all,
                missed: true,
            });
        }
        all.push(done);
    }
    Ok(Answer {
        done: all,
        missed: false,
    })
}
