//! The indexes that a model asks for, and those that are there.

use larder_core::Index;
use larder_core::migrate::{Change, Effect};

use super::compare::Finding;
use super::ddl;
use super::found::Found;
use crate::dialect::Dialect;
use crate::table::{Table, quoted};

/// What is to be dropped, then what is to be created.
pub(super) fn compare<D: Dialect>(table: &Table<D>, found: &Found) -> Vec<Finding> {
    let wanted: Vec<(&Index, String, String)> = table
        .layout
        .indexes
        .iter()
        .map(|index| {
            let (name, sql) = ddl::index(table, index);
            (index, name, sql)
        })
        .collect();
    let mut findings = Vec::new();
    for index in found.indexes.iter().filter(|index| index.is_ours()) {
        if !wanted.iter().any(|(_, name, _)| *name == index.name) {
            let what = format!("no model asks for its index `{}`", index.name);
            let sql = D::drop_index(&table.name, &quoted::<D>(&index.name));
            findings.push(Finding::Change(Change::new(
                &table.layout,
                Effect::Additive,
                what,
                sql,
            )));
        }
    }
    for (index, name, sql) in wanted {
        let there = found.indexes.iter().any(|found| found.name == name);
        if !there && !served(table, found, index) {
            findings.push(missing(table, found, index, sql));
        }
    }
    findings
}

/// Whether an index of somebody else's does the work.
fn served<D: Dialect>(table: &Table<D>, found: &Found, index: &Index) -> bool {
    let Some(columns) = present(table, found, index) else {
        return false;
    };
    let mut others = found
        .indexes
        .iter()
        .filter(|found| !found.is_ours() && found.whole);
    others.any(|other| {
        let same = other.columns.len() == columns.len();
        other.begins::<D>(&columns) && (!index.unique || other.unique && same)
    })
}

/// The present names of an index's columns; none if one of them is not there yet.
fn present<'a, D: Dialect>(
    table: &Table<D>,
    found: &'a Found,
    index: &Index,
) -> Option<Vec<&'a str>> {
    let columns = index.fields.iter().map(|field| {
        let column = found.column_of::<D>(&table.layout, *field);
        column.map(|column| column.name.as_str())
    });
    columns.collect()
}

fn missing<D: Dialect>(table: &Table<D>, found: &Found, index: &Index, sql: String) -> Finding {
    let what = format!("its index on {} is missing", ddl::fields(table, index));
    let create = Change::new(&table.layout, Effect::Additive, what, sql);
    match doubles(table, found, index).filter(|_| index.unique) {
        None => Finding::Change(create),
        Some((question, query)) => {
            let what = format!(
                "it has records that break the unique index on {}, and all but one of each have to change",
                ddl::fields(table, index)
            );
            Finding::Ask {
                sql: question,
                yes: Some(Change::new(&table.layout, Effect::Manual, what, query)),
                no: Some(create),
            }
        }
    }
}

/// The question whether rows share values that a unique index forbids, and the query that lists them; none where no rows
/// can.
fn doubles<D: Dialect>(table: &Table<D>, found: &Found, index: &Index) -> Option<(String, String)> {
    let name = found.quoted::<D>();
    let mut columns = Vec::new();
    for field in &index.fields {
        match found.column_of::<D>(&table.layout, *field) {
            Some(column) => columns.push(quoted::<D>(&column.name)),
            None => {
                // A new column is null in every row, and nulls never collide; or it is the same in all.
                let default = table.layout.fields.get(*field)?.default.as_ref()?;
                if default.is_null() {
                    return None;
                }
            }
        }
    }
    if columns.is_empty() {
        let question = format!("SELECT 1 FROM {name} LIMIT 1 OFFSET 1");
        return Some((question, format!("SELECT COUNT(*) FROM {name};")));
    }
    let nulls: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    let columns = columns.join(", ");
    let question = format!(
        "SELECT 1 FROM {name} WHERE {} GROUP BY {columns} HAVING COUNT(*) > 1 LIMIT 1",
        nulls.join(" AND ")
    );
    let query =
        format!("SELECT {columns}, COUNT(*) FROM {name} GROUP BY {columns} HAVING COUNT(*) > 1;");
    Some((question, query))
}
