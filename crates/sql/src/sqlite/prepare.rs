//! Making room for models at the start of an app, and saying what that would take.
//!
//! Both look at the file in one transaction; what differs is decided in [`schema`](crate::schema). `prepare` holds SQLite's
//! write lock while it looks and changes, so of two instances that start at once one does it and the other finds it done.
//! A refusal is an error of the kind `Setup` that lists everything that is wrong, each with the SQL that would put it
//! right. Nothing is changed then, in any table.

use std::sync::Arc;

use larder_core::migrate::{Change, refusal};
use larder_core::{Layout, Result};
use sqlx::sqlite::SqliteConnection;

use super::errors::Fault;
use super::writer::Writer;
use super::{Tables, run};
use crate::dialect::Sqlite;
use crate::schema::{Finding, check_names, compare};

mod look;

/// Prepares the file for these models.
pub(crate) async fn prepare(
    writer: &Writer,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<()> {
    let mut lease = writer.lease().await?;
    lease.open = true;
    let conn = lease.conn()?;
    command(conn, "BEGIN IMMEDIATE").await?;
    let changes = changes(conn, tables, models).await?;
    if let Some(error) = refusal(&changes) {
        // Dropping the lease rolls back.
        return Err(error);
    }
    for Change {
        what,
        statements: sql,
        ..
    } in changes
    {
        tracing::info!(what, sql, "the schema of the database is changed");
        // What larder does itself is one statement at a time.
        once(conn, sql).await?;
    }
    command(conn, "COMMIT").await?;
    lease.open = false;
    Ok(())
}

/// What separates the file from these models.
pub(crate) async fn plan(
    writer: &Writer,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<Vec<Change>> {
    let mut lease = writer.lease().await?;
    lease.open = true;
    let conn = lease.conn()?;
    command(conn, "BEGIN").await?;
    let changes = changes(conn, tables, models).await?;
    command(conn, "ROLLBACK").await?;
    lease.open = false;
    Ok(changes)
}

async fn changes(
    conn: &mut SqliteConnection,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for layout in models {
        check_names::<Sqlite>(layout)?;
        let now = look::at(conn, &layout.collection).await?;
        let was = match &layout.storage.was {
            Some(was) => look::at(conn, was).await?,
            None => crate::schema::Found::default(),
        };
        for finding in compare(&*tables.of(layout), &now, &was) {
            changes.extend(match finding {
                Finding::Change(change) => Some(change),
                Finding::Ask { sql, yes, no } => {
                    if once(conn, sql).await? {
                        yes
                    } else {
                        no
                    }
                }
            });
        }
    }
    Ok(changes)
}

/// Runs a statement; whether it returned a row.
async fn once(conn: &mut SqliteConnection, sql: String) -> Result<bool> {
    let rows = run::once(conn, sql).await.map_err(Fault::into_plain)?;
    Ok(!rows.is_empty())
}

async fn command(conn: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    run::command(conn, sql).await.map_err(Fault::into_plain)
}
