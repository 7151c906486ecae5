//! Writes of databases whose statements return no rows.
//!
//! | write | statements |
//! | --- | --- |
//! | insert | one `INSERT`, of many records at once |
//! | put | an `UPDATE` under the condition; where it changed nothing, an `INSERT` |
//! | the same with kept fields | these in a transaction, and a `SELECT` of what was kept |
//! | update | an `UPDATE` and a `SELECT` of what is there now, in a transaction |
//! | the same by the old value | `SELECT .. FOR UPDATE`, then the `UPDATE`, in a transaction |
//! | delete | one `DELETE` under the condition |
//! | delete that hands back the record | `SELECT .. FOR UPDATE`, then the `DELETE`, in a transaction |
//!
//! An `UPDATE` says how many rows matched, whether or not they changed, and [tells](Driver::told) the new version. A condition that
//! SQL can't decide is tested on the record before, which is locked.

use std::sync::Arc;

use larder_core::store::{Batch, Condition, FieldChange, Kept, Outcome, Write};
use larder_core::{Error, ErrorKind, Key, Record, Row, Version};
use larder_query::{Filter, Value};

use crate::batch::runs;
use crate::driver::{Conn, Driver, Failed, Fault, kept, safe};
use crate::row;
use crate::statement::{Statement, delete, insert, put, select, split, update};
use crate::table::Table;

/// How often a record may appear and vanish between two statements.
const TRIES: usize = 8;

/// What a batch came to.
#[derive(Debug)]
pub(crate) struct Written {
    /// One a write, up to the one that missed.
    pub(crate) outcomes: Vec<Outcome>,
    /// Whether one missed: then the others are to be undone.
    pub(crate) missed: bool,
}

type Wrote<D, T> = std::result::Result<T, Failed<<D as Driver>::Fault>>;

/// Whether a batch is more than one statement that has to hold together.
pub(crate) fn needs_transaction<D: Driver>(table: &Table<D>, batch: &Batch) -> bool {
    let decided = |when: &Condition| split::is_decided::<D>(&when.filter, &table.layout);
    match batch.writes.as_slice() {
        [] | [Write::Insert { .. }] => false,
        [Write::Put { kept, when, .. }] => !kept.0.is_empty() || !decided(when),
        [Write::Delete { when, .. }] => batch.returning || !decided(when),
        [Write::Update { .. }] => true,
        writes => runs(table, writes).nth(1).is_some(),
    }
}

/// Runs the writes of a batch one after the other, up to the first that misses.
pub(crate) async fn run<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    batch: &Batch,
) -> Wrote<D, Written> {
    match writes(conn, table, batch).await {
        Err(Failed::Database(fault)) if !fault.ends_connection() => {
            Err(Failed::Database(D::explain(conn, table, fault).await))
        }
        other => other,
    }
}

async fn writes<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    batch: &Batch,
) -> Wrote<D, Written> {
    if table.layout.storage.read_only && !batch.writes.is_empty() {
        let message = format!("the table {} is read-only", table.name);
        return Err(Error::new(ErrorKind::Unsupported, message).into());
    }
    let mut outcomes = Vec::with_capacity(batch.writes.len());
    for run in runs(table, &batch.writes) {
        let outcome = match batch.writes.get(run).unwrap_or_default() {
            [
                Write::Put {
                    record,
                    kept,
                    when,
                    create,
                },
            ] => {
                let what = Put {
                    table,
                    record,
                    kept,
                    when,
                };
                what.run(conn, *create).await?
            }
            [Write::Update { key, changes, when }] => {
                change(conn, table, key, changes, when).await?
            }
            [Write::Delete { key, when }] => {
                remove(conn, table, key, when, batch.returning).await?
            }
            [Write::Insert { record }] if table.layout.is_assigned(record) => {
                Outcome::Created(add_assigned(conn, table, record).await?)
            }
            inserts => {
                outcomes.extend(add(conn, table, inserts).await?);
                continue;
            }
        };
        let missed = matches!(outcome, Outcome::Missed);
        outcomes.push(outcome);
        if missed {
            return Ok(Written { outcomes, missed });
        }
    }
    Ok(Written {
        outcomes,
        missed: false,
    })
}

