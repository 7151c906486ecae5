//! The PostgreSQL store: opening a database by its URL.

use std::time::Duration;

use larder_core::Result;

use crate::dialect::Postgres;
use crate::pool::{Connections, Pool, Settings, store_of_pool};

use self::bell::{Bell, Bounds};

mod bell;
mod errors;
mod feed;
mod log;
mod look;
mod open;
mod place;
mod row;

/// A store in a PostgreSQL database, version 12 or later. See the [crate's documentation](crate) for what it promises.
///
/// It must be opened in a tokio runtime with I/O and timers on, and works as long as that runtime lives.
///
/// ```no_run
/// # async fn open() -> larder_core::Result<()> {
/// let store = larder_sql::PostgresStore::open("postgres://app:secret@db.example.com/shop?sslmode=require").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PostgresStore {
    pool: Pool<Postgres>,
}

store_of_pool!(PostgresStore);

/// How to open a [`PostgresStore`].
#[derive(Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct PostgresBuilder {
    url: String,
    settings: Settings,
    statement_timeout: Duration,
    kept: Bounds,
}

impl std::fmt::Debug for PostgresBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // No URL: it may hold a password.
        f.debug_struct("PostgresBuilder")
            .field("settings", &self.settings)
            .field("statement_timeout", &self.statement_timeout)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Opens the database named by `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Parameters behind it are libpq's: `sslmode`
    /// (`disable`, `prefer`, `require`, `verify-ca`, `verify-full`), `sslrootcert`, `sslcert`, `sslkey`, `application_name`,
    /// `options`. What the URL leaves out is taken from the variables `PGHOST`, `PGUSER`, `PGPASSWORD` and so on, and from
    /// `~/.pgpass`.
    ///
    /// # Errors
    /// `Setup` if the URL can't be read or the database not be reached: it says what was tried and what to do, and never the
    /// password. It comes after 5 seconds at the latest.
    pub async fn open(url: &str) -> Result<Self> {
        Self::builder(url).open().await
    }

    /// The same with choices.
    pub fn builder(url: &str) -> PostgresBuilder {
        PostgresBuilder {
            url: url.to_owned(),
            settings: Settings::default(),
            statement_timeout: Duration::from_secs(30),
            kept: Bounds::default(),
        }
    }

    /// Deletes what is beyond the bounds of the log of changes ([`PostgresBuilder::changes_kept`]). A store that keeps one does this
    /// by itself once a minute; the table `larder_changes` must be there.
    ///
    /// # Errors
    /// As for any write.
    pub async fn trim_changes(&self) -> Result<()> {
        bell::trim(self.pool.connections(), self.pool.beside().bounds).await
    }

    /// Closes the connections that are not in use. Whoever comes later is told that the store is closed.
    pub async fn close(self) {
        self.pool.connections().close().await;
    }
}

impl PostgresBuilder {
    /// The most connections at a time; 16 unless set. They are opened when they are needed.
    pub fn connections(mut self, connections: usize) -> Self {
        self.settings.size = connections.max(1);
        self
    }

    /// How long to wait for a free connection before a call fails with `Unavailable`; 5 seconds unless set.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.settings.acquire = timeout;
        self
    }

    /// How long a server that has gone away is waited for before calls fail with `Unavailable`, from when that was first seen; 2
    /// seconds unless set. So a restart of the server delays a call and does not refuse it.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// How long one statement may take before the server ends it and the call fails with `Unavailable`; 30 seconds unless set,
    /// in milliseconds.
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// How much of what is committed is kept for those who listen later, where the app asks for changes: 100,000 changed rows of the last
    /// hour unless set. Whoever goes on from further back is told that changes were lost.
    pub fn changes_kept(mut self, rows: u32, age: Duration) -> Self {
        self.kept = Bounds { rows, age };
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// As for [`PostgresStore::open`].
    pub async fn open(self) -> Result<PostgresStore> {
        let options = open::options(&self.url, self.statement_timeout)?;
        let connections = Connections::new(options.clone(), self.settings);
        open::check(&options, self.settings.connect).await?;
        Ok(PostgresStore {
            pool: Pool::new(connections, Bell::new(self.kept)),
        })
    }
}
