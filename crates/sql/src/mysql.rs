//! The MySQL store, for MySQL and MariaDB: opening it, and what its connections are told.

use std::time::Duration;

use larder_core::{Error, Kind, Result};
use larder_query::Value;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::dialect::MySql;
use crate::driver::{Driver, Ran, run_by_sqlx, say_command};
use crate::pool::tls;
use crate::pool::{Connections, Pool, Pooled, Settings, store_of_pool};
use crate::schema::Found;
use crate::table::Table;

mod errors;
mod look;
mod options;
mod row;

use errors::Fault;
use options::Address;

/// A store in a MySQL or MariaDB database. See the [crate's documentation](crate) for what it promises.
///
/// It must be opened in a tokio runtime with its timer on, and works as long as that runtime lives.
///
/// ```no_run
/// # async fn open() -> larder_core::Result<()> {
/// let store = larder_sql::MySqlStore::open("mysql://blog:secret@localhost/blog").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MySqlStore {
    pool: Pool<MySql>,
}

/// How to open a [`MySqlStore`].
#[derive(Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct MySqlBuilder {
    url: String,
    settings: Settings,
}

impl std::fmt::Debug for MySqlBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // No address: it holds the password.
        f.debug_struct("MySqlBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl MySqlStore {
    /// Opens the database at `mysql://USER:PASSWORD@HOST:3306/DATABASE`, which has to be there. `mariadb:` is the same.
    ///
    /// Behind a `?` may stand `ssl-mode=REQUIRED` (also `VERIFY_CA`, `VERIFY_IDENTITY`, `DISABLED`), `ssl-ca=FILE`, `ssl-cert=FILE`,
    /// `ssl-key=FILE`, `socket=FILE` and `statement-cache-capacity=NUMBER`.
    ///
    /// # Errors
    /// `Setup` within 5 seconds if the address can't be read, nobody answers there, or the user, the password or the database is
    /// refused; the message names what to do, and never the password.
    pub async fn open(url: &str) -> Result<Self> {
        Self::builder(url).open().await
    }

    /// The same with choices.
    pub fn builder(url: &str) -> MySqlBuilder {
        MySqlBuilder {
            url: url.to_owned(),
            settings: Settings::default(),
        }
    }

    /// Closes the connections that wait; those in use are closed when they come back.
    pub async fn close(&self) {
        self.pool.connections().close().await;
    }
}

impl MySqlBuilder {
    /// How many connections there are at the most; 16 unless set. They are opened when they are needed.
    pub fn connections(mut self, connections: usize) -> Self {
        self.settings.size = connections.max(1);
        self
    }

    /// How long to wait for a free connection; 5 seconds unless set.
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

    /// Opens the store.
    ///
    /// # Errors
    /// As for [`MySqlStore::open`].
    pub async fn open(self) -> Result<MySqlStore> {
        let Address { options, shown } = Address::of(&self.url)?;
        let opening = tokio::time::timeout(self.settings.connect, MySql::connect(&options));
        let error = match opening.await {
            Ok(Ok(conn)) => {
                if let Err(error) = conn.close().await {
                    tracing::debug!(%error, "a connection could not be closed");
                }
                let connections = Connections::new(options, self.settings);
                let pool = Pool::new(connections, ());
                return Ok(MySqlStore { pool });
            }
            Ok(Err(error)) => error,
            Err(late) => {
                let message = format!(
                    "`{shown}` could not be opened: nobody answers there. Is the host right, and is a firewall between?"
                );
                return Err(Error::setup(message).with_source(late));
            }
        };
        let host = options.get_host();
        Err(Error::setup(refused(&shown, host, &error)).with_source(error))
    }
}

