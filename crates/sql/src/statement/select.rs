//! Reads: a page, one record by its key, a count.

use larder_core::{Key, Result, Select};

use super::ask::Ask;
use super::{Statement, Table, operand};
use crate::dialect::Dialect;

/// The text for one record by its key, under no filter.
pub(crate) fn one_text<D: Dialect>(table: &Table<D>) -> String {
    let mut to = Statement::<D>::new("SELECT ");
    to.push(&table.all)
        .push(" FROM ")
        .push(&table.name)
        .push(" WHERE ");
    for (place, key) in table.keys().enumerate() {
        to.push(if place > 0 { " AND " } else { "" });
        to.equals_mark(&key);
    }
    to.sql
}

/// The same, for a record that nobody else shall change until the transaction ends.
pub(crate) fn locked_text<D: Dialect>(table: &Table<D>) -> String {
    one_text(table) + D::FOR_UPDATE
}

/// The values for [`one_text`]; none if no record can have such a key.
pub(crate) fn one_args<D: Dialect>(table: &Table<D>, key: &Key) -> Option<D::Arguments> {
    let parts = key.parts();
    if parts.len() != table.layout.key.places().len() {
        return None;
    }
    let mut args = D::Arguments::default();
    for (part, key) in parts.iter().zip(table.keys()) {
        let operand::Fit::Test(_, value) = operand::fit::<D>(&key, operand::Relation::Eq, part)
        else {
            return None;
        };
        for _ in 0..key.marks() {
            key.shape.bind::<D>(&mut args, key.kind, &value).ok()?;
        }
    }
    Some(args)
}

/// Whether the total has to be a column of the page: a page of all that match counts itself.
pub(crate) fn counts(select: &Select) -> bool {
    select.total && (select.limit.is_some() || select.after.is_some())
}

/// A page. With [`counts`] the last column is the total.
pub(crate) fn page<D: Dialect>(ask: &Ask<'_, D>) -> Result<Statement<D>> {
    let select = ask.select;
    let mut to = Statement::<D>::new("SELECT ");
    to.push(&ask.source.all());
    if counts(select) {
        to.push(", (");
        write_count(&mut to, ask, false)?;
        to.push(")");
    }
    ask.guarded(&mut to, true)?;
    if select.key.is_none() {
        order(&mut to, ask);
    }
    ask.limit(&mut to, select.limit, select.skip)?;
    Ok(to)
}

/// `LIMIT` and `OFFSET`.
pub(super) fn window<D: Dialect>(to: &mut Statement<D>, select: &Select) -> Result<()> {
    if select.limit.is_some() || select.skip > 0 {
        // SQL wants a limit before an offset.
        let limit = select
            .limit
            .map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        to.push(" LIMIT ").bind_number(limit)?;
        if select.skip > 0 {
            to.push(" OFFSET ")
                .bind_number(i64::try_from(select.skip).unwrap_or(i64::MAX))?;
        }
    }
    Ok(())
}

/// How many match.
pub(crate) fn count<D: Dialect>(ask: &Ask<'_, D>) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("");
    write_count(&mut to, ask, true)?;
    Ok(to)
}

/// A total: of a rough one no more than is wanted.
fn write_count<D: Dialect>(to: &mut Statement<D>, ask: &Ask<'_, D>, guarded: bool) -> Result<()> {
    let select = ask.select;
    if let Some(most) = select.counted_to() {
        to.push("SELECT COUNT(*) FROM (SELECT 1");
        matching(to, ask, guarded, Some(most.saturating_add(1)))?;
        to.push(") AS larder_counted");
        return Ok(());
    }
    let known = match select.estimate {
        Some(_) => D::estimate(&ask.source.table.name, &select.layout.collection),
        None => None,
    };
    if let Some(known) = &known {
        to.push("SELECT COALESCE((").push(known).push("), (");
    }
    to.push("SELECT COUNT(*)");
    matching(to, ask, guarded, None)?;
    if known.is_some() {
        to.push("))");
    }
    Ok(())
}

fn matching<D: Dialect>(
    to: &mut Statement<D>,
    ask: &Ask<'_, D>,
    guarded: bool,
    limit: Option<u64>,
) -> Result<()> {
    if guarded {
        ask.guarded(to, false)?;
        return ask.limit(to, limit, 0);
    }
    // What it stands in is guarded.
    ask.from(to, false)?;
    if let Some(limit) = limit {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        to.push(" LIMIT ").bind_number(limit)?;
    }
    Ok(())
}

/// All that may match, for the memory to finish: whole records with the fields of what they link to behind them.
pub(crate) fn candidates<D: Dialect>(ask: &Ask<'_, D>) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("SELECT ");
    to.push(&ask.source.all());
    for join in &ask.source.joins {
        to.push(", ").push(&join.columns());
    }
    // A total counts what is before the place too.
    ask.guarded(&mut to, !ask.select.total && ask.sorts)?;
    if ask.sorts && ask.select.key.is_none() {
        order(&mut to, ask);
    }
    // No more rows than show that it looks at too many: a database may send all at once.
    let rows = ask.select.look_at.map(|bound| bound.saturating_add(1));
    ask.limit(&mut to, rows, 0)?;
    Ok(to)
}

/// Some fields of all that may match, in no order. A field that is not there is null.
pub(crate) fn fields<D: Dialect>(ask: &Ask<'_, D>, fields: &[usize]) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("SELECT ");
    for field in fields {
        to.push(ask.source.at(*field).map_or("NULL", |at| at.name));
        to.push(", ");
    }
    to.push("1");
    ask.from(&mut to, false)?;
    bounded(&mut to, ask)?;
    Ok(to)
}

/// No more rows than show that a read would look at too many: a database may send all at once.
fn bounded<D: Dialect>(to: &mut Statement<D>, ask: &Ask<'_, D>) -> Result<()> {
    if let Some(bound) = ask.select.look_at {
        let rows = i64::try_from(bound.saturating_add(1)).unwrap_or(i64::MAX);
        to.push(" LIMIT ").bind_number(rows)?;
    }
    Ok(())
}

fn order<D: Dialect>(to: &mut Statement<D>, ask: &Ask<'_, D>) {
    to.push(" ORDER BY ");
    for key in ask.leading() {
        if let Some(at) = ask.source.at(key.field) {
            to.sortable(&at);
            D::direction(&mut to.sql, at.nullable, key.descending);
            to.push(", ");
        }
    }
    let layout = &ask.source.table.layout;
    let parts = layout.key.places();
    let mut named: Vec<usize> = Vec::new();
    for key in &ask.select.sort {
        let Some(at) = ask.source.at(key.field) else {
            continue;
        };
        to.sortable(&at);
        D::direction(&mut to.sql, at.nullable, key.descending);
        if parts.contains(&key.field) && !named.contains(&key.field) {
            named.push(key.field);
            if named.len() == parts.len() {
                return; // Keys are unique: nothing is left to decide.
            }
        }
        to.push(", ");
    }
    let left = parts.iter().filter(|part| !named.contains(part));
    for (place, part) in left.enumerate() {
        to.push(if place > 0 { ", " } else { "" });
        if let Some(at) = ask.source.at(*part) {
            to.sortable(&at);
            D::direction(&mut to.sql, at.nullable, false);
        }
    }
}
