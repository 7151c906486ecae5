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

use super::Tables;
use super::errors::SqliteFault;
use super::tell::Tell;
use super::writer::Writer;
use crate::dialect::Sqlite;
use crate::driver::{Driver, Fault};
use crate::prepare::{apply, changes};

/// Prepares the file for these models.
pub(crate) async fn prepare(
    writer: &Writer,
    tables: &Tables,
    tell: &Tell,
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
    let told: Vec<_> = models
        .iter()
        .filter(|layout| layout.storage.changes)
        .map(|layout| tables.of(layout))
        .collect();
    // What is told of a table with other columns would not fit those who listen.
    let altered = !changes.is_empty();
    let asked = !told.is_empty() || altered && tell.is_asked();
    if asked {
        tell.pause(conn).await?;
    }
    apply::<Sqlite>(conn, changes).await?;
    if asked {
        tell.go_on(conn, told).await?;
    }
    command(conn, "COMMIT").await?;
    lease.open = false;
    if altered {
        tell.lose();
    }
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

async fn command(conn: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    Sqlite::command(conn, sql)
        .await
        .map_err(|error| SqliteFault::from(error).into_plain())
}
