//! Databases that live as long as a test.

use std::sync::atomic::{AtomicU32, Ordering};

use larder_core::{Error, Result};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// A database of a test's own on the server that `TEST_MYSQL_URL` names.
#[derive(Debug)]
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes an empty one.
    pub(crate) async fn create(server: &str) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("larder_test_{}_{number}", std::process::id());
        let database = Self {
            server: server.to_owned(),
            name,
        };
        let name = &database.name;
        database
            .run(&format!("DROP DATABASE IF EXISTS {name}"))
            .await?;
        // Of another order than larder's own: what larder creates must not depend on it.
        database
            .run(&format!(
                "CREATE DATABASE {name} CHARACTER SET latin1 COLLATE latin1_swedish_ci"
            ))
            .await?;
        Ok(database)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        let server = self
            .server
            .split_once('?')
            .map_or(&*self.server, |(server, _)| server);
        let (server, _) = server.rsplit_once('/').unwrap_or((server, ""));
        format!("{server}/{}", self.name)
    }

    /// Drops it.
    pub(crate) async fn drop(self) -> Result<()> {
        self.run(&format!("DROP DATABASE IF EXISTS {}", self.name))
            .await
    }

    /// Runs a statement on the server, outside the database.
    async fn run(&self, sql: &str) -> Result<()> {
        let mut conn = MySqlConnection::connect(&self.server)
            .await
            .map_err(Error::internal)?;
        conn.execute(AssertSqlSafe(sql.to_owned()))
            .await
            .map_err(Error::internal)?;
        conn.close().await.map_err(Error::internal)
    }
}
