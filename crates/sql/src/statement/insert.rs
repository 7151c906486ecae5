//! Adding records.

use larder_core::{Record, Result, Row};
use larder_query::Value;

use super::{Statement, Table, bind_field};
use crate::dialect::Dialect;
use crate::table::VERSION;

/// The text that adds this many records.
pub(crate) fn text<D: Dialect>(table: &Table<D>, rows: usize) -> String {
    let mut to = start(table);
    for row in 0..rows {
        to.push(if row > 0 { ", (" } else { "(" });
        for _ in &table.columns {
            to.mark().push(", ");
        }
        to.mark().push(")");
    }
    to.sql
}

/// `INSERT INTO t (..) VALUES `.
fn start<D: Dialect>(table: &Table<D>) -> Statement<D> {
    let mut to = Statement::new("INSERT INTO ");
    to.push(&table.name)
        .push(" (")
        .push(&table.all)
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
        bind_version::<D>(&mut args, row);
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
    to.bind_number(record.version.0)?.push(")");
    Ok(to)
}

fn bind_version<D: Dialect>(args: &mut D::Arguments, record: &Record) {
    // A whole number can always be bound as one.
    if D::bind(args, larder_core::Kind::Int, &Value::I64(record.version.0)).is_err() {
        tracing::error!("the column {VERSION} could not be bound");
    }
}
