//! Running statements on a connection. The one place where SQL text is declared safe.

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Either, Executor, SqlSafeStr, SqlStr};
use std::sync::Arc;

use super::errors::Fault;

/// Declares a text safe. All texts come from the modules under [`statement`](crate::statement) and from `prepare`, which
/// bind every value and quote every name.
pub(crate) fn safe(sql: String) -> SqlStr {
    say(&sql);
    AssertSqlSafe(sql).into_sql_str()
}

/// The same for a text that is kept.
pub(crate) fn kept(sql: &Arc<str>) -> SqlStr {
    say(sql);
    AssertSqlSafe(Arc::clone(sql)).into_sql_str()
}

/// Tells whoever wants to see the statements. They hold no values.
fn say(sql: &str) {
    tracing::trace!(target: "larder::sql", sql);
}

/// What one statement of a write did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The row it returned.
    pub(crate) row: Option<SqliteRow>,
    /// How many rows it changed.
    pub(crate) changed: u64,
}

/// Runs a statement to its end. Reading it to the end matters: only then is a statement outside a transaction committed.
pub(crate) async fn write(
    conn: &mut SqliteConnection,
    sql: SqlStr,
    args: SqliteArguments,
    persistent: bool,
) -> Result<Done, Fault> {
    let mut done = Done::default();
    let mut stream = conn.fetch_many(sqlx::query_with(sql, args).persistent(persistent));
    while let Some(step) = stream.try_next().await? {
        match step {
            Either::Left(result) => done.changed = result.rows_affected(),
            Either::Right(row) => done.row = Some(row),
        }
    }
    Ok(done)
}

/// Runs a statement that takes and returns nothing, such as `COMMIT`.
pub(crate) async fn command(conn: &mut SqliteConnection, sql: &'static str) -> Result<(), Fault> {
    conn.execute(sqlx::query(sql)).await?;
    Ok(())
}

/// Runs a statement of `prepare`, which will not come again.
pub(crate) async fn once(
    conn: &mut SqliteConnection,
    sql: String,
) -> Result<Vec<SqliteRow>, Fault> {
    Ok(conn
        .fetch_all(sqlx::query(safe(sql)).persistent(false))
        .await?)
}

/// Rolls back, where there may be nothing to roll back. False if the connection can't be used any more.
pub(crate) async fn rollback(conn: &mut SqliteConnection) -> bool {
    match command(conn, "ROLLBACK").await {
        Ok(()) => true,
        // "cannot rollback - no transaction is active"
        Err(fault) => !fault.ends_connection() && !fault.ends_transaction(),
    }
}
