//! Reads: a page, one record by its key, a count.

use larder_core::{Key, Result, Select};
use larder_query::Filter;

use super::filter::{self, Place};
use super::{Statement, Table, operand};
use crate::dialect::Dialect;

/// The text for one record by its key, under no filter.
pub(crate) fn one_text<D: Dialect>(table: &Table<D>) -> String {
    let mut to = Statement::<D>::new("SELECT ");
    to.push(&table.all)
        .push(" FROM ")
        .push(&table.name)
        .push(" WHERE ");
    for (place, (name, _)) in table.keys().enumerate() {
        to.push(if place > 0 { " AND " } else { "" });
        to.push(name).push(" = ").mark();
    }
    to.sql
}

/// The values for [`one_text`]; none if no record can have such a key.
pub(crate) fn one_args<D: Dialect>(table: &Table<D>, key: &Key) -> Option<D::Arguments> {
    let parts = key.parts();
    if parts.len() != table.layout.key.places().len() {
        return None;
    }
    let mut args = D::Arguments::default();
    for (part, (_, kind)) in parts.iter().zip(table.keys()) {
        let operand::Fit::Test(_, value) = operand::fit(kind, operand::Relation::Eq, part) else {
            return None;
        };
        D::bind(&mut args, kind, &value).ok()?;
    }
    Some(args)
}

/// Whether the total has to be a column of the page: a page without a limit counts itself.
pub(crate) fn counts(select: &Select) -> bool {
    select.total && select.limit.is_some()
}

/// A page. With [`counts`] the last column is the total.
pub(crate) fn page<D: Dialect>(table: &Table<D>, select: &Select) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("SELECT ");
    to.push(&table.all);
    if counts(select) {
        to.push(", (SELECT COUNT(*)");
        from(&mut to, table, select)?;
        to.push(")");
    }
    from(&mut to, table, select)?;
    if select.key.is_none() {
        order(&mut to, table, select);
    }
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
    Ok(to)
}

/// How many match.
pub(crate) fn count<D: Dialect>(table: &Table<D>, select: &Select) -> Result<Statement<D>> {
    let mut to = Statement::<D>::new("SELECT COUNT(*)");
    from(&mut to, table, select)?;
    Ok(to)
}

fn from<D: Dialect>(to: &mut Statement<D>, table: &Table<D>, select: &Select) -> Result<()> {
    to.push(" FROM ").push(&table.name);
    let mut word = " WHERE ";
    if let Some(key) = &select.key {
        to.push(word).key_is(table, key)?;
        word = " AND ";
    }
    if !matches!(select.filter, Filter::True) {
        to.push(word);
        filter::write(
            to,
            &Place {
                table,
                qualified: false,
            },
            &select.filter,
        )?;
    }
    Ok(())
}

fn order<D: Dialect>(to: &mut Statement<D>, table: &Table<D>, select: &Select) {
    to.push(" ORDER BY ");
    let parts = table.layout.key.places();
    let mut named: Vec<usize> = Vec::new();
    for key in &select.sort {
        let (Some(field), Some(name)) = (
            table.layout.fields.get(key.field),
            table.columns.get(key.field),
        ) else {
            continue;
        };
        D::sortable(&mut to.sql, field.kind, name);
        to.push(if key.descending { " DESC" } else { "" });
        if parts.contains(&key.field) && !named.contains(&key.field) {
            named.push(key.field);
            if named.len() == parts.len() {
                return; // Keys are unique: nothing is left to decide.
            }
        }
        to.push(", ");
    }
    let left = parts.iter().zip(table.keys());
    let left = left.filter(|(part, _)| !named.contains(part));
    for (place, (_, (name, _))) in left.enumerate() {
        to.push(if place > 0 { ", " } else { "" }).push(name);
    }
}
