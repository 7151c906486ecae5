//! What separates a database from models, asked of the tables and, where that decides, of their rows.

use std::sync::Arc;

use larder_core::migrate::Change;
use larder_core::{Layout, Result};

use crate::driver::{Conn, Driver, Fault};
use crate::schema::{Finding, Found, check_indexes, check_names, compare};
use crate::tables::Tables;

/// All changes that would bring the database in step, in the order in which they can be run.
pub(crate) async fn changes<D: Driver>(
    conn: &mut Conn<D>,
    tables: &Tables<D>,
    models: &[Arc<Layout>],
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for layout in models {
        check_names::<D>(layout)?;
        check_indexes::<D>(layout)?;
        let now = look::<D>(conn, &layout.collection).await?;
        let was = match &layout.storage.was {
            Some(was) => look::<D>(conn, was).await?,
            None => Found::default(),
        };
        for finding in compare(&*tables.of(layout), &now, &was) {
            changes.extend(match finding {
                Finding::Change(change) => Some(change),
                Finding::Ask { sql, yes, no } => {
                    if once::<D>(conn, sql).await? {
                        yes
                    } else {
                        no
                    }
                }
            });
        }
        // The columns that stay as they are; a new table has larder's own.
        let found = if now.is_there() { now } else { was };
        tables.note(&layout.collection, found);
    }
    Ok(changes)
}

/// Makes changes, one statement after the other.
pub(crate) async fn apply<D: Driver>(conn: &mut Conn<D>, changes: Vec<Change>) -> Result<()> {
    Change::tell(&changes);
    for change in changes {
        // What larder does itself is one statement at a time.
        once::<D>(conn, change.statements).await?;
    }
    Ok(())
}

async fn look<D: Driver>(conn: &mut Conn<D>, table: &str) -> Result<Found> {
    D::look(conn, table).await.map_err(Fault::into_plain)
}

/// Runs a statement; whether it returned a row.
async fn once<D: Driver>(conn: &mut Conn<D>, sql: String) -> Result<bool> {
    let rows = D::once(conn, sql)
        .await
        .map_err(|error| D::Fault::from(error).into_plain())?;
    Ok(!rows.is_empty())
}
