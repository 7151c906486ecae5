//! SQLite's ways.
//!
//! | kind | declared | stored |
//! | --- | --- | --- |
//! | bool | `INTEGER` | 0 or 1 |
//! | int | `INTEGER` | the number |
//! | uint | none | up to 2^63-1 the number, above that 20 digits of text |
//! | float | `REAL` | the number |
//! | text, uuid, date, json | `TEXT` | text; UUIDs hyphenated in lower case, dates ISO 8601, JSON as its text |
//! | bytes | `BLOB` | the bytes |
//! | decimal | `TEXT` | text that sorts as the number does, see [`decimal`] |
//! | instant | `INTEGER` | microseconds since 1970 |
//!
//! A column without a declared type has no affinity, so that SQLite converts nothing in it; and SQLite orders every number
//! before every text. So large unsigned numbers sort after the small ones, and among themselves by their digits.
//!
//! Two collations are registered with each connection. `larder_lower` compares texts by their Unicode lower-case letters
//! (SQLite's own `lower()` knows ASCII only), `larder_json` compares JSON texts by content. They are used in queries only,
//! never in the definition of a table or an index, so any other program can read and write the file.

use std::cmp::Ordering;

use larder_core::store::FieldChange;
use larder_core::{Kind, Result};
use larder_query::Value;
use sqlx::Arguments;
use sqlx::sqlite::SqliteArguments;

use super::{Dialect, JsonFamily, decimal};
use crate::schema::ddl::INDEX_PREFIX;
use crate::shape::Shape;
use crate::statement::Statement;

/// The marker of SQLite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sqlite;

/// The name of the collation that compares by lower-case letters.
pub(crate) const LOWER: &str = "larder_lower";
/// The name of the collation that compares JSON by content.
pub(crate) const JSON: &str = "larder_json";

/// What SQLite makes of a declared type: section 3.1 of its "Datatypes In SQLite".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

impl Affinity {
    fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        if has(&["INT"]) {
            Self::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if has(&["BLOB"]) || declared.is_empty() {
            Self::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Numeric
        }
    }
}

impl Dialect for Sqlite {
    type Arguments = SqliteArguments;

    const MAX_BINDS: usize = 32_766;

    // SQLite sets no limit of its own.
    const MAX_NAME: usize = usize::MAX;

    const JSON_SORTS: bool = true;

    // A condition on no table would be tested on every row.
    const LIMIT_IS_QUERY: bool = true;

    const ALTERS_COLUMNS: bool = false;

    /// Without it SQLite 3.51 makes an `EXISTS` a join, which it leaves after the first match, unless an `OFFSET` passes the row over: that
    /// counts each match as a row.
    const ONE_IS_ENOUGH: &'static str = " LIMIT 1";

    // Whoever may write is alone.
    const FOR_UPDATE: &'static str = "";

    fn quote(sql: &mut String, name: &str) {
        sql.push('"');
        for (i, part) in name.split('"').enumerate() {
            if i > 0 {
                sql.push_str("\"\"");
            }
            sql.push_str(part);
        }
        sql.push('"');
    }

    fn placeholder(sql: &mut String, _number: usize) {
        sql.push('?');
    }

