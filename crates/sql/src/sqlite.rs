//! The SQLite store: opening a file, and the store's five calls.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use larder_core::migrate::Change;
use larder_core::store::{Batch, Outcome};
use larder_core::{
    BoxFuture, Capability, Error, Feed, Hears, Layout, Page, Plan, Result, Select, Store, Tells,
    Transaction, Watch,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::batch;
use crate::dialect::{self, Sqlite};
use crate::driver::{Driver, Fault};

mod errors;
mod look;
mod prepare;
mod reader;
mod row;
mod tell;
mod transaction;
mod writer;

type Tables = crate::tables::Tables<Sqlite>;

use reader::Readers;
use tell::Tell;
use transaction::SqliteTransaction;
use writer::Writer;

/// A store in one SQLite file. See the [crate's documentation](crate) for what it promises.
///
/// It must be opened in a tokio runtime with its timer on, and works as long as that runtime lives.
///
/// ```no_run
/// # async fn open() -> larder_core::Result<()> {
/// let store = larder_sql::SqliteStore::open("sqlite:blog.db").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    tables: Tables,
    tell: Tell,
    /// Whoever asks for the end while somebody else brings it about waits for that.
    ending: tokio::sync::Mutex<()>,
}

/// How to open a [`SqliteStore`].
#[derive(Clone, Debug)]
#[must_use = "nothing is opened before `open`"]
pub struct SqliteBuilder {
    url: String,
    readers: usize,
    busy_timeout: Duration,
}

impl SqliteStore {
    /// Opens the file named by `sqlite:path/to/file.db` or `sqlite://path/to/file.db`, and creates it if there is none.
    ///
    /// # Errors
    /// `Setup` if the address can't be read, the folder does not exist or the file is no database; the message names
    /// what to do.
    pub async fn open(url: &str) -> Result<Self> {
        Self::builder(url).open().await
    }

    /// The same with choices.
    pub fn builder(url: &str) -> SqliteBuilder {
        SqliteBuilder {
            url: url.to_owned(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
        }
    }

    /// The settings of the writing connection that durability rests on, for tests and for people who want to see them.
    ///
    /// # Errors
    /// As for any write that has to wait for its turn.
    pub async fn pragmas(&self) -> Result<[(&'static str, String); 2]> {
        let mut lease = self.writer.lease().await?;
        let mut found = [
            ("journal_mode", String::new()),
            ("synchronous", String::new()),
        ];
        for (name, value) in &mut found {
            let rows = Sqlite::once(lease.conn()?, format!("PRAGMA {name}"))
                .await
                .map_err(|error| errors::SqliteFault::from(error).into_plain())?;
            if let Some(row) = rows.first() {
                *value = sqlx::Row::try_get_unchecked(row, 0).map_err(Error::internal)?;
            }
        }
        Ok(found)
    }

    /// Waits for the writes that were handed in, and closes the file. Transactions should have ended before.
    pub async fn close(self) {
        self.end().await;
    }

    /// The connection that writes is the last one: SQLite then takes the log into the file, and removes it.
    async fn end(&self) {
        let _ending = self.ending.lock().await;
        for conn in self.readers.close().await {
            if let Err(error) = conn.close().await {
                tracing::warn!(%error, "a connection could not be closed");
            }
        }
        if !self.writer.close().await {
            tracing::warn!("the database is not closed: a transaction still has it");
        }
    }
}

impl SqliteBuilder {
    /// How many connections read at the most; 4 unless set. They are opened when they are needed.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How long to wait for a lock, in this process or another; 5 seconds unless set.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// As for [`SqliteStore::open`].
    pub async fn open(self) -> Result<SqliteStore> {
        let options = self.options()?;
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let writing = writing.synchronous(SqliteSynchronous::Full);
        let conn = writing.connect().await.map_err(|error| {
            let message = format!(
                "`{}` could not be opened: {error}. Is it a SQLite database, and may this user write it and its folder?",
                self.url
            );
            Error::setup(message).with_source(error)
        })?;
        let tell = Tell::default();
        Ok(SqliteStore {
            writer: Writer::start(conn, writing, self.busy_timeout, tell.clone()),
            tell,
            readers: Readers::new(options.read_only(true), self.readers, self.busy_timeout),
            tables: Tables::default(),
            ending: tokio::sync::Mutex::default(),
        })
    }

    /// What all connections share.
    fn options(&self) -> Result<SqliteConnectOptions> {
        let url = &self.url;
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(Error::setup(format!(
                "`{url}` is no address of a SQLite file: write `sqlite:path/to/file.db`"
            )));
        };
        if path.contains(":memory:") || path.contains("mode=memory") {
            let message = format!(
                "`{url}` would be lost with the first connection: use larder's memory store (`memory:`)"
            );
            return Err(Error::setup(message));
        }
        if path.contains("mode=ro") {
            return Err(Error::setup(format!(
                "`{url}` can't be written: leave `mode=ro` out, or use the read-only layer"
            )));
        }
        let options: SqliteConnectOptions = url.parse().map_err(|error: sqlx::Error| {
            Error::setup(format!(
                "`{url}` can't be read: {error}. Write `sqlite:path/to/file.db`"
            ))
            .with_source(error)
        })?;
        self.check_path(options.get_filename())?;
        Ok(options
            .foreign_keys(false)
            .busy_timeout(self.busy_timeout)
            .statement_cache_capacity(256)
            .pragma("cache_size", "-8192")
            .pragma("temp_store", "memory")
            .collation(dialect::LOWER, dialect::compare_lower)
            .collation(dialect::JSON, dialect::compare_json)
            .disable_statement_logging())
    }

    fn check_path(&self, path: &Path) -> Result<()> {
        let url = &self.url;
        if path.as_os_str().is_empty() {
            return Err(Error::setup(format!(
                "`{url}` names no file: write `sqlite:path/to/file.db`"
            )));
        }
        if path.is_dir() {
            return Err(Error::setup(format!(
                "`{url}` names a folder: write a file's name behind it"
            )));
        }
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                let folder = folder.display();
                Err(Error::setup(format!(
                    "`{url}`: the folder `{folder}` does not exist: create it, or name another"
                )))
            }
            _ => Ok(()),
        }
    }
}

impl Store for SqliteStore {
    fn capability(&self) -> Capability {
        let mut capability = Capability::full("sqlite");
        capability.changes = Some(Tells {
            hears: Hears::OwnProcess,
            old_rows: true,
            resume: true,
        });
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(prepare::prepare(
            &self.writer,
            &self.tables,
            &self.tell,
            models,
        ))
    }

    fn plan<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<Vec<Change>>> {
        Box::pin(prepare::plan(&self.writer, &self.tables, models))
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { reader::read(&self.readers, &self.tables, select.get()).await })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let batch = batch.into_inner();
            let table = self.tables.of(&batch.layout);
            let steps = batch::steps(&table, &batch)?;
            if steps.is_empty() {
                return Ok(Vec::new());
            }
            let answer = self
                .writer
                .write(steps)
                .await?
                .map_err(|fault| fault.into_error(&batch.layout))?;
            batch::outcomes(&table, batch, answer)
        })
    }

    fn begin<'a>(&'a self, _seal: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async move {
            let transaction =
                SqliteTransaction::begin(&self.writer, self.tables.clone(), self.tell.clone())
                    .await?;
            Ok(Box::new(transaction) as Box<dyn Transaction>)
        })
    }

    fn changes<'a>(&'a self, watch: Plan<'a, Watch>) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move { self.tell.listen(&watch) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}
