//! What the file has already.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::super::errors::Fault;
use super::super::run;
use super::ddl::INDEX_PREFIX;
use crate::dialect::Sqlite;
use crate::table::quoted;

/// A table as it stands in the file. Without columns there is none.
#[derive(Debug, Default)]
pub(super) struct Existing {
    pub(super) columns: Vec<Found>,
    /// The names of the indexes that larder made.
    pub(super) indexes: Vec<String>,
}

/// A column as it stands in the file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) declared: String,
    pub(super) not_null: bool,
    pub(super) has_default: bool,
    pub(super) key: bool,
}

impl Existing {
    pub(super) async fn read(conn: &mut SqliteConnection, table: &str) -> Result<Self, Fault> {
        let mut existing = Self::default();
        let name = quoted::<Sqlite>(table);
        for row in run::once(conn, format!("PRAGMA table_info({name})")).await? {
            existing.columns.push(Found {
                name: row.try_get_unchecked(1)?,
                declared: row.try_get_unchecked(2)?,
                not_null: row.try_get_unchecked(3)?,
                has_default: row.try_get_unchecked::<Option<String>, _>(4)?.is_some(),
                key: row.try_get_unchecked::<i64, _>(5)? > 0,
            });
        }
        let prefix = format!("{INDEX_PREFIX}{table}:");
        for row in run::once(conn, format!("PRAGMA index_list({name})")).await? {
            let index: String = row.try_get_unchecked(1)?;
            if index.starts_with(&prefix) {
                existing.indexes.push(index);
            }
        }
        Ok(existing)
    }

    pub(super) fn column(&self, name: &str) -> Option<&Found> {
        self.columns
            .iter()
            .find(|found| found.name.eq_ignore_ascii_case(name))
    }
}
