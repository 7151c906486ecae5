//! Setting some fields of a record.

use larder_core::store::Condition;
use larder_core::{Key, Result};
use larder_query::Value;

use super::put::condition;
use super::{Statement, Table};
use crate::dialect::Dialect;

/// Sets fields of the record with this key where the condition holds, and returns the whole record.
pub(crate) fn update<D: Dialect>(
    table: &Table<D>,
    key: &Key,
    set: &[(usize, Value)],
    when: &Condition,
) -> Result<Statement<D>> {
    let mut to = Statement::new("UPDATE ");
    to.push(&table.name).push(" SET ");
    for (place, (field, value)) in set.iter().enumerate() {
        // Of two values for one field the last one holds; a column may stand in the list once.
        let again = set.iter().skip(place + 1).any(|(later, _)| later == field);
        let Some(column) = table.columns.get(*field).filter(|_| !again) else {
            continue;
        };
        to.push(column)
            .push(" = ")
            .bind_field(table, *field, value)?
            .push(", ");
    }
    to.next_version(table, false)
        .push(" WHERE ")
        .key_is(table, key)?;
    condition(&mut to, table, false, when, " AND ")?;
    if D::RETURNING {
        to.push(" RETURNING ").push(&table.all);
    }
    Ok(to)
}
