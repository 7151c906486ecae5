//! Adding records.

use larder_core::{Record, Result, Row};
use larder_query::Value;

use super::{Statement, Table, bind_field};
use crate::dialect::Dialect;

/// The text that adds this many records.
pub(crate) fn text<D: Dialect>(table: &Table<D>, rows: usize) -> String {
    let mut to = start(table);
    for row in 0..rows {
        to.push(if row > 0 { ", (" } else { "(" });
        for place in 0..table.width() {
            to.push(if place > 0 { ", " } else { "" })
                .stored_mark(table, place);
        }
        to.push(")");
    }
    if let Some(after) = key_is_given(table) {
        to.push(" RETURNING ").push(&after);
    }
    to.sql
}

/// What is done about a key that a record came with, where the database gives keys.
pub(super) fn key_is_given<D: Dialect>(table: &Table<D>) -> Option<String> {
    let key = table.layout.key.one()?;
    table.layout.storage.assigned_key.then_some(())?;
    D::key_is_given(&table.name, table.layout.column(key))
}

/// The text that adds a record whose key the database gives, and returns the key.
pub(crate) fn assigned_text<D: Dialect>(table: &Table<D>) -> String {
    let key = &table.layout.key;
    let mut to = Statement::<D>::new("INSERT INTO ");
    // The version stands behind the fields.
    let others = table.columns.iter().chain(&table.version).enumerate();
    let (places, columns): (Vec<usize>, Vec<&str>) = others
        .filter(|(place, _)| !key.has(*place))
        .map(|(place, column)| (place, column.as_str()))
        .unzip();
    to.push(&table.name);
    if columns.is_empty() && D::RETURNING {
        to.push(" DEFAULT VALUES");
    } else {
        to.push(" (").push(&columns.join(", ")).push(") VALUES (");
        for (at, place) in places.into_iter().enumerate() {
            to.push(if at > 0 { ", " } else { "" })
                .stored_mark(table, place);
        }
        to.push(")");
    }
    if D::RETURNING {
        to.push(" RETURNING ").push(&table.key);
    }
    to.sql
}

/// The values for [`assigned_text`].
pub(crate) fn assigned_args<D: Dialect>(table: &Table<D>, row: &Row) -> Result<D::Arguments> {
    let mut args = D::Arguments::default();
    let key = &table.layout.key;
    for field in (0..table.columns.len()).filter(|field| !key.has(*field)) {
        bind_field::<D>(&mut args, table, field, row.get(field))?;
    }
    bind_version(&mut args, table, row);
    Ok(args)
}

/// `INSERT INTO t (..) VALUES `.
fn start<D: Dialect>(table: &Table<D>) -> Statement<D> {
    let mut to = Statement::new("INSERT INTO ");
    to.push(&table.name)
        .push(" (")
        .push(&table.into)
        .push(") VALUES ");
    to
}

/// The values for [`text`].
pub(crate) fn args<'a, D: Dialect>(
    table: &Table<D>,
    rows: impl Iterator<Item = &'a Row>,
) -> Result<D::Arguments> {
    let mut args = D::Arguments::default();
    for row in rows {
        for field in 0..table.columns.len() {
            bind_field::<D>(&mut args, table, field, row.get(field))?;
        }
        bind_version(&mut args, table, row);
    }
    Ok(args)
}

/// An `INSERT` of one record to be continued, as `put` does.
pub(crate) fn one<D: Dialect>(table: &Table<D>, record: &Record) -> Result<Statement<D>> {
    let mut to = start(table);
    to.push("(");
    for field in 0..table.columns.len() {
        to.bind_field(table, field, record.get(field))?.push(", ");
    }
    // `put` has none but tables with versions.
    to.bind_number(record.version.0)?.push(")");
    Ok(to)
}

fn bind_version<D: Dialect>(args: &mut D::Arguments, table: &Table<D>, record: &Record) {
    if table.version.is_none() {
        return;
    }
    // A whole number can always be bound as one.
    if D::bind(args, larder_core::Kind::Int, &Value::I64(record.version.0)).is_err() {
        tracing::error!("the version of a record could not be bound");
    }
}
