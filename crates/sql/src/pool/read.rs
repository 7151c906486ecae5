//! A read with a connection of the pool.

use std::sync::Arc;

use larder_core::{ErrorKind, Page, Result, Select};

use super::{Connections, Pooled};
use crate::driver::{Conn, Failed, Fault};
use crate::read;
use crate::statement::ask::Ask;
use crate::tables::Tables;

/// Reads a page; once more on a new connection if the first one was dead.
pub(super) async fn page<D: Pooled>(
    connections: &Arc<Connections<D>>,
    tables: &Tables<D>,
    select: &Select,
) -> Result<Page> {
    select.check()?;
    if read::nothing(select) {
        return Ok(Page::default());
    }
    let mut again = true;
    loop {
        let mut lent = Connections::get(connections).await?;
        let conn = lent.conn();
        let read = match read::alone::<D>(conn, tables, select).await {
            Ok(Some(page)) => Ok(page),
            Ok(None) => snapshot(conn, tables, select).await,
            Err(failed) => Err(failed),
        };
        match read {
            Ok(page) => {
                // Where the memory has filled a page there may be any number of rows that nobody has read.
                let left = select.limit.is_some() && select.look_at.is_none();
                if !left || is_whole(tables, select) {
                    lent.give_back();
                }
                return Ok(page);
            }
            Err(Failed::Database(fault)) if fault.ends_connection() => {
                connections.forget_idle();
                if lent.is_new() || !std::mem::take(&mut again) {
                    return Err(fault.into_plain());
                }
            }
            Err(failed) => {
                let error = failed.into_error();
                // What asks for too much does the connection no harm.
                if error.kind() == ErrorKind::BadRequest {
                    lent.give_back();
                }
                return Err(error);
            }
        }
    }
}

/// Whether the database does all of a read, so that every row it sends is read.
fn is_whole<D: Pooled>(tables: &Tables<D>, select: &Select) -> bool {
    let table = tables.of(&select.layout);
    Ask::new(&table, select, |layout| tables.of(layout)).is_whole()
}

/// Reads a page with more than one statement, in one state of the data.
async fn snapshot<D: Pooled>(
    conn: &mut Conn<D>,
    tables: &Tables<D>,
    select: &Select,
) -> read::Read<D, Page> {
    D::command(conn, D::BEGIN_READS).await?;
    let page = read::within(conn, tables, select).await?;
    D::command(conn, "COMMIT").await?;
    Ok(page)
}
