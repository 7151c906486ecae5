//! What a database can't do by itself, finished in memory as the rows come.

use std::sync::Arc;

use futures_util::TryStreamExt;
use larder_core::store::{Finish, Groups};
use larder_core::{Grouping, Kind, Page, Result};
use larder_query::Value;
use sqlx::SqlStr;

use crate::driver::{Conn, Driver, Failed, Row, number, safe};
use crate::read::unsigned;
use crate::row;
use crate::statement::ask::Ask;
use crate::statement::group::{self, Columns};
use crate::statement::select;

/// A read, or why it failed.
type Read<D, T> = Result<T, Failed<<D as Driver>::Fault>>;

/// Reads what may match and finishes the page or the groups.
pub(crate) async fn finish<D: Driver>(conn: &mut Conn<D>, ask: &Ask<'_, D>) -> Read<D, Page> {
    match &ask.select.group {
        Some(grouping) => grouped(conn, ask, grouping).await,
        None => page(conn, ask).await,
    }
}

async fn page<D: Driver>(conn: &mut Conn<D>, ask: &Ask<'_, D>) -> Read<D, Page> {
    let table = ask.source.table;
    let candidates = select::candidates(ask)?;
    // Fields of joins stand behind the version.
    let own = table.layout.fields.len();
    let shift = table.width() - own;
    let column = |field: usize| if field < own { field } else { field + shift };
    let needed = needed(ask, ask.select.order().iter().map(|by| by.field));
    let mut finish = Finish::new(ask.select, &ask.rest, ask.sorts);
    let mut values = vec![Value::Null; ask.select.width()];
    let mut rows = D::stream(conn, safe(candidates.sql), candidates.args);
    while let Some(found) = rows.try_next().await? {
        for field in &needed {
            if let Some(value) = values.get_mut(*field) {
                *value = of_field(ask, &found, *field, column(*field))?;
            }
        }
        veil(ask, &mut values);
        if !finish.offer(&values, || Ok(Arc::new(row::record(table, &found)?)))? {
            break;
        }
    }
    Ok(finish.page())
}

async fn grouped<D: Driver>(
    conn: &mut Conn<D>,
    ask: &Ask<'_, D>,
    grouping: &Grouping,
) -> Read<D, Page> {
    let results = grouping.results.iter().filter_map(|result| result.field());
    let needed = needed(ask, grouping.by.iter().copied().chain(results));
    let fields = select::fields(ask, &needed)?;
    let mut groups = Groups::new(grouping);
    let mut values = vec![Value::Null; ask.select.width()];
    let mut looked_at = 0;
    let mut rows = D::stream(conn, safe(fields.sql), fields.args);
    while let Some(found) = rows.try_next().await? {
        looked_at += 1;
        if ask.select.look_at.is_some_and(|bound| looked_at > bound) {
            return Err(ask.select.looks_at_too_much_for(ask.undecided()).into());
        }
        for (column, field) in needed.iter().enumerate() {
            if let Some(value) = values.get_mut(*field) {
                *value = of_field(ask, &found, *field, column)?;
            }
        }
        veil(ask, &mut values);
        if ask.rest.matches(&values) {
            groups.add(&|field| values.get(field).unwrap_or(&Value::Null));
        }
    }
    Ok(Page::of_groups(groups.into_groups(), ask.select))
}

/// The fields that are looked at in memory, each once.
fn needed<D: Driver>(ask: &Ask<'_, D>, asked: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut needed: Vec<usize> = asked.chain(ask.rest.fields()).collect();
    if ask.source.joins.iter().any(|join| !join.exact) {
        for join in &ask.source.joins {
            needed.push(join.link);
            needed.extend(join.readable.fields().map(|field| field + join.first));
        }
    }
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// The value of a field in a column of a row.
fn of_field<D: Driver>(
    ask: &Ask<'_, D>,
    found: &Row<D>,
    field: usize,
    column: usize,
) -> Result<Value> {
    let (table, place) = match ask.source.join_of(field) {
        Some(join) => (&*join.table, field - join.first),
        None => (ask.source.table, field),
    };
    let Some(of) = table.layout.fields.get(place) else {
        return Ok(Value::Null);
    };
    D::found(table, found, column, of.kind, || {
        table.columns.get(place).map_or("?", String::as_str)
    })
}

/// Takes out what may not be read of linked records, where SQL could not decide it.
fn veil<D: Driver>(ask: &Ask<'_, D>, values: &mut [Value]) {
    for join in ask.source.joins.iter().filter(|join| !join.exact) {
        let leads = values.get(join.link).is_some_and(|link| !link.is_null());
        let Some(fields) = values.get_mut(join.first..join.first + join.width()) else {
            continue;
        };
        if !leads || !join.readable.matches(fields) {
            fields.fill(Value::Null);
        }
    }
}

/// Reads groups that SQL has computed.
pub(crate) async fn groups<D: Driver>(
    conn: &mut Conn<D>,
    ask: &Ask<'_, D>,
    sql: SqlStr,
    args: D::Arguments,
) -> Read<D, Page> {
    let Some(grouping) = &ask.select.group else {
        return Ok(Page::default());
    };
    let rows = D::all(conn, sql, args).await?;
    let mut groups = Vec::with_capacity(rows.len());
    let mut total = None;
    for found in &rows {
        let mut columns = Group {
            ask,
            row: found,
            at: 1,
        };
        groups.push(group::read(ask, grouping, &mut columns)?);
        if total.is_none() && ask.select.total && group::pages(ask, grouping) {
            total = Some(unsigned(number::<D>(found, columns.at)?));
        }
    }
    if !group::pages(ask, grouping) {
        return Ok(Page::of_groups(groups, ask.select));
    }
    if ask.select.total && groups.is_empty() && ask.select.skip == 0 {
        total = Some(0);
    }
    Ok(Page {
        groups,
        total,
        ..Page::default()
    })
}

/// The columns of a group.
struct Group<'r, D: Driver> {
    ask: &'r Ask<'r, D>,
    row: &'r Row<D>,
    at: usize,
}

impl<D: Driver> Group<'_, D> {
    fn next(&mut self) -> usize {
        let at = self.at;
        self.at += 1;
        at
    }
}

impl<D: Driver> Columns for Group<'_, D> {
    fn value(&mut self, kind: Kind) -> Result<Value> {
        let at = self.next();
        D::found(self.ask.source.table, self.row, at, kind, || "(a group)")
    }

    fn number(&mut self) -> Result<i64> {
        let at = self.next();
        Ok(D::whole(self.row, at)?.unwrap_or_default())
    }

    fn float(&mut self) -> Result<Option<f64>> {
        let at = self.next();
        D::float(self.row, at)
    }
}
