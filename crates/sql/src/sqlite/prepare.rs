//! Making room for models: tables, columns and indexes, in one transaction at the start.
//!
//! | in the file | what happens |
//! | --- | --- |
//! | no table | it is created |
//! | a field without a column | `ADD COLUMN`, with the field's default for the rows that are there |
//! | the same, not nullable and without a default | refused if there are rows |
//! | a column of another type, or another key | refused |
//! | a nullable column of a field that is not | accepted while no row holds a null, else refused |
//! | a `NOT NULL` column of a field that is nullable | refused |
//! | a column that no field names | left alone: another version of the app may use it; refused if it is `NOT NULL` without a default, because no record could be added |
//! | an index of larder's that no model asks for | dropped, which loses no data |
//! | values that break a new unique index | refused, with the query that finds them |
//!
//! A refusal is an error of the kind `Setup` that lists everything that is wrong, each with the SQL that would put it
//! right. Nothing is changed then, in any table. Indexes are named `larder:<table>:<fields>`; others are never touched.

use std::sync::Arc;

use larder_core::{Error, Layout, Result};
use sqlx::sqlite::SqliteConnection;

use super::errors::Fault;
use super::writer::Writer;
use super::{Tables, run};
use crate::dialect::Sqlite;
use crate::table::{Table, VERSION, quoted};

mod ddl;
mod existing;

use existing::{Existing, Found};

