//! Reads: from what is asked to a page.

use std::sync::Arc;

use larder_core::{ErrorKind, Page, Result, Select};
use larder_query::Filter;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Executor, SqlStr};

use super::errors::{self, Fault};
use super::reader::Readers;
use super::{Tables, finish, row, run};
use crate::dialect::Sqlite;
use crate::statement::ask::Ask;
use crate::statement::{Statement, after, group, select};
use crate::table::Table;

/// Reads a page with a connection of the pool.
pub(crate) async fn pooled(readers: &Readers, tables: &Tables, select: &Select) -> Result<Page> {
    select.check()?;
    if nothing(select) {
        return Ok(Page::default());
    }
    let halves = after::halves(select);
    let whole = select;
    let select = halves.as_ref().map_or(select, |(values, _)| values);
    let table = tables.of(&select.layout);
    let ask = Ask::new(&table, select, |layout| tables.of(layout));
    let query = Query::of(&table, &ask)?;
    let guard = ask.guard()?;
    let mut reader = readers.get().await?;
    // From here on the connection is given back only if all went well, or if this future is dropped.
    let Some(conn) = reader.conn.as_mut() else {
        return Err(errors::closed());
    };
    let page = match first(conn, &ask, guard, query).await {
        Ok(page)
            if select.total && page.total.is_none()
                || halves.is_some() && is_short(&page, select) =>
        {
            // The page is past the end, so no row carried the total, or its second half is needed. Both again, in one state of the
            // data. The connection is taken out, so that a dropped future does not give it back with a transaction open.
            let Some(mut conn) = reader.conn.take() else {
                return Err(errors::closed());
            };
            let page = snapshot(&mut conn, tables, whole).await?;
            reader.conn = Some(conn);
            return Ok(page);
        }
        other => other,
    };
    // What asks for too much does the connection no harm.
    if page
        .as_ref()
        .is_err_and(|error| error.kind() != ErrorKind::BadRequest)
    {
        drop(reader.conn.take());
    }
    page
}

/// Reads a page inside a transaction.
pub(crate) async fn within(
    conn: &mut SqliteConnection,
    tables: &Tables,
    select: &Select,
) -> Result<Page> {
    select.check()?;
    if nothing(select) {
        return Ok(Page::default());
    }
    let Some((values, mut nulls)) = after::halves(select) else {
        return one(conn, tables, select).await;
    };
    let mut page = one(conn, tables, &values).await?;
    if is_short(&page, select) {
        let here = page.rows.len() as u64;
        nulls.limit = nulls.limit.map(|limit| limit.saturating_sub(here));
        page.rows.extend(one(conn, tables, &nulls).await?.rows);
    }
    Ok(page)
}

/// Whether a page has fewer records than were asked for.
fn is_short(page: &Page, select: &Select) -> bool {
    select
        .limit
        .is_some_and(|limit| (page.rows.len() as u64) < limit)
}

/// Reads a page that is one range of an index, or looked for otherwise.
async fn one(conn: &mut SqliteConnection, tables: &Tables, select: &Select) -> Result<Page> {
    let table = tables.of(&select.layout);
    let ask = Ask::new(&table, select, |layout| tables.of(layout));
    let mut page = first(conn, &ask, ask.guard()?, Query::of(&table, &ask)?).await?;
    if select.total && page.total.is_none() {
        let count = count(&ask)?;
        page.total = Some(number(conn, run::safe(count.sql), count.args).await?);
    }
    Ok(page)
}

async fn snapshot(conn: &mut SqliteConnection, tables: &Tables, select: &Select) -> Result<Page> {
    run::command(conn, "BEGIN")
        .await
        .map_err(Fault::into_plain)?;
    let page = within(conn, tables, select).await?;
    run::command(conn, "COMMIT")
        .await
        .map_err(Fault::into_plain)?;
    Ok(page)
}

/// Whether a read asks for no record and no total.
fn nothing(select: &Select) -> bool {
    select.limit == Some(0) && !select.total
}

/// The statement of a read.
enum Query {
    /// No record can match.
    Nothing,
    /// One row at the most.
    One(SqlStr, SqliteArguments),
    /// Any number of rows.
    Page(SqlStr, SqliteArguments),
    /// A number alone.
    Count(SqlStr, SqliteArguments),
    /// Groups that SQL computes.
    Groups(SqlStr, SqliteArguments),
    /// What the memory has to finish.
    Finish,
}

