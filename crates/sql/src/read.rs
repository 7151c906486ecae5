//! Reads: from what is asked to a page.

use std::sync::Arc;

use larder_core::{Page, Result, Select};
use larder_query::Filter;
use sqlx::SqlStr;

use crate::driver::{Conn, Driver, Failed, kept, number, safe};
use crate::statement::ask::Ask;
use crate::statement::{Statement, after, group, select};
use crate::table::Table;
use crate::tables::Tables;
use crate::{finish, row};

/// A read, or why it failed.
pub(crate) type Read<D, T> = Result<T, Failed<<D as Driver>::Fault>>;

/// Reads a page outside a transaction. None where that takes more than one statement, because the page is past the end, so that no row
/// carries the total, or because its second half is needed. Then it is read [`within`] a transaction of its own, in one state of
/// the data.
pub(crate) async fn alone<D: Driver>(
    conn: &mut Conn<D>,
    tables: &Tables<D>,
    select: &Select,
) -> Read<D, Option<Page>> {
    let halves = after::halves(select);
    let select = halves.as_ref().map_or(select, |(values, _)| values);
    let table = tables.of(&select.layout);
    let ask = Ask::new(&table, select, |layout| tables.of(layout));
    let page = first(conn, &ask, Query::of(&table, &ask)?).await?;
    let more = select.total && page.total.is_none() || halves.is_some() && is_short(&page, select);
    Ok((!more).then_some(page))
}

/// Reads a page inside a transaction.
pub(crate) async fn within<D: Driver>(
    conn: &mut Conn<D>,
    tables: &Tables<D>,
    select: &Select,
) -> Read<D, Page> {
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
async fn one<D: Driver>(conn: &mut Conn<D>, tables: &Tables<D>, select: &Select) -> Read<D, Page> {
    let table = tables.of(&select.layout);
    let ask = Ask::new(&table, select, |layout| tables.of(layout));
    let mut page = first(conn, &ask, Query::of(&table, &ask)?).await?;
    if select.total && page.total.is_none() {
        let count = count(&ask)?;
        page.total = Some(counted::<D>(conn, safe(count.sql), count.args).await?);
    }
    Ok(page)
}

/// Whether a read asks for no record and no total.
pub(crate) fn nothing(select: &Select) -> bool {
    select.limit == Some(0) && !select.total
}

/// The statement of a read.
enum Query<D: Driver> {
    /// No record can match.
    Nothing,
    /// One row at the most.
    One(SqlStr, D::Arguments),
    /// Any number of rows.
    Page(SqlStr, D::Arguments),
    /// A number alone.
    Count(SqlStr, D::Arguments),
    /// Groups that SQL computes.
    Groups(SqlStr, D::Arguments),
    /// What the memory has to finish.
    Finish,
}

impl<D: Driver> Query<D> {
    fn of(table: &Table<D>, ask: &Ask<'_, D>) -> Result<Self> {
        let select = ask.select;
        if let Some(grouping) = &select.group {
            if !group::is_whole(ask, grouping) {
                return Ok(Self::Finish);
            }
            if select.limit != Some(0) || !group::pages(ask, grouping) {
                let groups = group::groups(ask, grouping)?;
                return Ok(Self::Groups(safe(groups.sql), groups.args));
            }
        } else if select.limit == Some(0) && !ask.is_filtered()
            || select.limit != Some(0) && !ask.is_whole()
        {
            return Ok(Self::Finish);
        }
        if select.limit == Some(0) {
            let count = count(ask)?;
            return Ok(Self::Count(safe(count.sql), count.args));
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
                Some(args) => Self::One(kept(&table.select_one), args),
                None => Self::Nothing,
            });
        }
        let page = select::page(ask)?;
        let one = select.key.is_some() && !select.total;
        Ok(if one {
            Self::One(safe(page.sql), page.args)
        } else {
            Self::Page(safe(page.sql), page.args)
        })
    }
}

/// Runs a read. The total stays out where it was asked for and no row is there to carry it.
///
/// The guard is a part of the statement, but for groups: then nothing found may mean that too much was to be looked at.
async fn first<D: Driver>(conn: &mut Conn<D>, ask: &Ask<'_, D>, query: Query<D>) -> Read<D, Page> {
    let groups = ask.select.group.is_some();
    if groups {
        guard(conn, ask).await?;
    }
    let page = run(conn, ask, query).await?;
    if !groups && page.rows.is_empty() && page.total.is_none_or(|total| total == 0) {
        guard(conn, ask).await?;
    }
    Ok(page)
}

/// Fails if there is more to look at than the read allows.
async fn guard<D: Driver>(conn: &mut Conn<D>, ask: &Ask<'_, D>) -> Read<D, ()> {
    if let Some(guard) = ask.guard()? {
        let more = D::first(conn, safe(guard.sql), guard.args).await?;
        if more.is_some() {
            return Err(ask.select.looks_at_too_much_for(ask.undecided()).into());
        }
    }
    Ok(())
}

async fn run<D: Driver>(conn: &mut Conn<D>, ask: &Ask<'_, D>, query: Query<D>) -> Read<D, Page> {
    let mut page = Page::default();
    match query {
        Query::Nothing => {}
        Query::Count(sql, args) => page.total = Some(counted::<D>(conn, sql, args).await?),
        Query::One(sql, args) => {
            if let Some(found) = D::first(conn, sql, args).await? {
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

async fn paged<D: Driver>(
    conn: &mut Conn<D>,
    ask: &Ask<'_, D>,
    sql: SqlStr,
    args: D::Arguments,
) -> Read<D, Page> {
    let (select, table) = (ask.select, ask.source.table);
    // All rows before the first is decoded: with SQLite, freeing one takes a lock that its thread needs for the next.
    let found = D::all(conn, sql, args).await?;
    let count = found.first().filter(|_| select::counts(select));
    let total = count
        .map(|row| number::<D>(row, table.width()).map(unsigned))
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

fn count<D: Driver>(ask: &Ask<'_, D>) -> Result<Statement<D>> {
    match &ask.select.group {
        Some(grouping) => group::count(ask, grouping),
        None => select::count(ask),
    }
}

async fn counted<D: Driver>(conn: &mut Conn<D>, sql: SqlStr, args: D::Arguments) -> Read<D, u64> {
    let found = D::first(conn, sql, args).await?;
    Ok(found.map_or(Ok(0), |row| number::<D>(&row, 0).map(unsigned))?)
}

pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
