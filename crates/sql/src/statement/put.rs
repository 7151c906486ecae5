//! Add or replace, in one conditional statement.
//!
//! ```sql
//! INSERT INTO t (a, b, kept, _version) VALUES (?, ?, ?, ?)
//! ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = excluded.b, _version = t._version + 1
//! WHERE <condition> RETURNING _version, kept
//! ```
//!
//! No row comes back where the condition does not hold. A row with the version that was sent says "created", any other
//! "replaced".

use larder_core::store::{Condition, Kept};
use larder_core::{Error, ErrorKind, Record, Result};
use larder_query::Filter;

use super::filter::{self, Place};
use super::{Statement, Table, insert, split};
use crate::dialect::Dialect;

/// Adds the record, or replaces the one with its key where the condition holds.
pub(crate) fn upsert<D: Dialect>(
    table: &Table<D>,
    record: &Record,
    kept: &Kept,
    when: &Condition,
) -> Result<Statement<D>> {
    if table.version.is_none() {
        return Err(no_versions(table));
    }
    let mut to = insert::one(table, record)?;
    to.push(" ON CONFLICT (")
        .push(&table.key)
        .push(") DO UPDATE SET ");
    for field in replaced(table, kept) {
        if let Some(column) = table.columns.get(field) {
            to.push(column).push(" = excluded.").push(column).push(", ");
        }
    }
    to.next_version(table, true);
    condition(&mut to, table, true, when, " WHERE ")?;
    returning(&mut to, table, kept);
    if let Some(after) = insert::key_is_given(table) {
        to.push(", ").push(&after);
    }
    Ok(to)
}

/// Replaces the record with this key where the condition holds, and adds none.
pub(crate) fn replace<D: Dialect>(
    table: &Table<D>,
    record: &Record,
    kept: &Kept,
    when: &Condition,
) -> Result<Statement<D>> {
    let mut to = Statement::new("UPDATE ");
    to.push(&table.name).push(" SET ");
    for field in replaced(table, kept) {
        if let Some(column) = table.columns.get(field) {
            to.push(column)
                .push(" = ")
                .bind_field(table, field, record.get(field))?
                .push(", ");
        }
    }
    to.next_version(table, false).push(" WHERE ");
    to.key_is(table, &table.layout.key.key_of(record))?;
    condition(&mut to, table, false, when, " AND ")?;
    returning(&mut to, table, kept);
    Ok(to)
}

/// The fields that a replace sets.
fn replaced<'a, D: Dialect>(
    table: &'a Table<D>,
    kept: &'a Kept,
) -> impl Iterator<Item = usize> + 'a {
    (0..table.columns.len())
        .filter(|field| !table.layout.key.has(*field) && !kept.0.contains(field))
}

fn returning<D: Dialect>(to: &mut Statement<D>, table: &Table<D>, kept: &Kept) {
    if !D::RETURNING {
        return;
    }
    to.push(" RETURNING ").version(table, false);
    for column in kept.0.iter().filter_map(|field| table.columns.get(*field)) {
        to.push(", ").push(column);
    }
}

/// Writes a condition on the old record after `word`, or nothing if there is none.
pub(crate) fn condition<D: Dialect>(
    to: &mut Statement<D>,
    table: &Table<D>,
    qualified: bool,
    when: &Condition,
    word: &'static str,
) -> Result<()> {
    let mut word = word;
    // What SQL can't decide was tested on the record before, within the same transaction.
    let pushed = split::pushed::<D>(&when.filter, &table.layout);
    if !matches!(*pushed, Filter::True) {
        let place = match qualified {
            true => Place::Qualified(table),
            false => Place::Bare(table),
        };
        to.push(word);
        filter::write(to, &place, &pushed)?;
        word = " AND ";
    }
    can_compare(table, when)?;
    if let Some(versions) = &when.versions {
        to.push(word);
        word = " AND ";
        if versions.is_empty() {
            to.push("1 = 0");
        } else {
            version_list(to, table, qualified, " IN (", versions)?;
        }
    }
    if !when.not_versions.is_empty() {
        to.push(word);
        version_list(to, table, qualified, " NOT IN (", &when.not_versions)?;
    }
    Ok(())
}

/// Refuses a condition on versions where there are none.
pub(crate) fn can_compare<D: Dialect>(table: &Table<D>, when: &Condition) -> Result<()> {
    let names = when.versions.is_some() || !when.not_versions.is_empty();
    if names && table.version.is_none() {
        return Err(no_versions(table));
    }
    Ok(())
}

/// The pipeline compares values instead.
fn no_versions<D: Dialect>(table: &Table<D>) -> Error {
    let message = format!("the table {} keeps no versions", table.name);
    Error::new(ErrorKind::Unsupported, message)
}

fn version_list<D: Dialect>(
    to: &mut Statement<D>,
    table: &Table<D>,
    qualified: bool,
    word: &str,
    versions: &[larder_core::Version],
) -> Result<()> {
    to.version(table, qualified).push(word);
    for (i, version) in versions.iter().enumerate() {
        if i > 0 {
            to.push(", ");
        }
        to.bind_number(version.0)?;
    }
    to.push(")");
    Ok(())
}
