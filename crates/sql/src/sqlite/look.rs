//! A table as SQLite's pragmas show it.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::errors::SqliteFault;
use crate::dialect::Sqlite;
use crate::driver::Driver;
use crate::schema::{Found, FoundColumn, FoundIndex};
use crate::table::quoted;

/// The table or view with this name, without columns if there is none.
pub(super) async fn at(conn: &mut SqliteConnection, table: &str) -> Result<Found, SqliteFault> {
    let mut found = Found {
        name: table.to_owned(),
        ..Found::default()
    };
    for row in pragma(conn, "table_info", table).await? {
        found.columns.push(FoundColumn {
            name: row.try_get_unchecked(1)?,
            declared: row.try_get_unchecked(2)?,
            not_null: row.try_get_unchecked(3)?,
            has_default: row.try_get_unchecked::<Option<String>, _>(4)?.is_some(),
            kept: String::new(),
            key: row.try_get_unchecked::<i64, _>(5)? > 0,
        });
    }
    for row in pragma(conn, "index_list", table).await? {
        let name: String = row.try_get_unchecked(1)?;
        let mut columns = Vec::new();
        for row in pragma(conn, "index_info", &name).await? {
            columns.push(row.try_get_unchecked::<Option<String>, _>(2)?);
        }
        found.indexes.push(FoundIndex {
            name,
            unique: row.try_get_unchecked(2)?,
            whole: !row.try_get_unchecked::<bool, _>(4)?,
            // One over expressions is of no use here.
            columns: columns
                .into_iter()
                .collect::<Option<_>>()
                .unwrap_or_default(),
        });
    }
    found.assigns_keys = assigns_keys(conn, &found).await?;
    Ok(found)
}

/// A single `INTEGER PRIMARY KEY` stands for the number of the row, which SQLite gives; not in a table without such numbers.
async fn assigns_keys(conn: &mut SqliteConnection, found: &Found) -> Result<bool, SqliteFault> {
    let mut keys = found.columns.iter().filter(|column| column.key);
    let single = match (keys.next(), keys.next()) {
        (Some(key), None) => key.declared.eq_ignore_ascii_case("INTEGER"),
        _ => false,
    };
    if !single {
        return Ok(false);
    }
    let rows = pragma(conn, "table_list", &found.name).await?;
    let without = rows.first().map(|row| row.try_get_unchecked::<bool, _>(4));
    Ok(!without.transpose()?.unwrap_or_default())
}

async fn pragma(
    conn: &mut SqliteConnection,
    pragma: &str,
    name: &str,
) -> Result<Vec<SqliteRow>, SqliteFault> {
    let sql = format!("PRAGMA {pragma}({})", quoted::<Sqlite>(name));
    Ok(Sqlite::once(conn, sql).await?)
}
