//! The pool of read-only connections.
//!
//! The pool is our own because a driver's pool checks each connection with a round trip to its thread before and after
//! use, which costs more than a read by key. Nothing about a local file can go stale in the meantime.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use larder_core::{ErrorKind, Page, Result, Select};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Tables;
use super::errors::{self, SqliteFault};
use crate::dialect::Sqlite;
use crate::driver::{Driver, Failed, Fault};
use crate::read;

/// The connections that read. They are opened when they are needed, up to a number, and the one used last goes first.
#[derive(Debug)]
pub(crate) struct Readers {
    options: SqliteConnectOptions,
    free: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
    count: u32,
    wait: Duration,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, count: usize, wait: Duration) -> Self {
        Self {
            options,
            free: Semaphore::new(count),
            count: u32::try_from(count).unwrap_or(u32::MAX),
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
                .map_err(|error| SqliteFault::from(error).into_plain())?,
        };
        Ok(Reader {
            conn: Some(conn),
            readers: self,
            _permit: permit,
        })
    }

    /// Closes the pool: nobody gets a connection any more. Those in use are waited for, but not for ever.
    pub(crate) async fn close(&self) -> Vec<SqliteConnection> {
        let all = self.free.acquire_many(self.count);
        let all = tokio::time::timeout(self.wait, all).await;
        self.free.close();
        drop(all);
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
    /// Not there while somebody has taken it; then it is not given back.
    pub(crate) conn: Option<SqliteConnection>,
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
pub(crate) async fn read(readers: &Readers, tables: &Tables, select: &Select) -> Result<Page> {
    select.check()?;
    if read::nothing(select) {
        return Ok(Page::default());
    }
    let mut reader = readers.get().await?;
    // From here on the connection is given back only if all went well, or if this future is dropped.
    let Some(conn) = reader.conn.as_mut() else {
        return Err(errors::closed());
    };
    let page = match read::alone::<Sqlite>(conn, tables, select).await {
        Ok(Some(page)) => Ok(page),
        Ok(None) => {
            // The connection is taken out, so that a dropped future does not give it back with a transaction open.
            let Some(mut conn) = reader.conn.take() else {
                return Err(errors::closed());
            };
            let page = snapshot(&mut conn, tables, select).await;
            let page = page.map_err(Failed::into_error)?;
            reader.conn = Some(conn);
            return Ok(page);
        }
        Err(failed) => Err(failed.into_error()),
    };
    // What asks for too much does the connection no harm.
    if page
        .as_ref()
        .is_err_and(|error| error.kind() != ErrorKind::BadRequest)
    {
        drop(reader.conn.take());
    }
    page
}

async fn snapshot(
    conn: &mut SqliteConnection,
    tables: &Tables,
    select: &Select,
) -> read::Read<Sqlite, Page> {
    Sqlite::command(conn, "BEGIN").await?;
    let page = read::within(conn, tables, select).await?;
    Sqlite::command(conn, "COMMIT").await?;
    Ok(page)
}
