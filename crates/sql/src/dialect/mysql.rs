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

use jiff::Timestamp;
use larder_core::{Kind, Result};
use larder_query::{Bound, Op, Test, Value};
use sqlx::mysql::MySqlArguments;

use super::{Alter, Dialect, decimal};
use crate::statement::Statement;

/// The marker of MySQL and MariaDB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MySql;

/// What a definition says of a text's characters and their order.
macro_rules! utf8 {
    ($type:literal) => {
        concat!(
            $type,
            " CHARACTER SET utf8mb4 COLLATE /*M! utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */"
        )
    };
}

macro_rules! ascii {
    ($type:literal) => {
        concat!($type, " CHARACTER SET ascii COLLATE ascii_bin")
    };
}

/// Texts of any length.
const TEXT: &str = utf8!("LONGTEXT");

/// The most characters of a text in an index that has up to three.
const INDEXED: usize = 255;

/// Characters that fit into an index: of 3,072 bytes, at four bytes each, with 200 left for what is no text.
const INDEX_ROOM: usize = 718;

impl MySql {
    /// A column's type in the words that [`Dialect::column_type`] uses, out of what the database says of it: `bigint(20)` and
    /// no collation, or `varchar(255)` and `utf8mb4_nopad_bin`.
    pub(crate) fn declared(
        column_type: &str,
        charset: Option<&str>,
        collation: Option<&str>,
    ) -> String {
        let lower = column_type.to_ascii_lowercase();
        let whole = ["bigint", "int", "mediumint", "smallint", "tinyint"];
        if lower == "tinyint(1)" {
            return lower;
        }
        if let Some(base) = whole
            .into_iter()
            .find(|base| lower.starts_with(&format!("{base}(")))
        {
            // The width for display says nothing.
            let behind = lower.split_once(')').map_or("", |(_, behind)| behind);
            return format!("{base}{behind}");
        }
        match (charset, collation) {
            (Some("utf8mb4"), Some(collation)) if is_exact(collation) => {
                format!("{lower}{}", &TEXT["LONGTEXT".len()..])
            }
            (Some(charset), Some(collation)) => {
                format!("{lower} CHARACTER SET {charset} COLLATE {collation}")
            }
            _ => lower,
        }
    }
}

/// Whether a collation takes texts by their code points and lets spaces at the end count.
fn is_exact(collation: &str) -> bool {
    ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"].contains(&collation)
}

/// A declared type, taken apart.
struct Declared<'a> {
    /// `varchar`, `bigint`.
    base: &'a str,
    /// What stands in parentheses, if that is a number.
    length: Option<usize>,
    unsigned: bool,
    /// Whether its texts are compared exactly as larder wants it.
    exact: bool,
    /// Whether its texts are compared by their bytes, spaces at the end apart.
    binary: bool,
}

impl<'a> Declared<'a> {
    fn of(declared: &'a str) -> Self {
        let end = declared.find(['(', ' ']).unwrap_or(declared.len());
        let (base, rest) = declared.split_at(end);
        let inside = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        Self {
            base,
            length: inside.and_then(|(length, _)| length.parse().ok()),
            unsigned: rest.contains(" unsigned"),
            exact: rest.ends_with(&TEXT["LONGTEXT".len()..]),
            binary: rest.ends_with("_bin") || rest.ends_with("*/"),
        }
    }

    fn is_whole(&self) -> bool {
        ["tinyint", "smallint", "mediumint", "int", "bigint"].contains(&self.base)
    }

    /// Whether it holds texts, each as it is: `CHAR` takes away spaces at the end.
    fn is_text(&self) -> bool {
        ["varchar", "tinytext", "text", "mediumtext", "longtext"].contains(&self.base)
    }

    /// Whether an index would take no more than the beginning of its values.
    fn is_unbounded(&self) -> bool {
        self.base.ends_with("text") || self.base.ends_with("blob")
    }