async fn add<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    inserts: &[Write],
) -> Wrote<D, Vec<Outcome>> {
    let rows = inserts.iter().filter_map(|write| match write {
        Write::Insert { record } => Some(record),
        _ => None,
    });
    let args = insert::args(table, rows.clone())?;
    let (sql, persistent) = match inserts.len() {
        1 => (kept(&table.insert_one), true),
        rows if rows == table.chunk => (kept(&table.insert_chunk), true),
        rows => (safe(insert::text(table, rows)), false),
    };
    D::write(conn, sql, args, persistent).await?;
    Ok(rows.cloned().map(Outcome::Created).collect())
}

async fn add_assigned<D: Driver>(conn: &mut Conn<D>, table: &Table<D>, row: &Row) -> Wrote<D, Row> {
    let args = insert::assigned_args(table, row)?;
    let done = D::write(conn, kept(&table.insert_assigned), args, true).await?;
    let mut record = Record::clone(row);
    let place = table.layout.key.one();
    if let Some(key) = place.and_then(|place| record.values.get_mut(place)) {
        *key = Value::from(done.told);
    }
    record.version = table.layout.version_of(&record.values, record.version);
    Ok(Arc::new(record))
}

/// A full replace.
struct Put<'a, D: Driver> {
    table: &'a Table<D>,
    record: &'a Row,
    kept: &'a Kept,
    when: &'a Condition,
}

impl<D: Driver> Put<'_, D> {
    async fn run(&self, conn: &mut Conn<D>, create: bool) -> Wrote<D, Outcome> {
        let Self {
            table,
            record,
            when,
            ..
        } = *self;
        let key = table.layout.key.key_of(record);
        if !holds(conn, table, &key, when, create).await? {
            return Ok(Outcome::Missed);
        }
        let mut taken = None;
        for _ in 0..TRIES {
            if let Some(row) = self.replace(conn).await? {
                return Ok(Outcome::Updated(row));
            }
            // To a key that compares without the case of letters, say, another one is taken too.
            if let Some(fault) = &taken
                && table.keys().any(|key| key.shape.exact.is_some())
                && read(conn, table, &key, false).await?.is_none()
            {
                return Err(Failed::Database(D::Fault::clone(fault)));
            }
            // The record is there, or was a moment ago; where every record will do it has gone meanwhile.
            if !create || taken.is_some() && !is_any(when) {
                return Ok(Outcome::Missed);
            }
            let args = insert::args(table, std::iter::once(record))?;
            match D::write(conn, kept(&table.insert_one), args, true).await {
                Ok(_) => return Ok(Outcome::Created(Row::clone(record))),
                Err(error) => {
                    let fault = D::Fault::from(error);
                    if !fault.is_taken_key(&table.layout) {
                        return Err(Failed::Database(fault));
                    }
                    taken = Some(fault);
                }
            }
        }
        Err(Error::new(ErrorKind::Conflict, "other writes were faster; try again").into())
    }

    /// The record that stands in place of the old one; none where the condition does not hold.
    async fn replace(&self, conn: &mut Conn<D>) -> Wrote<D, Option<Row>> {
        let table = self.table;
        let Statement { sql, args, .. } = put::replace(table, self.record, self.kept, self.when)?;
        let done = D::write(conn, safe(sql), args, true).await?;
        if done.changed == 0 {
            return Ok(None);
        }
        let mut record = Record::clone(self.record);
        let mut version = i64::try_from(done.told).map_err(Error::internal)?;
        if !self.kept.0.is_empty() {
            let key = table.layout.key.key_of(&record);
            let Some(now) = read(conn, table, &key, false).await? else {
                return Err(Error::internal("a record that was replaced is gone").into());
            };
            version = now.version.0;
            for field in self.kept.0.iter() {
                if let Some(value) = record.values.get_mut(*field) {
                    *value = now.get(*field).clone();
                }
            }
        }
        record.version = table.layout.version_of(&record.values, Version(version));
        Ok(Some(Arc::new(record)))
    }
}

