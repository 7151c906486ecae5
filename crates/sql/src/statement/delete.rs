//! Deleting a record.

use larder_core::store::Condition;
use larder_core::{Key, Result};

use super::put::condition;
use super::{Statement, Table};
use crate::dialect::Dialect;

/// Deletes the record with this key where the condition holds; `returning` hands it back.
pub(crate) fn delete<D: Dialect>(
    table: &Table<D>,
    key: &Key,
    when: &Condition,
    returning: bool,
) -> Result<Statement<D>> {
    let mut to = Statement::new("DELETE FROM ");
    to.push(&table.name).push(" WHERE ").key_is(table, key)?;
    condition(&mut to, table, false, when, " AND ")?;
    if returning {
        to.push(" RETURNING ").push(&table.all);
    }
    Ok(to)
}
