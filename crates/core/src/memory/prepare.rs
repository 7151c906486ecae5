//! Bringing a table to a model that has grown.

use std::sync::Arc;

use larder_query::Value;

use super::table::Table;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::record::Record;

/// The table for a changed layout, with the same records. New fields get their defaults.
///
/// # Errors
/// `Setup` if a field has gone, changed its kind, or is new without a default although it can't be null; `Duplicate` if a
/// new unique index forbids records that are there.
pub(super) fn migrated(old: &Table, layout: &Arc<Layout>) -> Result<Table> {
    let refuse =
        |what: String| Error::setup(format!("the collection `{}`: {what}", layout.collection));
    let filled = old.len() > 0;
    for field in old.layout.fields.iter().filter(|_| filled) {
        match layout.position(&field.name) {
            None => {
                return Err(refuse(format!(
                    "the field `{}` is gone, and its values would be lost",
                    field.name
                )));
            }
            Some(place)
                if layout
                    .fields
                    .get(place)
                    .is_some_and(|new| new.kind != field.kind) =>
            {
                return Err(refuse(format!(
                    "the field `{}` has changed its kind",
                    field.name
                )));
            }
            Some(_) => {}
        }
    }
    let mut from = Vec::with_capacity(layout.fields.len());
    for field in &layout.fields {
        let place = old.layout.position(&field.name);
        if filled && place.is_none() && !field.nullable && field.default.is_none() {
            return Err(refuse(format!(
                "the new field `{}` needs a default for the records that are there",
                field.name
            )));
        }
        from.push((place, field.default.clone().unwrap_or(Value::Null)));
    }
    let mut table = Table::new(layout.clone());
    for row in old.rows() {
        let values = from
            .iter()
            .map(|(place, default)| place.map_or(default, |place| row.get(place)).clone())
            .collect();
        let record = Arc::new(Record::new(values, row.version));
        table.set(record.get(layout.key), Some(record.clone()))?;
    }
    table.last = old.last;
    Ok(table)
}
