//! A table as the catalogue of MySQL and MariaDB shows it.

use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{Executor, Row};

use super::errors::Fault;
use crate::dialect::MySql;
use crate::schema::{Found, FoundColumn, FoundIndex};

const COLUMNS: &str = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, \
     COLUMN_DEFAULT, COLUMN_KEY, EXTRA, COLUMN_COMMENT FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

const INDEXES: &str = "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX";

const FIRST: &str = "SELECT COLUMN_NAME FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = ? AND SEQ_IN_INDEX = 1";

/// The table or view with this name, without columns if there is none.
pub(super) async fn at(conn: &mut MySqlConnection, table: &str) -> Result<Found, Fault> {
    let server = Server::of(conn).await?;
    let mut found = Found {
        name: table.to_owned(),
        ..Found::default()
    };
    for row in rows(conn, COLUMNS, table, &server).await? {
        let text = |place: usize| row.try_get_unchecked::<Option<String>, _>(place);
        let extra = text(8)?.unwrap_or_default().to_ascii_lowercase();
        // MariaDB writes the default of a column without one as this text.
        let default = text(6)?.filter(|default| default != "NULL");
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
            has_default: generated || counts || default.is_some(),
            kept: server.kept(default.as_deref(), &extra, &text(9)?.unwrap_or_default()),
            key: text(7)?.as_deref() == Some("PRI"),
        });
    }
    for row in rows(conn, INDEXES, table, &server).await? {
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
    server: &Server,
) -> Result<Vec<MySqlRow>, Fault> {
    let rows = conn.fetch_all(sqlx::query(sql).bind(table)).await?;
    let is_it = |row: &MySqlRow| {
        let name: String = row.try_get_unchecked(0).unwrap_or_default();
        name == table || server.folds_names && name.to_lowercase() == table.to_lowercase()
    };
    Ok(rows.into_iter().filter(is_it).collect())
}

/// What has to be known of a server to read its catalogue.
struct Server {
    /// Whether two tables can't differ by the case of their names alone.
    folds_names: bool,
    /// MariaDB writes defaults as SQL has them, MySQL without their quotes.
    is_mariadb: bool,
}

impl Server {
    async fn of(conn: &mut MySqlConnection) -> Result<Self, Fault> {
        let sql = "SELECT @@lower_case_table_names, VERSION()";
        let found = conn.fetch_one(sqlx::query(sql)).await?;
        let version: String = found.try_get_unchecked(1)?;
        Ok(Self {
            folds_names: super::row::whole(&found, 0).ok().flatten() != Some(0),
            is_mariadb: version.contains("MariaDB"),
        })
    }

    /// What of a column's definition stands behind its type and null: `MODIFY COLUMN` takes away what it does not say.
    fn kept(&self, default: Option<&str>, extra: &str, comment: &str) -> String {
        let mut kept = String::new();
        if let Some(default) = default {
            kept.push_str(" DEFAULT ");
            match extra.contains("default_generated") {
                _ if self.is_mariadb || default.starts_with("b'") => kept.push_str(default),
                true if default.starts_with("CURRENT_TIMESTAMP") => kept.push_str(default),
                true => kept.extend(["(", default, ")"]),
                false => kept.push_str(&quoted(default)),
            }
        }
        if let Some((_, moment)) = extra.split_once("on update ") {
            kept.extend([" ON UPDATE ", moment]);
        }
        if extra.contains("auto_increment") {
            kept.push_str(" AUTO_INCREMENT");
        }
        if !comment.is_empty() {
            kept.extend([" COMMENT ", &quoted(comment)]);
        }
        kept
    }
}

/// A text as a literal of a session in which backslashes mean something, as they do in larder's and unless one says otherwise.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_of_a_column_keeps() {
        for (is_mariadb, default, extra, comment, kept) in [
            (true, None, "", "", ""),
            (true, Some("'it''s'"), "", "", " DEFAULT 'it''s'"),
            (true, Some("7"), "", "", " DEFAULT 7"),
            (
                true,
                Some("current_timestamp(6)"),
                "on update current_timestamp(6)",
                "",
                " DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
            ),
            (false, Some("it's"), "", "", " DEFAULT 'it''s'"),
            (false, Some("b'1'"), "", "", " DEFAULT b'1'"),
            (
                false,
                Some("CURRENT_TIMESTAMP(6)"),
                "default_generated on update current_timestamp(6)",
                "",
                " DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE current_timestamp(6)",
            ),
            (
                false,
                Some("uuid()"),
                "default_generated",
                "",
                " DEFAULT (uuid())",
            ),
            (
                true,
                None,
                "auto_increment",
                "Ann's",
                " AUTO_INCREMENT COMMENT 'Ann''s'",
            ),
        ] {
            let server = Server {
                folds_names: false,
                is_mariadb,
            };
            assert_eq!(server.kept(default, extra, comment), kept);
        }
        assert_eq!(quoted(r"\'"), r"'\\'''");
    }
}
