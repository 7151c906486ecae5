//! Rows as records.

use larder_core::{Kind, Record, Result, Version};
use larder_query::Value;

use crate::driver::{Driver, Row, number};
use crate::table::Table;

/// The whole record of a row that was selected with [`Table::all`].
pub(crate) fn record<D: Driver>(table: &Table<D>, row: &Row<D>) -> Result<Record> {
    let fields = &table.layout.fields;
    let mut values = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        values.push(value(table, row, place, field.kind)?);
    }
    let counted = match table.version {
        Some(_) => number::<D>(row, fields.len())?,
        None => 0,
    };
    let version = table.layout.version_of(&values, Version(counted));
    Ok(Record::new(values, version))
}

/// The value in the column at this place of a row.
pub(crate) fn value<D: Driver>(
    table: &Table<D>,
    row: &Row<D>,
    place: usize,
    kind: Kind,
) -> Result<Value> {
    let name = || table.columns.get(place).map_or("?", String::as_str);
    D::found(table, row, place, kind, name)
}