/// Whether every record that is there will do.
fn is_any(when: &Condition) -> bool {
    matches!(when.filter, Filter::True) && when.versions.is_none() && when.not_versions.is_empty()
}

async fn change<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
    changes: &[(usize, FieldChange)],
    when: &Condition,
) -> Wrote<D, Outcome> {
    let decided = split::is_decided::<D>(&when.filter, &table.layout);
    if !decided || !update::is_one_statement(table, changes) {
        return change_locked(conn, table, key, changes, when).await;
    }
    let Statement { sql, args, .. } = update::update(table, key, changes, when)?;
    let done = D::write(conn, safe(sql), args, true).await?;
    if done.changed == 0 {
        return Ok(Outcome::Missed);
    }
    match read(conn, table, key, false).await? {
        Some(now) => Ok(Outcome::Updated(Arc::new(now))),
        None => Err(Error::internal("a record that was changed is gone").into()),
    }
}

/// The same where the record has to be looked at first, so that nobody has to afterwards.
async fn change_locked<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
    changes: &[(usize, FieldChange)],
    when: &Condition,
) -> Wrote<D, Outcome> {
    put::can_compare(table, when)?;
    let old = match read(conn, table, key, true).await? {
        Some(old) if when.holds(&old) => old,
        _ => return Ok(Outcome::Missed),
    };
    let sets = table.layout.resolve(&old, changes)?;
    let Statement { sql, args, .. } = update::update(table, key, &sets, &Condition::default())?;
    let done = D::write(conn, safe(sql), args, true).await?;
    if done.changed == 0 {
        return Ok(Outcome::Missed);
    }
    Ok(Outcome::Updated(Arc::new(
        table.layout.changed(&old, sets)?,
    )))
}

async fn remove<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
    when: &Condition,
    returning: bool,
) -> Wrote<D, Outcome> {
    let Statement { sql, args, .. } = delete::delete(table, key, when, false)?;
    let old = match returning {
        true => match read(conn, table, key, true).await? {
            Some(old) if when.filter.matches(&old.values) => Some(Arc::new(old)),
            _ => return Ok(Outcome::Missed),
        },
        false if !holds(conn, table, key, when, false).await? => return Ok(Outcome::Missed),
        false => None,
    };
    let done = D::write(conn, safe(sql), args, true).await?;
    Ok(match done.changed {
        0 => Outcome::Missed,
        _ => Outcome::Deleted(old),
    })
}

/// Whether a condition that SQL can't decide holds of the record with a key, which is locked then. True for all others; `create`
/// where there is no record.
async fn holds<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
    when: &Condition,
    create: bool,
) -> Wrote<D, bool> {
    if split::is_decided::<D>(&when.filter, &table.layout) {
        return Ok(true);
    }
    let old = read(conn, table, key, true).await?;
    Ok(old.map_or(create, |old| when.filter.matches(&old.values)))
}

/// The record with a key; with `lock` nobody else changes it until the transaction ends.
async fn read<D: Driver>(
    conn: &mut Conn<D>,
    table: &Table<D>,
    key: &Key,
    lock: bool,
) -> Wrote<D, Option<Record>> {
    let Some(args) = select::one_args(table, key) else {
        return Ok(None);
    };
    let sql = if lock {
        &table.select_locked
    } else {
        &table.select_one
    };
    let found = D::first(conn, kept(sql), args).await?;
    Ok(found.map(|found| row::record(table, &found)).transpose()?)
}
