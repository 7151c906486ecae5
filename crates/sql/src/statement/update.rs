//! Changing some fields of a record.
//!
//! ```sql
//! UPDATE t SET title = ?, likes = COALESCE(likes, 0) + ?, _version = _version + 1
//! WHERE id = ? AND <condition> AND (likes IS NULL OR likes <= ?) RETURNING *
//! ```
//!
//! What comes last is the guard of a change that depends on the old value: where it does not hold, the change can't be made by
//! SQL (a sum may be out of range, something may be no list), and nothing is written.

use larder_core::store::{Condition, FieldChange};
use larder_core::{Key, Kind, Result};

use larder_query::Value;

use super::put::condition;
use super::{Statement, Table};
use crate::dialect::{Dialect, LIST_IN_STATEMENT};

/// Whether one statement does all of these changes.
pub(crate) fn is_one_statement<D: Dialect>(
    table: &Table<D>,
    changes: &[(usize, FieldChange)],
) -> bool {
    let twice = |place: usize, field: usize| {
        let later = changes.iter().skip(place + 1);
        later.clone().any(|(other, _)| *other == field)
    };
    changes.iter().enumerate().all(|(place, (field, change))| {
        let Some(column) = table.layout.fields.get(*field) else {
            return false;
        };
        match change {
            // Of two values for one field the last one holds.
            FieldChange::Set(_) => changes
                .iter()
                .all(|(other, change)| other != field || change.as_set().is_some()),
            _ if twice(place, *field) || table.layout.key.has(*field) => false,
            FieldChange::Add(amount) => {
                table.shape(*field).is_usual() && D::can_add(column.kind, amount)
            }
            change => column.kind == Kind::Json && D::can_change_list(change),
        }
    })
}

/// Changes fields of the record with this key where the condition and all guards hold, and returns the whole record. Of the
/// changes [`is_one_statement`] has been asked.
pub(crate) fn update<D: Dialect>(
    table: &Table<D>,
    key: &Key,
    changes: &[(usize, FieldChange)],
    when: &Condition,
) -> Result<Statement<D>> {
    let mut to = Statement::new("UPDATE ");
    to.push(&table.name).push(" SET ");
    for (place, (field, change)) in changes.iter().enumerate() {
        // Of two values for one field the last one holds; a column may stand in the list once.
        let again = changes
            .iter()
            .skip(place + 1)
            .any(|(later, _)| later == field);
        let Some(column) = table.columns.get(*field).filter(|_| !again) else {
            continue;
        };
        to.push(column).push(" = ");
        match change {
            FieldChange::Set(value) => {
                to.bind_field(table, *field, value)?;
            }
            FieldChange::Add(amount) => {
                let kind = kind_of(table, *field);
                let mark = to.loose_mark();
                D::sum(&mut to.sql, kind, column, &mark);
                to.bind_only(amount_kind(kind), amount)?;
            }
            change => D::changed_list(&mut to, column, change)?,
        }
        to.push(", ");
    }
    to.next_version(table, false)
        .push(" WHERE ")
        .key_is(table, key)?;
    condition(&mut to, table, false, when, " AND ")?;
    for (field, change) in changes {
        guard(&mut to, table, *field, change)?;
    }
    if D::RETURNING {
        to.push(" RETURNING ").push(&table.all);
    }
    Ok(to)
}

/// What must hold of the old value for a change to be made by SQL.
fn guard<D: Dialect>(
    to: &mut Statement<D>,
    table: &Table<D>,
    field: usize,
    change: &FieldChange,
) -> Result<()> {
    let Some(column) = table.columns.get(field) else {
        return Ok(());
    };
    match change {
        FieldChange::Add(amount) => {
            let kind = kind_of(table, field);
            let mark = to.loose_mark();
            let (fits, bound) = D::sum_fits(kind, column, amount, &mark);
            to.push(" AND ").push(&fits);
            to.bind_only(amount_kind(kind), &bound)?;
        }
        FieldChange::Set(_) => {}
        change => {
            to.push(" AND ");
            D::list_fits(to, column, change, longest(table, change))?;
        }
    }
    Ok(())
}

/// The most bytes of JSON that a list may have before this change, to be within its bound of memory after it.
fn longest<D: Dialect>(table: &Table<D>, change: &FieldChange) -> usize {
    let more = match change {
        FieldChange::Push(items) => items.iter().map(Value::weight).sum(),
        FieldChange::SetItem(_, item) => item.weight(),
        _ => 0,
    };
    let left = table.layout.storage.list_bytes().saturating_sub(more);
    // Of all values the shortest take the most: `0,` has two bytes.
    LIST_IN_STATEMENT.min(left / (size_of::<Value>() / 2))
}

fn kind_of<D: Dialect>(table: &Table<D>, field: usize) -> Kind {
    let column = table.layout.fields.get(field);
    column.map_or(Kind::Json, |column| column.kind)
}

/// What is added to a whole number may be negative, also where the sum may not.
fn amount_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Uint => Kind::Int,
        kind => kind,
    }
}
