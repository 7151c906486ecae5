//! A table as the catalogue of MySQL and MariaDB shows it.

use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{Executor, Row};

use super::errors::Fault;
use crate::dialect::MySql;
use crate::schema::{Found, FoundColumn, FoundIndex};

const COLUMNS: &str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, \
     COLUMN_DEFAULT, COLUMN_KEY, EXTRA FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

const INDEXES: &str = "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX";

const FIRST: &str = "SELECT COLUMN_NAME FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = ? AND SEQ_IN_INDEX = 1";

/// The table or view with this name, without columns if there is none.
pub(super) async fn at(conn: &mut MySqlConnection, table: &str) -> Result<Found, Fault> {
    let folded = folds_names(conn).await?;
    let mut found = Found {
        name: table.to_owned(),
        ..Found::default()
    };
    for row in rows(conn, COLUMNS, table, folded).await? {
        let text = |place: usize| row.try_get_unchecked::<Option<String>, _>(place);
        let extra = text(8)?.unwrap_or_default().to_ascii_lowercase();
        let default = text(6)?;
        let generated = extra.contains("generated") && !extra.contains("default_generated");
        let counts = extra.contains("auto_increment");
        found.assigns_keys |= counts;
        found.columns.push(FoundColumn {
            name: text(1)?.unwrap_or_default(),
            declared: MySql::declared(
                &text(2)?.unwrap_or_default(),
                text(3)?.as_deref(),
                text(4)?.as_deref(),
            ),
            not_null: text(5)?.as_deref() == Some("NO"),
            // MariaDB writes the default of a column without one as this text.
            has_default: generated || counts || default.is_some_and(|default| default != "NULL"),
            key: text(7)?.as_deref() == Some("PRI"),
        });
    }
    for row in rows(conn, INDEXES, table, folded).await? {
        let name: String = row.try_get_unchecked(1)?;
        if name == "PRIMARY" {
            continue;
        }
        let unique = super::row::whole(&row, 2).ok().flatten() == Some(0);
        let column: Option<String> = row.try_get_unchecked(3)?;
        let part = super::row::whole(&row, 4).ok().flatten();
        let known = found.indexes.last().is_some_and(|last| last.name == name);
        if !known {
            found.indexes.push(FoundIndex {
                name,
                unique,
                whole: true,
                columns: Vec::new(),
            });
        }
        if let Some(index) = found.indexes.last_mut() {
            // One over an expression, or over the beginning of a text, is not over the whole column.
            index.whole &= column.is_some() && part.is_none();
            index.columns.extend(column);
        }
    }
    Ok(found)
}

/// The rows of the catalogue about a table. The catalogue compares names without their case; tables may differ by it.
async fn rows(
    conn: &mut MySqlConnection,
    sql: &'static str,
    table: &str,
    folded: bool,
) -> Result<Vec<MySqlRow>, Fault> {
    let rows = conn.fetch_all(sqlx::query(sql).bind(table)).await?;
    let is_it = |row: &MySqlRow| {
        let name: String = row.try_get_unchecked(0).unwrap_or_default();
        name == table || folded && name.to_lowercase() == table.to_lowercase()
    };
    Ok(rows.into_iter().filter(is_it).collect())
}

/// Whether two tables can't differ by the case of their names alone.
async fn folds_names(conn: &mut MySqlConnection) -> Result<bool, Fault> {
    let found = conn
        .fetch_one(sqlx::query("SELECT @@lower_case_table_names"))
        .await?;
    Ok(super::row::whole(&found, 0).ok().flatten() != Some(0))
}

/// The first column of an index.
pub(super) async fn first_column(
    conn: &mut MySqlConnection,
    table: &str,
    index: &str,
) -> Result<Option<String>, Fault> {
    let query = sqlx::query(FIRST).bind(table).bind(index);
    let found = conn.fetch_optional(query).await?;
    Ok(found.map(|row| row.try_get_unchecked(0)).transpose()?)
}