    fn is_long(&self, least: usize) -> bool {
        ["char", "varchar"].contains(&self.base)
            && self.length.is_some_and(|length| length >= least)
    }
}

impl Dialect for MySql {
    type Arguments = MySqlArguments;

    const MAX_BINDS: usize = 65_535;

    /// In characters, of which some have more bytes.
    const MAX_NAME: usize = 64;

    const JSON_SORTS: bool = false;
    const LOOKS_INTO_JSON: bool = false;
    /// MariaDB's is 0 then.
    const SUMS_FLOATS: bool = false;
    const RETURNING: bool = false;
    const ROW_VALUES: bool = false;
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

    /// A text, or bytes, in an index with so many of them.
    fn indexed_type(kind: Kind, long: usize) -> Cow<'static, str> {
        let length = INDEXED.min(INDEX_ROOM / long.max(1));
        match kind {
            Kind::Text => Cow::Owned(format!("VARCHAR({length}){}", &TEXT["LONGTEXT".len()..])),
            Kind::Bytes => Cow::Owned(format!("VARBINARY({length})")),
            kind => Cow::Borrowed(Self::column_type(kind)),
        }
    }

    fn is_unbounded(declared: &str) -> bool {
        Declared::of(&declared.to_ascii_lowercase()).is_unbounded()
    }

    fn column_type(kind: Kind) -> &'static str {
        match kind {
            Kind::Bool => "TINYINT(1)",
            Kind::Int => "BIGINT",
            Kind::Uint => "BIGINT UNSIGNED",
            Kind::Float => "DOUBLE",
            Kind::Text | Kind::Json => TEXT,
            Kind::Bytes => "LONGBLOB",
            Kind::Uuid => ascii!("CHAR(36)"),
            Kind::Decimal => ascii!("VARCHAR(64)"),
            Kind::Date => "DATE",
            Kind::Instant => "DATETIME(6)",
        }
    }

    /// The counter is kept over restarts, so a key that is gone does not come again.
    const ASSIGNED_KEY: &'static str = "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY";

    /// A narrow column fits: what it can't hold it refuses, and what it holds it gives back as it was.
    fn fits(kind: Kind, declared: &str) -> bool {
        let lower = declared.to_ascii_lowercase();
        let of = Declared::of(&lower);
        // The lower-cased comment of the collation.
        let exact = Declared::of(declared).exact;
        match kind {
            Kind::Bool => of.base == "tinyint",
            Kind::Int => of.is_whole() && !(of.base == "bigint" && of.unsigned),
            Kind::Uint => of.is_whole(),
            Kind::Float => of.base == "double",
            Kind::Text => of.is_text() && exact,
            // Conditions on it are not the database's, so its collation is no matter.
            Kind::Json => of.base == "json" || of.is_text() && lower.contains("utf8mb4"),
            Kind::Bytes => {
                ["varbinary", "tinyblob", "blob", "mediumblob", "longblob"].contains(&of.base)
            }
            // All are written in one way, whose signs every collation has in one order.
            Kind::Uuid => of.is_long(36),
            Kind::Decimal => of.base == "varchar" && of.is_long(44) && of.binary,
            Kind::Date => of.base == "date",
            // With fewer digits it would round.
            Kind::Instant => ["datetime", "timestamp"].contains(&of.base) && of.length == Some(6),
        }
    }

    fn fits_version(declared: &str) -> bool {
        declared.eq_ignore_ascii_case("BIGINT")
    }

    fn is_untyped(_declared: &str) -> bool {
        false
    }

    fn same_name(one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn empty(kind: Kind) -> &'static str {
        match kind {
            Kind::Bool | Kind::Int | Kind::Uint => "0",
            Kind::Float => "0e0",
            Kind::Text => "('')",
            Kind::Bytes => "(x'')",
            Kind::Uuid => "'00000000-0000-0000-0000-000000000000'",
            // The number 0, as `dialect::decimal` writes it.
            Kind::Decimal => "'p010'",
            Kind::Date => "'1970-01-01'",
            Kind::Instant => "'1970-01-01 00:00:00'",
            Kind::Json => "('null')",
        }
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

    /// In parentheses where MySQL takes no bare literal as a default.
    fn literal(kind: Kind, value: &Value) -> Option<String> {
        Some(match (kind, value) {
            (_, Value::Null) => "NULL".to_owned(),
            (Kind::Bool, Value::Bool(b)) => i64::from(*b).to_string(),
            (Kind::Int | Kind::Uint, Value::I64(n)) => n.to_string(),
            (Kind::Uint, Value::U64(n)) => n.to_string(),
            // With an exponent it is read as a float and not as a decimal number.
            (Kind::Float, Value::F64(f)) if f.is_finite() => format!("{f:e}"),
            (Kind::Float, Value::I64(n)) => format!("{n}e0"),
            (Kind::Float, Value::U64(n)) => format!("{n}e0"),
            (Kind::Text, Value::Text(text)) => format!("({})", quoted(text)?),
            (Kind::Bytes, Value::Bytes(bytes)) => format!("({})", super::hex(bytes)),
            (Kind::Instant, Value::Instant(at)) => format!("'{}'", instant_text(*at)?),
            (Kind::Date, Value::Date(day)) if day.year() >= 0 => format!("'{day}'"),
            (Kind::Uuid, Value::Uuid(uuid)) => format!("'{}'", uuid.hyphenated()),
            (Kind::Decimal, Value::Decimal(number)) => format!("'{}'", decimal::encode(*number)),
            (Kind::Json, value) => format!("({})", quoted(&serde_json::to_string(value).ok()?)?),
            _ => return None,
        })
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
            sql.push_str("(64)");
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
            Alter::Column { name, to, nullable } => {
                let null = if nullable { "NULL" } else { "NOT NULL" };
                format!("ALTER TABLE {table} MODIFY COLUMN {name} {to} {null};")
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

/// A text between quotes. Backslashes mean something in some sessions and not in others, so a text with one is written in bytes.
fn quoted(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    if text.contains('\\') {
        return Some(format!(
            "CONVERT({} USING utf8mb4)",
            super::hex(text.as_bytes())
        ));
    }
    Some(format!("'{}'", text.replace('\'', "''")))
}

/// An instant in UTC as MySQL writes it; none before the year 0.
fn instant_text(at: Timestamp) -> Option<String> {
    let at = jiff::tz::TimeZone::UTC.to_datetime(at);
    (at.year() >= 0).then(|| {
        let (date, time) = (at.date(), at.time());
        let micros = time.subsec_nanosecond() / 1_000;
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{date} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the catalogue says of a column, for both databases.
    fn declared(column_type: &str, collation: Option<&str>) -> String {
        let charset = collation.and_then(|collation| collation.split('_').next());
        MySql::declared(column_type, charset, collation)
    }

    #[test]
    fn own_columns_are_known_again() {
        for collation in ["utf8mb4_nopad_bin", "utf8mb4_0900_bin"] {
            let long = declared("longtext", Some(collation));
            assert!(
                long.eq_ignore_ascii_case(MySql::column_type(Kind::Text)),
                "{long}"
            );
            let short = declared("varchar(255)", Some(collation));
            assert!(
                short.eq_ignore_ascii_case(&MySql::indexed_type(Kind::Text, 2)),
                "{short}"
            );
        }
        // With a width for display in MariaDB, without one in MySQL.
        for (kind, texts) in [
            (Kind::Int, ["bigint(20)", "bigint"]),
            (Kind::Uint, ["bigint(20) unsigned", "bigint unsigned"]),
            (Kind::Bool, ["tinyint(1)", "tinyint(1)"]),
            (Kind::Instant, ["datetime(6)", "datetime(6)"]),
        ] {
            for text in texts {
                let found = declared(text, None);
                assert!(
                    found.eq_ignore_ascii_case(MySql::column_type(kind)),
                    "{found}"
                );
                assert!(MySql::fits(kind, &found), "{found}");
            }
        }
        let uuid = declared("char(36)", Some("ascii_bin"));
        assert!(
            uuid.eq_ignore_ascii_case(MySql::column_type(Kind::Uuid)),
            "{uuid}"
        );
    }

    #[test]
    fn columns_of_others_fit_or_not() {
        let general = Some("utf8mb4_general_ci");
        for (kind, text, collation, fits) in [
            (Kind::Text, "varchar(80)", Some("utf8mb4_nopad_bin"), true),
            (Kind::Text, "varchar(80)", general, false),
            // It takes `a ` for `a`.
            (Kind::Text, "text", Some("utf8mb4_bin"), false),
            (Kind::Text, "char(80)", Some("utf8mb4_nopad_bin"), false),
            (Kind::Json, "longtext", Some("utf8mb4_bin"), true),
            (Kind::Json, "json", None, true),
            (Kind::Json, "text", Some("latin1_swedish_ci"), false),
            (Kind::Uuid, "char(36)", general, true),
            (Kind::Uuid, "char(32)", general, false),
            (Kind::Int, "int(10) unsigned", None, true),
            (Kind::Int, "bigint(20) unsigned", None, false),
            (Kind::Int, "decimal(10,0)", None, false),
            (Kind::Uint, "mediumint(8)", None, true),
            (Kind::Float, "float", None, false),
            (Kind::Instant, "datetime", None, false),
            (Kind::Instant, "timestamp(6)", None, true),
            (Kind::Bytes, "binary(16)", None, false),
            (Kind::Bytes, "varbinary(16)", None, true),
            (Kind::Decimal, "decimal(10,2)", None, false),
        ] {
            let found = declared(text, collation);
            assert_eq!(MySql::fits(kind, &found), fits, "{kind:?} in {found}");
        }
        assert!(MySql::fits_version("bigint") && !MySql::fits_version("int"));
    }

    #[test]
    fn indexes_have_room_for_their_texts() {
        for texts in 1..10 {
            let declared = MySql::indexed_type(Kind::Text, texts).to_lowercase();
            let length = Declared::of(&declared).length.unwrap();
            assert!(length * 4 * texts <= 2_872, "{texts} of {length}");
        }
        assert!(MySql::indexed_type(Kind::Text, 2).starts_with("VARCHAR(255)"));
        assert_eq!(MySql::indexed_type(Kind::Int, 2), "BIGINT");
    }

    #[test]
    fn literals_mean_the_same_in_every_session() {
        let literal = |kind, value: Value| MySql::literal(kind, &value);
        assert_eq!(literal(Kind::Text, "it's".into()).unwrap(), "('it''s')");
        assert_eq!(
            literal(Kind::Text, "a\\b".into()).unwrap(),
            "(CONVERT(x'615c62' USING utf8mb4))"
        );
        assert_eq!(literal(Kind::Text, "a\0".into()), None);
        assert_eq!(literal(Kind::Float, Value::F64(0.1)).unwrap(), "1e-1");
        let instant = Value::Instant("2024-02-29T23:59:59.1234567Z".parse().unwrap());
        assert_eq!(
            literal(Kind::Instant, instant).unwrap(),
            "'2024-02-29 23:59:59.123456'"
        );
        let early = Value::Instant("-000001-12-31T23:59:59Z".parse().unwrap());
        assert_eq!(literal(Kind::Instant, early), None);
    }

    #[test]
    fn names_are_quoted() {
        let mut sql = String::new();
        MySql::quote(&mut sql, "a`b`; DROP TABLE c");
        assert_eq!(sql, "`a``b``; DROP TABLE c`");
    }
}
