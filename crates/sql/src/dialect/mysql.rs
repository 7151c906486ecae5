//! The ways of MySQL and MariaDB.
//!
//! | kind | declared | stored |
//! | --- | --- | --- |
//! | bool | `TINYINT(1)` | 0 or 1 |
//! | int | `BIGINT` | the number |
//! | uint | `BIGINT UNSIGNED` | the number |
//! | float | `DOUBLE` | the number; -0 as 0 |
//! | text | `LONGTEXT`, in a key or an index `VARCHAR(255)`; utf8mb4 | the text, compared by its bytes |
//! | json | `LONGTEXT`, utf8mb4 | its text |
//! | bytes | `LONGBLOB`, in a key or an index `VARBINARY(255)` | the bytes |
//! | uuid | `CHAR(36)`, ascii | hyphenated, in lower case |
//! | decimal | `VARCHAR(64)`, ascii | text that sorts as the number does, see [`decimal`](super::decimal) |
//! | date | `DATE` | from the year 0 on |
//! | instant | `DATETIME(6)` | in UTC, from the year 0 on |
//!
//! An index holds 3,072 bytes of a row: two texts of 255 characters. Where more texts are in one index each is shorter. A longer
//! value is refused, never cut off, because the session is strict.
//!
//! Texts compare by a collation that takes them by their code points and lets spaces at the end count. MariaDB and MySQL have one
//! each and do not know the other's, so definitions say both in comments that only the one or the other reads.
//!
//! JSON is text here, and what the databases' functions make of it is not exact (MariaDB's read no more than 32 levels and
//! compare numbers as floats; MySQL's differ again). So a condition on JSON other than null is tested in memory, and so is equality
//! without the case of letters, of which the database decides only what it can't get wrong.

use std::borrow::Cow;

use larder_core::{Kind, Result};
use larder_query::{Bound, Op, Test, Value};
use sqlx::mysql::MySqlArguments;

use super::{Alter, Beyond, Dialect, JSON_PREFIX, decimal};
use crate::shape::Shape;
use crate::statement::Statement;

mod declared;
mod literal;

use declared::Declared;
use literal::instant_text;

/// The marker of MySQL and MariaDB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MySql;

impl Dialect for MySql {
    type Arguments = MySqlArguments;

    const MAX_BINDS: usize = 65_535;

    /// In characters, of which some have more bytes.
    const MAX_NAME: usize = 64;

    const JSON_SORTS: bool = false;
    /// An index has no more than the beginning of a `LONGTEXT`.
    const UNIQUE_JSON: bool = false;
    const LOOSE_PREFIXES: bool = true;
    const LOOKS_INTO_JSON: bool = false;
    /// MariaDB's is 0 then.
    const SUMS_FLOATS: bool = false;
    const RETURNING: bool = false;
    const ROW_VALUES: bool = false;
    const WALKS_FROM_EQUALS: bool = true;
    /// Behind the columns of every index InnoDB has those of the key.
    const KEY_IN_INDEX: bool = true;
    const ALTERS_COLUMNS: bool = true;
    const FOR_UPDATE: &'static str = " FOR UPDATE";

    fn has_instant(micros: i64) -> bool {
        // From 0000-01-01T00:00:00Z.
        micros >= -62_167_219_200_000_000
    }

    fn decides(kind: Kind, test: &Test) -> bool {
        match kind {
            Kind::Json => {
                matches!(
                    (&test.operand, test.op),
                    (Bound::One(Value::Null), Op::Eq | Op::Ne)
                )
            }
            Kind::Text => test.op != Op::EqIgnoreCase,
            _ => true,
        }
    }

    fn quote(sql: &mut String, name: &str) {
        sql.push('`');
        for (i, part) in name.split('`').enumerate() {
            if i > 0 {
                sql.push_str("``");
            }
            sql.push_str(part);
        }
        sql.push('`');
    }

    fn placeholder(sql: &mut String, _number: usize) {
        sql.push('?');
    }

