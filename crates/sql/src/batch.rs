//! A batch as statements to run, and what they did as outcomes.
//!
//! The statements are made in the caller's task, so whoever has the connection has nothing to do but run them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use larder_core::store::{Batch, Condition, FieldChange, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, Key, Result, Version};
use larder_query::{Filter, Value};
use sqlx::SqlStr;

use crate::change::{self, Change, Did};
use crate::driver::{self, Conn, Done, Driver, Row, number};
use crate::row;
use crate::statement::{Statement, delete, insert, put, split, update};
use crate::table::Table;

/// One step of a batch.
#[derive(Debug)]
pub(crate) enum Step<D: Driver> {
    /// A statement.
    Run(Run<D>),
    /// A change that no statement does.
    Change(Change<D>),
}

/// One statement of a batch.
pub(crate) struct Run<D: Driver> {
    pub(crate) sql: SqlStr,
    pub(crate) args: D::Arguments,
    /// Whether the text is likely to come again.
    pub(crate) persistent: bool,
    /// What shows that it missed.
    pub(crate) needs: Needs,
    /// What has to be looked at before, in the same transaction.
    pub(crate) check: Option<Check<D>>,
    /// What to try within a transaction where the statement does nothing: perhaps it is the one that could not do it.
    pub(crate) otherwise: Option<Change<D>>,
}

/// A condition that SQL can't decide, on the record that a statement changes.
pub(crate) struct Check<D: Driver> {
    table: Arc<Table<D>>,
    key: Key,
    filter: Filter,
    /// Whether it holds where there is no record.
    create: bool,
}

