//! Reading: the pool of read-only connections, and pages.
//!
//! The pool is our own because a driver's pool checks each connection with a round trip to its thread before and after
//! use, which costs more than a read by key. Nothing about a local file can go stale in the meantime.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use larder_core::{Page, Result, Select};
use larder_query::Filter;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor, SqlStr};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::errors::{self, Fault};
use super::{row, run};
use crate::dialect::Sqlite;
use crate::statement::select;
use crate::table::Table;

/// The connections that read. They are opened when they are needed, up to a number, and the one used last goes first.
#[derive(Debug)]
pub(crate) struct Readers {
    options: SqliteConnectOptions,
    free: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
    wait: Duration,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, count: usize, wait: Duration) -> Self {
        Self {
            options,
            free: Semaphore::new(count),
            idle: Mutex::default(),
            wait,
        }
    }

    /// A connection, once one is free.
    pub(crate) async fn get(&self) -> Result<Reader<'_>> {
        let permit = match self.free.try_acquire() {
            Ok(permit) => permit,
            Err(_) => match tokio::time::timeout(self.wait, self.free.acquire()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) => return Err(errors::closed()),
                Err(_) => return Err(errors::busy()),
            },
        };
        let idle = self.idle().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self
                .options
                .connect()
                .await
                .map_err(|error| Fault::from(error).into_plain())?,
        };
        Ok(Reader {
            conn: Some(conn),
            readers: self,
            _permit: permit,
        })
    }

    /// Closes the pool: nobody gets a connection any more.
    pub(crate) fn close(&self) -> Vec<SqliteConnection> {
        self.free.close();
        std::mem::take(&mut *self.idle())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        // The list is whole whatever happened to another thread.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A borrowed connection, which goes back when it is dropped. A statement that was cancelled does no harm: the driver
/// ends it before it takes the next one.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    conn: Option<SqliteConnection>,
    readers: &'a Readers,
    _permit: SemaphorePermit<'a>,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && !self.readers.free.is_closed()
        {
            self.readers.idle().push(conn);
        }
    }
}

/// Reads a page with a connection of the pool.
pub(crate) async fn pooled(
    readers: &Readers,
    table: &Table<Sqlite>,
    select: &Select,
) -> Result<Page> {
    if nothing(select) {
        return Ok(Page::default());
    }
    let query = Query::of(table, select)?;
    let mut reader = readers.get().await?;
    // From here on the connection is given back only if all went well, or if this future is dropped.
    let Some(conn) = reader.conn.as_mut() else {
        return Err(errors::closed());
    };
    let page = match first(conn, table, select, query).await {
        Ok(page) if select.total && page.total.is_none() => {
            // The page is past the end, so no row carried the total. Both again, in one state of the data. The
            // connection is taken out, so that a dropped future does not give it back with a transaction open.
            let Some(mut conn) = reader.conn.take() else {
                return Err(errors::closed());
            };
            let page = snapshot(&mut conn, table, select).await?;
            reader.conn = Some(conn);
            return Ok(page);
        }
        other => other,
    };
    if page.is_err() {
        drop(reader.conn.take());
    }
    page
}

/// Reads a page inside a transaction.
pub(crate) async fn within(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    select: &Select,
) -> Result<Page> {
    if nothing(select) {
        return Ok(Page::default());
    }
    let mut page = first(conn, table, select, Query::of(table, select)?).await?;
    if select.total && page.total.is_none() {
        page.total = Some(count(conn, table, select).await?);
    }
    Ok(page)
}

async fn snapshot(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    select: &Select,
) -> Result<Page> {
    run::command(conn, "BEGIN")
        .await
        .map_err(Fault::into_plain)?;
    let page = within(conn, table, select).await?;
    run::command(conn, "COMMIT")
        .await
        .map_err(Fault::into_plain)?;
    Ok(page)
}

/// Whether a read asks for no record and no total.
fn nothing(select: &Select) -> bool {
    select.limit == Some(0) && !select.total
}

/// The statement of a read.
enum Query {
    /// No record can match.
    Nothing,
    /// One row at the most.
    One(SqlStr, SqliteArguments),
    /// Any number of rows.
    Page(SqlStr, SqliteArguments),
    /// A number alone.
    Count(SqlStr, SqliteArguments),
}

impl Query {
    fn of(table: &Table<Sqlite>, select: &Select) -> Result<Self> {
        if select.limit == Some(0) {
            let count = select::count(table, select)?;
            return Ok(Self::Count(run::safe(count.sql), count.args));
        }
        if let (Some(key), Filter::True, 0, false) =
            (&select.key, &select.filter, select.skip, select.total)
        {
            return Ok(match select::one_args(table, key) {
                Some(args) => Self::One(run::kept(&table.select_one), args),
                None => Self::Nothing,
            });
        }
        let page = select::page(table, select)?;
        let one = select.key.is_some() && !select.total;
        Ok(if one {
            Self::One(run::safe(page.sql), page.args)
        } else {
            Self::Page(run::safe(page.sql), page.args)
        })
    }
}

/// Runs a read. The total stays out where it was asked for and no row is there to carry it.
async fn first(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    select: &Select,
    query: Query,
) -> Result<Page> {
    let mut page = Page::default();
    match query {
        Query::Nothing => {}
        Query::Count(sql, args) => page.total = Some(number(conn, sql, args).await?),
        Query::One(sql, args) => {
            let found = conn
                .fetch_optional(sqlx::query_with(sql, args))
                .await
                .map_err(plain)?;
            if let Some(found) = found {
                page.rows.push(Arc::new(row::record(table, &found)?));
            }
        }
        Query::Page(sql, args) => {
            // All rows before the first is decoded: freeing one takes a lock of SQLite's that its thread needs for the next.
            let found = conn
                .fetch_all(sqlx::query_with(sql, args))
                .await
                .map_err(plain)?;
            let count = found.first().filter(|_| select::counts(select));
            let total = count
                .map(|row| row::number(row, table.width()).map(unsigned))
                .transpose()?;
            page.rows.reserve_exact(found.len());
            for found in &found {
                page.rows.push(Arc::new(row::record(table, found)?));
            }
            let here = page.rows.len() as u64;
            page.total = match total {
                _ if !select.total => None,
                Some(total) => Some(total),
                None if here > 0 || select.skip == 0 => Some(select.skip + here),
                None => None,
            };
        }
    }
    Ok(page)
}

async fn count(conn: &mut SqliteConnection, table: &Table<Sqlite>, select: &Select) -> Result<u64> {
    let count = select::count(table, select)?;
    number(conn, run::safe(count.sql), count.args).await
}

async fn number(conn: &mut SqliteConnection, sql: SqlStr, args: SqliteArguments) -> Result<u64> {
    let found = conn
        .fetch_one(sqlx::query_with(sql, args))
        .await
        .map_err(plain)?;
    Ok(unsigned(row::number(&found, 0)?))
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn plain(error: sqlx::Error) -> larder_core::Error {
    Fault::from(error).into_plain()
}