    fn column_type(kind: Kind) -> &'static str {
        declared::of_kind(kind)
    }

    fn indexed_type(kind: Kind, long: usize) -> Cow<'static, str> {
        declared::in_index(kind, long)
    }

    fn is_unbounded(declared: &str) -> bool {
        Declared::of(declared).is_unbounded()
    }

    fn shape(kind: Kind, declared: &str) -> Option<Shape> {
        declared::shape(kind, declared)
    }

    fn reads(kind: Kind, declared: &str) -> bool {
        // What is written would be rounded.
        kind == Kind::Float && Declared::of(declared).is("float")
    }

    /// The counter is kept over restarts, so a key that is gone does not come again.
    const ASSIGNED_KEY: &'static str = "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY";

    fn fits_version(declared: &str) -> bool {
        declared.eq_ignore_ascii_case("BIGINT")
    }

    fn beyond(kind: Kind, declared: &str) -> Option<Beyond> {
        declared::beyond(kind, declared)
    }

    fn same_name(one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn empty(kind: Kind) -> &'static str {
        literal::empty(kind)
    }

    fn literal(kind: Kind, value: &Value) -> Option<String> {
        literal::of(kind, value)
    }

    fn bind(args: &mut MySqlArguments, kind: Kind, value: &Value) -> Result<(), &'static str> {
        match (kind, value) {
            (_, Value::Null) => add(args, None::<i64>),
            (Kind::Bool, Value::Bool(b)) => add(args, i8::from(*b)),
            (Kind::Int, Value::I64(n)) => add(args, *n),
            (Kind::Uint, Value::I64(n)) => {
                add(args, u64::try_from(*n).map_err(|_| kind.expected())?);
            }
            (Kind::Uint, Value::U64(n)) => add(args, *n),
            // A group of floats would tell -0 from 0.
            (Kind::Float, Value::F64(f)) if f.is_finite() => {
                add(args, if *f == 0.0 { 0.0 } else { *f });
            }
            (Kind::Float, Value::I64(n)) => add(args, *n as f64),
            (Kind::Float, Value::U64(n)) => add(args, *n as f64),
            (Kind::Text, Value::Text(text)) => add(args, text.as_str()),
            (Kind::Bytes, Value::Bytes(bytes)) => add(args, bytes.to_vec()),
            (Kind::Instant, Value::Instant(at)) => {
                add(
                    args,
                    instant_text(*at).ok_or("an instant from the year 0 on")?,
                );
            }
            (Kind::Date, Value::Date(day)) if day.year() >= 0 => add(args, day.to_string()),
            (Kind::Date, Value::Date(_)) => return Err("a date from the year 0 on"),
            (Kind::Uuid, Value::Uuid(uuid)) => add(args, uuid.hyphenated().to_string()),
            (Kind::Decimal, Value::Decimal(number)) => add(args, decimal::encode(*number)),
            (Kind::Json, value) => match serde_json::to_string(value) {
                Ok(text) => add(args, text),
                Err(_) => return Err(kind.expected()),
            },
            (kind, _) => return Err(kind.expected()),
        }
        Ok(())
    }

    fn estimate(_table: &str, name: &str) -> Option<String> {
        if name.contains(['\'', '\\']) {
            return None;
        }
        // 0 may be a table that was not looked at yet.
        Some(format!(
            "SELECT CAST(NULLIF(TABLE_ROWS, 0) AS SIGNED) FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{name}'"
        ))
    }

    fn sortable(sql: &mut String, _kind: Kind, column: &str) {
        sql.push_str(column);
    }

    /// Null is the least of all by itself.
    fn direction(sql: &mut String, _nullable: bool, descending: bool) {
        sql.push_str(if descending { " DESC" } else { "" });
    }

    fn index_column(sql: &mut String, kind: Kind, _nullable: bool, column: &str) {
        sql.push_str(column);
        if kind == Kind::Json {
            sql.push_str(&format!("({JSON_PREFIX})"));
        }
    }

    fn sum_of_whole(expression: &str) -> String {
        format!("CAST(SUM({expression}) AS SIGNED)")
    }

    /// What the database makes of a text without other letters than those of ASCII lets every match pass, also those with the
    /// sign for Kelvin.
    fn same_letters(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()> {
        if !text.is_ascii() {
            to.push(column).push(" IS NOT NULL");
            return Ok(());
        }
        to.push("LOWER(").push(column).push(") = ");
        to.bind(Kind::Text, &Value::from(text.to_ascii_lowercase()))?;
        Ok(())
    }

    fn has_text(sql: &mut String, column: &str, mark: &str) {
        sql.extend(["LOCATE(", mark, ", ", column, ") > 0"]);
    }

    fn ends_with(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()> {
        to.push("RIGHT(CAST(").push(column).push(" AS BINARY), ");
        to.push(&text.len().to_string()).push(") = ");
        to.bind(Kind::Bytes, &Value::bytes(text.as_bytes()))?;
        Ok(())
    }

    fn is_small(sql: &mut String, column: &str) {
        sql.extend([column, " < 9223372036854775808"]);
    }

    fn is_whole(sql: &mut String, column: &str) {
        let [low, high] = ["-9223372036854775808e0", "9223372036854775808e0"];
        sql.extend([
            column,
            " = FLOOR(",
            column,
            ") AND ",
            column,
            " >= ",
            low,
            " AND ",
            column,
            " < ",
            high,
        ]);
    }

    fn float_as_whole(sql: &mut String, column: &str) {
        sql.extend(["CAST(", column, " AS SIGNED)"]);
    }

    fn whole_parts(_kind: Kind, column: &str) -> [String; 2] {
        ["DIV", "%"].map(|op| format!("{column} {op} 10000000000"))
    }

    /// The statement that changes a row tells the number.
    fn next(sql: &mut String, version: &str) {
        sql.extend(["LAST_INSERT_ID(", version, " + 1)"]);
    }

    fn drop_index(table: &str, index: &str) -> String {
        format!("DROP INDEX {index} ON {table};")
    }

    fn alter(table: &str, what: &Alter<'_>) -> Option<String> {
        Some(match *what {
            Alter::Column {
                name,
                to,
                nullable,
                kept,
            } => {
                let null = if nullable { "NULL" } else { "NOT NULL" };
                format!("ALTER TABLE {table} MODIFY COLUMN {name} {to} {null}{kept};")
            }
            Alter::Key { columns, has_one } => {
                let drop = if has_one { "DROP PRIMARY KEY, " } else { "" };
                format!("ALTER TABLE {table} {drop}ADD PRIMARY KEY ({columns});")
            }
            Alter::Count { name } => {
                format!("ALTER TABLE {table} MODIFY COLUMN {name} BIGINT NOT NULL AUTO_INCREMENT;")
            }
        })
    }
}

/// The only encodings that can fail are of types that are not used here.
fn add<'q, T>(args: &mut MySqlArguments, value: T)
where
    T: sqlx::Encode<'q, sqlx::MySql> + sqlx::Type<sqlx::MySql>,
{
    if let Err(error) = sqlx::Arguments::add(args, value) {
        tracing::error!(%error, "a value could not be bound");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let mut sql = String::new();
        MySql::quote(&mut sql, "a`b`; DROP TABLE c");
        assert_eq!(sql, "`a``b``; DROP TABLE c`");
    }
}