impl Query {
    fn of(table: &Table<Sqlite>, ask: &Ask<'_, Sqlite>) -> Result<Self> {
        let select = ask.select;
        if let Some(grouping) = &select.group {
            if !group::is_whole(ask, grouping) {
                return Ok(Self::Finish);
            }
            if select.limit != Some(0) || !group::pages(ask, grouping) {
                let groups = group::groups(ask, grouping)?;
                return Ok(Self::Groups(run::safe(groups.sql), groups.args));
            }
        } else if select.limit == Some(0) && !ask.is_filtered()
            || select.limit != Some(0) && !ask.is_whole()
        {
            return Ok(Self::Finish);
        }
        if select.limit == Some(0) {
            let count = count(ask)?;
            return Ok(Self::Count(run::safe(count.sql), count.args));
        }
        if let (Some(key), Filter::True, 0, false, true, None) = (
            &select.key,
            &select.filter,
            select.skip,
            select.total,
            select.joins.is_empty(),
            &select.after,
        ) {
            return Ok(match select::one_args(table, key) {
                Some(args) => Self::One(run::kept(&table.select_one), args),
                None => Self::Nothing,
            });
        }
        let page = select::page(ask)?;
        let one = select.key.is_some() && !select.total;
        Ok(if one {
            Self::One(run::safe(page.sql), page.args)
        } else {
            Self::Page(run::safe(page.sql), page.args)
        })
    }
}

/// Runs a read. The total stays out where it was asked for and no row is there to carry it.
async fn first(
    conn: &mut SqliteConnection,
    ask: &Ask<'_, Sqlite>,
    guard: Option<Statement<Sqlite>>,
    query: Query,
) -> Result<Page> {
    if let Some(guard) = guard {
        let sql = sqlx::query_with(run::safe(guard.sql), guard.args);
        if conn.fetch_optional(sql).await.map_err(plain)?.is_some() {
            return Err(ask.select.looks_at_too_much_for(ask.undecided()));
        }
    }
    let mut page = Page::default();
    match query {
        Query::Nothing => {}
        Query::Count(sql, args) => page.total = Some(number(conn, sql, args).await?),
        Query::One(sql, args) => {
            let found = conn
                .fetch_optional(sqlx::query_with(sql, args))
                .await
                .map_err(plain)?;
            if let Some(found) = found {
                page.rows
                    .push(Arc::new(row::record(ask.source.table, &found)?));
            }
        }
        Query::Page(sql, args) => return paged(conn, ask, sql, args).await,
        Query::Groups(sql, args) => return finish::groups(conn, ask, sql, args).await,
        Query::Finish => return finish::finish(conn, ask).await,
    }
    Ok(page)
}

async fn paged(
    conn: &mut SqliteConnection,
    ask: &Ask<'_, Sqlite>,
    sql: SqlStr,
    args: SqliteArguments,
) -> Result<Page> {
    let (select, table) = (ask.select, ask.source.table);
    // All rows before the first is decoded: freeing one takes a lock of SQLite's that its thread needs for the next.
    let found = conn
        .fetch_all(sqlx::query_with(sql, args))
        .await
        .map_err(plain)?;
    let count = found.first().filter(|_| select::counts(select));
    let total = count
        .map(|row| row::number(row, table.width()).map(unsigned))
        .transpose()?;
    let mut page = Page::default();
    page.rows.reserve_exact(found.len());
    for found in &found {
        page.rows.push(Arc::new(row::record(table, found)?));
    }
    let here = page.rows.len() as u64;
    page.total = match total {
        _ if !select.total => None,
        Some(total) => Some(total),
        // Of what is behind a place only the count knows how much is before it.
        None if select.after.is_some() => None,
        None if here > 0 || select.skip == 0 => Some(select.skip + here),
        None => None,
    };
    Ok(page)
}

fn count(ask: &Ask<'_, Sqlite>) -> Result<Statement<Sqlite>> {
    match &ask.select.group {
        Some(grouping) => group::count(ask, grouping),
        None => select::count(ask),
    }
}

async fn number(conn: &mut SqliteConnection, sql: SqlStr, args: SqliteArguments) -> Result<u64> {
    let found = conn
        .fetch_one(sqlx::query_with(sql, args))
        .await
        .map_err(plain)?;
    Ok(unsigned(row::number(&found, 0)?))
}

pub(super) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

pub(super) fn plain(error: sqlx::Error) -> larder_core::Error {
    Fault::from(error).into_plain()
}