/// Why a database could not be opened, and what to do.
fn refused(shown: &str, host: &str, error: &sqlx::Error) -> String {
    if let Some(said) = tls::refused(error, host, "ssl-ca", "ssl-mode") {
        return format!("`{shown}` could not be opened: {said}");
    }
    let why = Fault::meaning(error);
    let (said, hint) = match why {
        errors::Refusal::User => (
            "the user or the password is refused".to_owned(),
            "Look at both in the address, whether this user may come from this host, and whether the server wants TLS \
             (`ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE` behind a `?`)",
        ),
        errors::Refusal::Database => (
            "there is no such database".to_owned(),
            "Create it (`CREATE DATABASE .. CHARACTER SET utf8mb4`), or name another",
        ),
        errors::Refusal::Plain => (
            "the server takes no connection without TLS".to_owned(),
            "Write `?ssl-mode=VERIFY_IDENTITY&ssl-ca=FILE` behind the address, the file being the certificate of its authority",
        ),
        errors::Refusal::Other => (
            error.to_string(),
            "Is a MySQL or MariaDB server running there, and are host and port right?",
        ),
    };
    format!("`{shown}` could not be opened: {said}. {hint}")
}

store_of_pool!(MySqlStore);

impl Driver for MySql {
    type Db = sqlx::MySql;
    type Fault = Fault;

    run_by_sqlx!();

    async fn command(conn: &mut MySqlConnection, sql: &'static str) -> Ran<()> {
        say_command(sql);
        // Not prepared: one round trip, for several statements too.
        conn.execute(sqlx::raw_sql(sql)).await?;
        Ok(())
    }

    fn found<'n>(
        table: &Table<Self>,
        row: &MySqlRow,
        place: usize,
        kind: Kind,
        name: impl FnOnce() -> &'n str,
    ) -> Result<Value> {
        row::found(table, row, place, kind, name)
    }

    fn whole(row: &MySqlRow, place: usize) -> Result<Option<i64>> {
        row::whole(row, place)
    }

    fn float(row: &MySqlRow, place: usize) -> Result<Option<f64>> {
        row::float(row, place)
    }

    fn told(result: &MySqlQueryResult) -> u64 {
        result.last_insert_id()
    }

    async fn explain(conn: &mut MySqlConnection, table: &Table<Self>, fault: Fault) -> Fault {
        match fault.index(&table.layout).map(str::to_owned) {
            Some(index) if index != "PRIMARY" => {
                let column = look::first_column(conn, &table.layout.collection, &index).await;
                // Without it the fault is as true, only less exact.
                fault.on(column.ok().flatten())
            }
            _ => fault,
        }
    }

    async fn look(conn: &mut MySqlConnection, table: &str) -> Result<Found, Fault> {
        look::at(conn, table).await
    }
}

impl Pooled for MySql {
    const NAME: &'static str = "mysql";
    const BEGIN: &'static str = "START TRANSACTION";
    const BEGIN_BATCH: &'static str = "START TRANSACTION";
    const BEGIN_READS: &'static str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

    type Beside = ();

    type Options = MySqlConnectOptions;

    async fn connect(options: &MySqlConnectOptions) -> Ran<MySqlConnection> {
        let mut conn = options.connect().await?;
        Self::command(&mut conn, options::SESSION).await?;
        // MariaDB says with this that somebody else has changed a record since the transaction began to read. Where it is not
        // known, reads of a transaction lock.
        if let Err(error) = Self::command(&mut conn, options::SNAPSHOT).await {
            if !Fault::is_unknown_variable(&error) {
                return Err(error);
            }
            Self::command(&mut conn, options::SERIALIZABLE).await?;
        }
        Ok(conn)
    }

    async fn lock(conn: &mut MySqlConnection) -> Ran<()> {
        Self::command(conn, options::UNTIMED).await?;
        let rows = Self::once(conn, options::LOCK.to_owned()).await?;
        let got = rows.first().map(|row| row::whole(row, 0));
        match got {
            Some(Ok(Some(1))) => Ok(()),
            _ => Err(sqlx::Error::Protocol(
                "another instance has prepared this database for a minute".to_owned(),
            )),
        }
    }

    async fn unlock(conn: &mut MySqlConnection, _keep: bool) -> Ran<()> {
        // What was changed was kept as it was changed.
        Self::once(conn, options::UNLOCK.to_owned()).await?;
        Self::command(conn, options::TIMED).await
    }
}