impl<D: Driver> fmt::Debug for Run<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No arguments: they are values.
        f.debug_struct("Run")
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

    /// Whether the write may happen.
    pub(crate) async fn holds(&self, conn: &mut Conn<D>) -> Result<bool, D::Fault> {
        let old = change::read(conn, &self.table, &self.key).await?;
        Ok(old.map_or(self.create, |old| self.filter.matches(&old.values)))
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

impl<D: Driver> Run<D> {
    fn new(statement: Statement<D>, needs: Needs) -> Self {
        Self {
            sql: driver::safe(statement.sql),
            args: statement.args,
            persistent: true,
            needs,
            check: None,
            otherwise: None,
        }
    }

    /// Runs only if this holds.
    fn after(self, check: Option<Check<D>>) -> Self {
        Self { check, ..self }
    }

    /// Runs the statement. Where it did nothing, what is left to try within a transaction comes with it.
    async fn statement(self, conn: &mut Conn<D>) -> Result<(Did<D>, Option<Change<D>>), D::Fault> {
        let done = D::write(conn, self.sql, self.args, self.persistent).await?;
        let hit = match self.needs {
            Needs::Nothing => true,
            Needs::Row => done.row.is_some(),
            Needs::Change => done.changed > 0,
        };
        Ok(if hit {
            (Did::This(done), None)
        } else {
            (Did::Missed, self.otherwise)
        })
    }
}

impl<D: Driver> Step<D> {
    /// Whether it needs no transaction: nothing is looked at before it is written.
    pub(crate) fn stands_alone(&self) -> bool {
        matches!(self, Self::Run(run) if run.check.is_none())
    }

    /// Takes the step outside a transaction, where it [stands alone](Self::stands_alone); also what is left to try within one.
    pub(crate) async fn alone(
        self,
        conn: &mut Conn<D>,
    ) -> Result<(Did<D>, Option<Self>), D::Fault> {
        match self {
            Self::Run(run) => {
                let (did, left) = run.statement(conn).await?;
                Ok((did, left.map(Self::Change)))
            }
            change @ Self::Change(_) => Ok((Did::Missed, Some(change))),
        }
    }

    /// Takes the step within a transaction.
    pub(crate) async fn within(self, conn: &mut Conn<D>) -> Result<Did<D>, D::Fault> {
        let run = match self {
            Self::Run(run) => run,
            Self::Change(change) => return change.make(conn).await,
        };
        if let Some(check) = &run.check
            && !check.holds(conn).await?
        {
            return Ok(Did::Missed);
        }
        match run.statement(conn).await? {
            (Did::Missed, Some(change)) => change.make(conn).await,
            (did, _) => Ok(did),
        }
    }
}

/// What became of the statements of a batch.
#[derive(Debug)]
pub(crate) struct Answer<D: Driver> {
    /// What was done, one entry a step, up to the one that was not.
    pub(crate) done: Vec<Done<D>>,
    /// How it ended.
    pub(crate) end: End,
}

impl<D: Driver> Default for Answer<D> {
    fn default() -> Self {
        Self {
            done: Vec::new(),
            end: End::Done,
        }
    }
}

impl<D: Driver> Answer<D> {
    /// With what became of one more step.
    pub(crate) fn and(mut self, did: Did<D>) -> Self {
        match did {
            Did::This(done) => self.done.push(done),
            Did::Missed => self.end = End::Missed,
            Did::Refused(error) => self.end = End::Refused(error),
        }
        self
    }
}

/// How a batch ended. Unless all is done nothing of it was written.
#[derive(Debug, Default)]
pub(crate) enum End {
    /// With its last step.
    #[default]
    Done,
    /// A condition did not hold.
    Missed,
    /// A change can't be made.
    Refused(Error),
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
            ] => Step::Run(
                Run::new(put::upsert(table, record, kept, when)?, Needs::Row).after(Check::of(
                    table,
                    || table.layout.key.key_of(record),
                    when,
                    true,
                )),
            ),
            [
                Write::Put {
                    record,
                    kept,
                    when,
                    create: false,
                },
            ] => {
                Step::Run(
                    Run::new(put::replace(table, record, kept, when)?, Needs::Row).after(
                        Check::of(table, || table.layout.key.key_of(record), when, false),
                    ),
                )
            }
            [Write::Update { key, changes, when }] => update_step(table, key, changes, when)?,
            [Write::Delete { key, when }] => {
                let needs = if batch.returning {
                    Needs::Row
                } else {
                    Needs::Change
                };
                Step::Run(
                    Run::new(delete::delete(table, key, when, batch.returning)?, needs)
                        .after(Check::of(table, || key.clone(), when, false)),
                )
            }
            [Write::Insert { record }] if table.layout.is_assigned(record) => Step::Run(Run {
                sql: driver::kept(&table.insert_assigned),
                args: insert::assigned_args(table, record)?,
                persistent: true,
                needs: Needs::Row,
                check: None,
                otherwise: None,
            }),
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
    Ok(Step::Run(Run {
        sql,
        args,
        persistent,
        needs: Needs::Nothing,
        check: None,
        otherwise: None,
    }))
}

/// One statement where it can do all of the changes, and else a look at the record.
fn update_step<D: Driver>(
    table: &Arc<Table<D>>,
    key: &Key,
    changes: &[(usize, FieldChange)],
    when: &Condition,
) -> Result<Step<D>> {
    if !update::is_one_statement(table, changes) {
        return Change::new(table, key, changes, when).map(Step::Change);
    }
    let run = Run::new(update::update(table, key, changes, when)?, Needs::Row).after(Check::of(
        table,
        || key.clone(),
        when,
        false,
    ));
    let depends = changes.iter().any(|(_, change)| change.as_set().is_none());
    let otherwise = depends.then(|| Change::new(table, key, changes, when));
    Ok(Step::Run(Run {
        otherwise: otherwise.transpose()?,
        ..run
    }))
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
    match answer.end {
        End::Done => Ok(outcomes),
        End::Missed => {
            outcomes.push(Outcome::Missed);
            Ok(outcomes)
        }
        End::Refused(error) => Err(error),
    }
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

/// Takes the steps of a batch within a transaction, up to the first that is not done.
pub(crate) async fn run<D: Driver>(
    conn: &mut Conn<D>,
    steps: Vec<Step<D>>,
) -> Result<Answer<D>, D::Fault> {
    let mut all = Answer::default();
    for step in steps {
        all = all.and(step.within(conn).await?);
        if !matches!(all.end, End::Done) {
            break;
        }
    }
    Ok(all)
}
