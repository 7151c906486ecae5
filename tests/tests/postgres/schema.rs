//! A schema of its own in the PostgreSQL server of the tests.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

/// A schema with tables of nobody else.
#[derive(Debug)]
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub(crate) async fn create(server: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "larder_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let schema = Self {
            server: server.to_owned(),
            name,
        };
        // What a run that was killed has left.
        schema.server_run("DROP SCHEMA IF EXISTS {} CASCADE").await;
        schema.server_run("CREATE SCHEMA {}").await;
        schema
    }

    /// The address whose tables are those of the schema.
    pub(crate) fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options[search_path]={}", self.server, self.name)
    }

    pub(crate) async fn drop(self) {
        self.server_run("DROP SCHEMA {} CASCADE").await;
    }

    /// A connection past the store.
    pub(crate) async fn raw(&self) -> PgConnection {
        let options: PgConnectOptions = self.url().parse().expect("the server's address");
        let options = options.disable_statement_logging();
        options.connect().await.expect("a connection to the server")
    }

    async fn server_run(&self, sql: &str) {
        let sql = sql.replace("{}", &self.name);
        let mut conn = self.raw().await;
        // Notices of what was dropped.
        let quiet = "SET client_min_messages = 'warning'";
        conn.execute(sqlx::raw_sql(quiet)).await.expect("SET");
        let run = conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
        run.expect("the schema");
    }
}