    fn column_type(kind: Kind) -> &'static str {
        match kind {
            Kind::Bool | Kind::Int | Kind::Instant => "INTEGER",
            Kind::Uint => "",
            Kind::Float => "REAL",
            Kind::Text | Kind::Date | Kind::Uuid | Kind::Json | Kind::Decimal => "TEXT",
            Kind::Bytes => "BLOB",
        }
    }

    /// `AUTOINCREMENT`, because links may point to a record that is gone: its key must not come again.
    const ASSIGNED_KEY: &'static str = "INTEGER PRIMARY KEY AUTOINCREMENT";

    fn shape(kind: Kind, declared: &str) -> Option<Shape> {
        let affinity = Affinity::of(declared);
        let fits = match kind {
            Kind::Bool | Kind::Int | Kind::Instant => {
                matches!(affinity, Affinity::Integer | Affinity::Numeric)
            }
            // Anything else would turn the largest numbers into floats.
            Kind::Uint => declared.is_empty(),
            Kind::Float => matches!(affinity, Affinity::Real | Affinity::Numeric),
            // A text that looks like a number would become one.
            Kind::Text | Kind::Json | Kind::Decimal => affinity == Affinity::Text,
            Kind::Date | Kind::Uuid => matches!(affinity, Affinity::Text | Affinity::Numeric),
            Kind::Bytes => affinity == Affinity::Blob,
        };
        fits.then(Shape::default)
    }

    fn reads(_kind: Kind, declared: &str) -> bool {
        matches!(Affinity::of(declared), Affinity::Blob | Affinity::Numeric)
    }

    /// What is committed stands in temporary tables for a while, which would hide a table of the same name; the names of indexes are
    /// among those of tables.
    fn is_own(table: &str) -> bool {
        let table = table.to_ascii_lowercase();
        table.starts_with("larder_told_") || table.starts_with(INDEX_PREFIX)
    }

    fn same_name(one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn empty(kind: Kind) -> &'static str {
        match kind {
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Instant => "0",
            Kind::Float => "0.0",
            Kind::Text | Kind::Date | Kind::Uuid => "''",
            Kind::Bytes => "x''",
            // The number 0, as `dialect::decimal` writes it.
            Kind::Decimal => "'p010'",
            Kind::Json => "'null'",
        }
    }

    fn bind(
        args: &mut SqliteArguments,
        kind: Kind,
        value: &Value,
    ) -> std::result::Result<(), &'static str> {
        match (kind, value) {
            (_, Value::Null) => add(args, None::<i64>),
            (Kind::Bool, Value::Bool(b)) => add(args, i64::from(*b)),
            (Kind::Int, Value::I64(n)) => add(args, *n),
            (Kind::Uint, Value::I64(n)) if *n >= 0 => add(args, *n),
            (Kind::Uint, Value::U64(n)) => match i64::try_from(*n) {
                Ok(n) => add(args, n),
                Err(_) => add(args, format!("{n:020}")),
            },
            (Kind::Float, Value::F64(f)) if f.is_finite() => add(args, *f),
            (Kind::Float, Value::I64(n)) => add(args, *n as f64),
            (Kind::Float, Value::U64(n)) => add(args, *n as f64),
            (Kind::Text, Value::Text(text)) => add(args, Box::<str>::from(text.as_str())),
            (Kind::Bytes, Value::Bytes(bytes)) => add(args, bytes.to_vec()),
            (Kind::Instant, Value::Instant(at)) => add(args, at.as_microsecond()),
            (Kind::Date, Value::Date(day)) if day.year() >= 0 => add(args, day.to_string()),
            (Kind::Date, Value::Date(_)) => return Err("a date from the year 0 on"),
            (Kind::Uuid, Value::Uuid(uuid)) => add(args, uuid_text(*uuid)),
            (Kind::Decimal, Value::Decimal(number)) => add(args, decimal::encode(*number)),
            (Kind::Json, value) => match json_of(value) {
                Some(text) => add(args, text),
                None => return Err(kind.expected()),
            },
            (kind, _) => return Err(kind.expected()),
        }
        Ok(())
    }

    fn literal(kind: Kind, value: &Value) -> Option<String> {
        let quoted =
            |text: &str| (!text.contains('\0')).then(|| format!("'{}'", text.replace('\'', "''")));
        match (kind, value) {
            (_, Value::Null) => Some("NULL".to_owned()),
            (Kind::Bool, Value::Bool(b)) => Some(i64::from(*b).to_string()),
            (Kind::Int | Kind::Uint, Value::I64(n)) => Some(n.to_string()),
            (Kind::Uint, Value::U64(n)) => Some(match i64::try_from(*n) {
                Ok(n) => n.to_string(),
                Err(_) => format!("'{n:020}'"),
            }),
            (Kind::Float, Value::F64(f)) if f.is_finite() => Some(format!("{f:?}")),
            (Kind::Float, Value::I64(n)) => Some(format!("{n}.0")),
            (Kind::Float, Value::U64(n)) => Some(format!("{n}.0")),
            (Kind::Text, Value::Text(text)) => quoted(text),
            (Kind::Bytes, Value::Bytes(bytes)) => Some(super::hex(bytes)),
            (Kind::Instant, Value::Instant(at)) => Some(at.as_microsecond().to_string()),
            (Kind::Date, Value::Date(day)) if day.year() >= 0 => quoted(&day.to_string()),
            (Kind::Uuid, Value::Uuid(uuid)) => quoted(&uuid_text(*uuid)),
            (Kind::Decimal, Value::Decimal(number)) => quoted(&decimal::encode(*number)),
            (Kind::Json, value) => quoted(&json_of(value)?),
            _ => None,
        }
    }

    fn sortable(sql: &mut String, kind: Kind, column: &str) {
        sql.push_str(column);
        if kind == Kind::Json {
            sql.push_str(" COLLATE ");
            sql.push_str(JSON);
        }
    }

    fn direction(sql: &mut String, _nullable: bool, descending: bool) {
        sql.push_str(if descending { " DESC" } else { "" });
    }

    fn index_column(sql: &mut String, _kind: Kind, _nullable: bool, column: &str) {
        sql.push_str(column);
    }

    fn same_letters(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()> {
        to.push(column)
            .push(" = ")
            .bind(Kind::Text, &Value::from(text))?
            .push(" COLLATE ")
            .push(LOWER);
        Ok(())
    }

    fn has_text(sql: &mut String, column: &str, mark: &str) {
        sql.extend(["instr(", column, ", ", mark, ") > 0"]);
    }

    fn ends_with(to: &mut Statement<Self>, column: &str, text: &str) -> Result<()> {
        // On a blob `substr` counts bytes and does not stop at a zero byte; a shorter blob comes back whole.
        to.push("substr(CAST(")
            .push(column)
            .push(" AS BLOB), -")
            .push(&text.len().to_string())
            .push(") = ")
            .bind(Kind::Bytes, &Value::bytes(text.as_bytes()))?;
        Ok(())
    }

    fn json_same(sql: &mut String, column: &str, mark: &str) {
        sql.extend([column, " = ", mark, " COLLATE ", JSON]);
    }

    fn json_is(sql: &mut String, column: &str, family: JsonFamily) {
        let test = match family {
            JsonFamily::Bool => " IN ('true', 'false')",
            JsonFamily::Number => " IN ('integer', 'real')",
            JsonFamily::Text => " = 'text'",
            JsonFamily::Array => " = 'array'",
        };
        sql.extend(["json_type(", column, ")", test]);
    }

    fn json_order(sql: &mut String, column: &str, op: &str, mark: &str, _: Option<JsonFamily>) {
        sql.extend([column, " ", op, " ", mark, " COLLATE ", JSON]);
    }

    fn json_text(column: &str) -> String {
        format!("({column} ->> '$')")
    }

    fn json_at(sql: &mut String, column: &str, mark: &str) {
        sql.extend(["NULLIF(", column, " -> ", mark, ", 'null')"]);
    }

    fn json_each(sql: &mut String, column: &str, name: &str) {
        sql.extend(["json_each(", column, ") AS ", name]);
    }

    fn json_is_element(sql: &mut String, name: &str) {
        // Members of objects have text there, a value by itself has nothing.
        sql.extend(["typeof(", name, ".key) = 'integer'"]);
    }

    fn json_element(column: &str, name: &str) -> String {
        format!("NULLIF({column} -> {name}.fullkey, 'null')")
    }

    fn json_size(sql: &mut String, column: &str) {
        sql.extend(["json_array_length(", column, ")"]);
    }

    fn json_number(sql: &mut String, column: &str, place: usize) {
        // Text sorts after every number.
        sql.extend(["(", column, " ->> '$[", &place.to_string(), "]')"]);
    }

    fn is_small(sql: &mut String, column: &str) {
        sql.extend(["typeof(", column, ") = 'integer'"]);
    }

    fn is_whole(sql: &mut String, column: &str) {
        // The cast cuts off, and stops at the ends of 64 bits; numbers of both sorts compare exactly.
        sql.extend([column, " = CAST(", column, " AS INTEGER)"]);
    }

    fn float_as_whole(sql: &mut String, column: &str) {
        sql.extend(["CAST(", column, " AS INTEGER)"]);
    }

    fn whole_parts(kind: Kind, column: &str) -> [String; 2] {
        if kind == Kind::Uint {
            // The large ones are 20 digits of text.
            let part = |small: &str, digits: &str| {
                format!(
                    "CASE typeof({column}) WHEN 'integer' THEN {column} {small} 10000000000 \
                     ELSE CAST(substr({column}, {digits}) AS INTEGER) END"
                )
            };
            return [part("/", "1, 10"), part("%", "11")];
        }
        ["/", "%"].map(|op| format!("{column} {op} 10000000000"))
    }

    fn can_add(kind: Kind, amount: &Value) -> bool {
        match (kind, amount) {
            // Of the least number there is no positive one.
            (Kind::Int | Kind::Uint, Value::I64(number)) => *number != i64::MIN,
            (Kind::Float, amount) => amount.as_f64().is_some_and(f64::is_finite),
            _ => false,
        }
    }

    fn sum_fits(kind: Kind, column: &str, amount: &Value, mark: &str) -> (String, Value) {
        let is_null = format!("{column} IS NULL");
        let is_whole = format!("typeof({column}) = 'integer'");
        match (kind, amount) {
            (Kind::Float, amount) => (
                // A literal beyond all floats is infinite.
                format!(
                    "({is_null} OR typeof({column}) IN ('real', 'integer')) AND abs(COALESCE({column}, 0) + {mark}) < 9e999"
                ),
                amount.clone(),
            ),
            // SQLite would turn a sum that is out of range into a float.
            (_, Value::I64(number @ 0..)) => (
                format!("({is_null} OR {is_whole} AND {column} <= {mark})"),
                Value::I64(i64::MAX - number),
            ),
            (Kind::Int, Value::I64(number)) => (
                format!("({is_null} OR {is_whole} AND {column} >= {mark})"),
                Value::I64(i64::MIN - number),
            ),
            // What is below 0 after it, and the large ones that are text, are for the memory.
            (_, amount) => (
                format!("{is_whole} AND {column} >= {mark}"),
                Value::I64(amount.as_i64().map_or(i64::MAX, i64::saturating_neg)),
            ),
        }
    }

    fn can_change_list(change: &FieldChange) -> bool {
        match change {
            // A function takes 127 arguments.
            FieldChange::Push(items) => (1..=60).contains(&items.len()),
            FieldChange::SetItem(place, _) | FieldChange::RemoveItem(place) => {
                i64::try_from(*place).is_ok()
            }
            // It would look for each element from the beginning of the list, while everybody waits for the one writer.
            _ => false,
        }
    }

    fn changed_list(to: &mut Statement<Self>, column: &str, change: &FieldChange) -> Result<()> {
        let path = |place: &usize| Value::from(format!("$[{place}]"));
        match change {
            FieldChange::Push(items) => {
                to.push("json_insert(COALESCE(")
                    .push(column)
                    .push(", '[]')");
                for item in items {
                    to.push(", '$[#]', json(").bind(Kind::Json, item)?.push(")");
                }
                to.push(")");
            }
            FieldChange::SetItem(place, item) => {
                to.push("json_set(").push(column).push(", ");
                to.bind(Kind::Text, &path(place))?.push(", json(");
                to.bind(Kind::Json, item)?.push("))");
            }
            FieldChange::RemoveItem(place) => {
                to.push("json_remove(").push(column).push(", ");
                to.bind(Kind::Text, &path(place))?.push(")");
            }
            _ => {
                to.push(column);
            }
        }
        Ok(())
    }

    fn list_fits(
        to: &mut Statement<Self>,
        column: &str,
        change: &FieldChange,
        most: usize,
    ) -> Result<()> {
        let is_short = |to: &mut Statement<Self>| -> Result<()> {
            if change.adds() {
                to.push(" AND length(CAST(").push(column);
                to.push(" AS BLOB)) <= ").bind_size(most)?;
            }
            Ok(())
        };
        match change {
            FieldChange::SetItem(place, _) | FieldChange::RemoveItem(place) => {
                Self::json_is(&mut to.sql, column, JsonFamily::Array);
                is_short(to)?;
                to.push(" AND ");
                Self::json_size(&mut to.sql, column);
                to.push(" > ")
                    .bind_number(i64::try_from(*place).unwrap_or(i64::MAX))?;
            }
            _ => {
                to.push("(").push(column).push(" IS NULL OR ");
                Self::json_is(&mut to.sql, column, JsonFamily::Array);
                is_short(to)?;
                to.push(")");
            }
        }
        Ok(())
    }

    fn json_has(sql: &mut String, column: &str, mark: &str) {
        // `->` gives the element's own text, so that numbers beyond SQLite's own are compared exactly.
        sql.extend([
            "EXISTS (SELECT 1 FROM json_each(",
            column,
            ") AS larder_each WHERE ",
            column,
        ]);
        let end = Self::ONE_IS_ENOUGH;
        sql.extend([
            " -> larder_each.fullkey = ",
            mark,
            " COLLATE ",
            JSON,
            end,
            ")",
        ]);
    }
}

/// The only encodings that can fail are of types that are not used here.
fn add<'q, T>(args: &mut SqliteArguments, value: T)
where
    T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    if let Err(error) = args.add(value) {
        tracing::error!(%error, "a value could not be bound");
    }
}

fn json_of(value: &Value) -> Option<String> {
    serde_json::to_string(value).ok()
}

fn uuid_text(uuid: uuid::Uuid) -> String {
    uuid.hyphenated().to_string()
}

/// The collation [`LOWER`].
pub(crate) fn compare_lower(a: &str, b: &str) -> Ordering {
    let lower = |text| str::chars(text).flat_map(char::to_lowercase);
    lower(a).cmp(lower(b))
}

/// The collation [`JSON`]. Text that is no JSON sorts after all that is, by its bytes.
pub(crate) fn compare_json(a: &str, b: &str) -> Ordering {
    match (
        serde_json::from_str::<Value>(a),
        serde_json::from_str::<Value>(b),
    ) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