/// Prepares the file for these models.
pub(crate) async fn prepare(
    writer: &Writer,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<()> {
    for layout in models {
        check_names(layout)?;
    }
    let mut lease = writer.lease().await?;
    lease.open = true;
    let conn = lease.conn()?;
    run::command(conn, "BEGIN IMMEDIATE")
        .await
        .map_err(Fault::into_plain)?;
    let mut refused = Vec::new();
    for layout in models {
        one(conn, &tables.of(layout), &mut refused).await?;
    }
    if !refused.is_empty() {
        // Dropping the lease rolls back.
        return Err(Error::setup(refused.join("\n\n")));
    }
    run::command(conn, "COMMIT")
        .await
        .map_err(Fault::into_plain)?;
    lease.open = false;
    Ok(())
}

/// SQLite's names don't tell upper from lower case.
fn check_names(layout: &Layout) -> Result<()> {
    let mut seen = vec![VERSION.to_owned()];
    for field in &layout.fields {
        let lower = field.name.as_str().to_ascii_lowercase();
        if seen.contains(&lower) {
            return Err(Error::setup(format!(
                "{}: the field `{}` has the name of another column, upper and lower case apart: rename it",
                layout.model, field.name
            )));
        }
        seen.push(lower);
    }
    Ok(())
}

async fn one(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    refused: &mut Vec<String>,
) -> Result<()> {
    let existing = Existing::read(conn, &table.layout.collection)
        .await
        .map_err(Fault::into_plain)?;
    if existing.columns.is_empty() {
        execute(conn, ddl::create_table(table, &table.name)).await?;
    } else {
        let before = refused.len();
        columns(conn, table, &existing, refused).await?;
        if refused.len() > before {
            return Ok(());
        }
    }
    indexes(conn, table, &existing, refused).await
}

async fn columns(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    existing: &Existing,
    refused: &mut Vec<String>,
) -> Result<()> {
    let mut refuse = |what: String, sql: &str| refused.push(refusal(table, &what, sql));
    let key = table
        .layout
        .fields
        .get(table.layout.key)
        .map_or("", |field| field.name.as_str());
    let is_key = |found: &Found| found.name.eq_ignore_ascii_case(key);
    if existing
        .columns
        .iter()
        .any(|found| found.key != is_key(found))
    {
        refuse(
            format!("its primary key is not `{key}`"),
            &ddl::rebuild(table, existing),
        );
        return Ok(());
    }
    if existing.column(VERSION).is_none() {
        let sql = format!(
            "ALTER TABLE {} ADD COLUMN \"{VERSION}\" INTEGER NOT NULL DEFAULT 0;",
            table.name
        );
        refuse(
            "it was not made by larder: it has no column for versions".to_owned(),
            &sql,
        );
    }
    for found in &existing.columns {
        let known = found.name.eq_ignore_ascii_case(VERSION)
            || table
                .layout
                .fields
                .iter()
                .any(|field| field.name.eq_ignore_ascii_case(&found.name));
        if !known && found.not_null && !found.has_default {
            let sql = format!(
                "ALTER TABLE {} DROP COLUMN {};",
                table.name,
                quoted::<Sqlite>(&found.name)
            );
            refuse(
                format!(
                    "no field names its column `{}`, which every record needs. This loses its data",
                    found.name
                ),
                &sql,
            );
        }
    }
    let rows = has_rows(conn, table, None).await?;
    for (place, field) in table.layout.fields.iter().enumerate() {
        let Some(name) = table.columns.get(place) else {
            continue;
        };
        let Some(found) = existing.column(&field.name) else {
            match ddl::add_column(table, place, rows) {
                Ok(sql) => execute(conn, sql).await?,
                Err((what, sql)) => refuse(what, &sql),
            }
            continue;
        };
        if !found
            .declared
            .eq_ignore_ascii_case(ddl::declared(field.kind))
        {
            let what = format!(
                "its column {name} is `{}`, `{:?}` needs `{}`",
                found.declared,
                field.kind,
                ddl::declared(field.kind)
            );
            refuse(what, &ddl::rebuild(table, existing));
        } else if found.not_null && field.nullable {
            refuse(
                format!(
                    "its column {name} can't hold null, which `{}` may be",
                    field.name
                ),
                &ddl::rebuild(table, existing),
            );
        } else if !found.not_null
            && !field.nullable
            && !found.key
            && has_rows(conn, table, Some(name)).await?
        {
            let sql = ddl::fill_nulls(table, place);
            refuse(
                format!(
                    "its column {name} holds nulls, which `{}` may not be",
                    field.name
                ),
                &sql,
            );
        }
    }
    Ok(())
}

fn refusal(table: &Table<Sqlite>, what: &str, sql: &str) -> String {
    format!(
        "the table {} does not fit the model {}: {what}. If that is meant, run:\n{sql}",
        table.name, table.layout.model
    )
}

async fn indexes(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    existing: &Existing,
    refused: &mut Vec<String>,
) -> Result<()> {
    let wanted: Vec<(String, String)> = table
        .layout
        .indexes
        .iter()
        .map(|index| ddl::index(table, index))
        .collect();
    for name in existing
        .indexes
        .iter()
        .filter(|name| !wanted.iter().any(|(wanted, _)| wanted == *name))
    {
        tracing::info!(index = name, "dropped an index that no model asks for");
        execute(conn, format!("DROP INDEX {}", quoted::<Sqlite>(name))).await?;
    }
    for (index, (name, sql)) in table.layout.indexes.iter().zip(&wanted) {
        if existing.indexes.contains(name) {
            continue;
        }
        match run::once(conn, sql.clone()).await {
            Ok(_) => {}
            Err(fault) if index.unique && !fault.ends_transaction() => {
                refused.push(format!(
                    "the table {} has records that break the unique index of {}. This finds them:\n{}",
                    table.name,
                    table.layout.model,
                    ddl::duplicates(table, index)
                ));
            }
            Err(fault) => return Err(fault.into_plain()),
        }
    }
    Ok(())
}

/// Whether there is a row, or one with a null in this column.
async fn has_rows(
    conn: &mut SqliteConnection,
    table: &Table<Sqlite>,
    null: Option<&str>,
) -> Result<bool> {
    let filter = null.map_or_else(String::new, |column| format!(" WHERE {column} IS NULL"));
    let found = run::once(
        conn,
        format!("SELECT 1 FROM {}{filter} LIMIT 1", table.name),
    )
    .await;
    Ok(!found.map_err(Fault::into_plain)?.is_empty())
}

async fn execute(conn: &mut SqliteConnection, sql: String) -> Result<()> {
    tracing::debug!(sql, "prepare");
    run::once(conn, sql).await.map_err(Fault::into_plain)?;
    Ok(())
}
