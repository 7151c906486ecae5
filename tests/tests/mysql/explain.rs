//! What MariaDB says of how it would run a statement.

use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::Database;

/// A step of a plan.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) table: String,
    /// `ref`, `range`, `index` for a walk over all of an index, `ALL` for all of the table.
    pub(crate) how: String,
    pub(crate) index: String,
    pub(crate) extra: String,
}

impl Step {
    /// Whether it goes to places of its index.
    pub(crate) fn seeks(&self) -> bool {
        let how = self.how.split('|').next().unwrap_or_default();
        ["const", "eq_ref", "ref", "ref_or_null", "range"].contains(&how)
    }
}

/// How a statement would be run. `literal` gives the value of the mark behind a column and an operator; the marks of `LIMIT` and
/// `OFFSET` have values of their own.
pub(crate) async fn explain(
    database: &Database,
    sql: &str,
    literal: impl Fn(&str, &str) -> &'static str,
) -> Vec<Step> {
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    // Of the session of a store.
    conn.execute("SET NAMES utf8mb4, time_zone = '+00:00'")
        .await
        .unwrap();
    let sql = AssertSqlSafe(format!("EXPLAIN {}", filled(sql, literal)));
    let rows = conn.fetch_all(sqlx::raw_sql(sql)).await.unwrap();
    let text = |row: &sqlx::mysql::MySqlRow, name: &str| {
        let found: Option<String> = row.try_get_unchecked(name).unwrap();
        found.unwrap_or_default()
    };
    let steps = rows.iter().map(|row| Step {
        table: text(row, "table"),
        how: text(row, "type"),
        index: text(row, "key"),
        extra: text(row, "Extra"),
    });
    let steps = steps.collect();
    conn.close().await.unwrap();
    steps
}

/// The statement with values in place of its marks: a plan is of values.
fn filled(sql: &str, literal: impl Fn(&str, &str) -> &'static str) -> String {
    let mut to = String::new();
    let (mut column, mut rest) = ("", sql);
    while let Some(at) = rest.find(['`', '?']) {
        let (before, mark) = rest.split_at(at);
        to.push_str(before);
        if let Some(named) = mark.strip_prefix('`') {
            let (name, behind) = named.split_once('`').unwrap();
            to.push_str(&format!("`{name}`"));
            (column, rest) = (name, behind);
            continue;
        }
        to.push_str(match before.trim_end().rsplit(' ').next() {
            Some("LIMIT") => "11",
            Some("OFFSET") => "0",
            _ => literal(column, before.trim()),
        });
        rest = &mark[1..];
    }
    to + rest
}
