//! Rows of SQLite as records.

use std::fmt::Display;

use larder_core::store::operand;
use larder_core::{Error, Kind, Record, Result, Version};
use larder_query::Value;
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};

use crate::dialect;
use crate::table::Table;

/// The whole record of a row that was selected with [`Table::all`].
pub(crate) fn record(table: &Table<dialect::Sqlite>, row: &SqliteRow) -> Result<Record> {
    let fields = &table.layout.fields;
    let mut values = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        values.push(value(table, row, place, field.kind)?);
    }
    let counted = match table.version {
        Some(_) => number(row, fields.len())?,
        None => 0,
    };
    let version = table.layout.version_of(&values, Version(counted));
    Ok(Record::new(values, version))
}

/// The value in the column at this place of a row.
pub(crate) fn value(
    table: &Table<dialect::Sqlite>,
    row: &SqliteRow,
    place: usize,
    kind: Kind,
) -> Result<Value> {
    let name = || table.columns.get(place).map_or("?", String::as_str);
    found(table, row, place, kind, name)
}

/// The value in a column of a row, which is called like this in a table.
pub(crate) fn found<'n>(
    table: &Table<dialect::Sqlite>,
    row: &SqliteRow,
    place: usize,
    kind: Kind,
    name: impl FnOnce() -> &'n str,
) -> Result<Value> {
    let raw = row.try_get_raw(place).map_err(Error::internal)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let is_expected = !table.is_careful() || stored_as(kind, raw.type_info().name());
    let decoded = match is_expected {
        true => decode(kind, raw),
        false => Err(raw.type_info().name().to_owned()),
    };
    let decoded = match decoded {
        Ok(value) if table.is_careful() => usual(row, place, value),
        decoded => decoded,
    };
    decoded.map_err(|wrong| {
        Error::internal(format!(
            "{}.{} holds what is no {kind:?}: {wrong}",
            table.name,
            name()
        ))
    })
}

/// The whole number in the column at this place.
pub(crate) fn number(row: &SqliteRow, place: usize) -> Result<i64> {
    row.try_get_unchecked(place).map_err(Error::internal)
}

/// The whole number in the column at this place; none for NULL.
pub(crate) fn whole(row: &SqliteRow, place: usize) -> Result<Option<i64>> {
    row.try_get_unchecked(place).map_err(Error::internal)
}

/// The float in the column at this place; none for NULL.
pub(crate) fn float(row: &SqliteRow, place: usize) -> Result<Option<f64>> {
    row.try_get_unchecked(place).map_err(Error::internal)
}

/// Refuses another spelling than larder's own: filters and keys would not find it.
fn usual(row: &SqliteRow, place: usize, value: Value) -> std::result::Result<Value, String> {
    let raw = || row.try_get_raw(place).map_err(text);
    let ours = match &value {
        Value::Uuid(uuid) => take::<&str>(raw()?)? == uuid.hyphenated().to_string(),
        Value::Date(day) => take::<&str>(raw()?)? == day.to_string(),
        Value::Bool(_) => matches!(take::<i64>(raw()?)?, 0 | 1),
        _ => true,
    };
    ours.then_some(value)
        .ok_or_else(|| "another spelling than larder's".to_owned())
}

/// Whether a value of a kind is stored like this: SQLite lets every column hold everything, and converts in silence.
fn stored_as(kind: Kind, class: &str) -> bool {
    match kind {
        Kind::Bool | Kind::Int | Kind::Instant => class == "INTEGER",
        Kind::Uint => matches!(class, "INTEGER" | "TEXT"),
        Kind::Float => matches!(class, "REAL" | "INTEGER"),
        Kind::Text | Kind::Date | Kind::Uuid | Kind::Json | Kind::Decimal => class == "TEXT",
        Kind::Bytes => class == "BLOB",
    }
}

fn decode(kind: Kind, raw: SqliteValueRef<'_>) -> std::result::Result<Value, String> {
    Ok(match kind {
        Kind::Uint if raw.type_info().name() == "TEXT" => {
            Value::from(take::<&str>(raw)?.parse::<u64>().map_err(text)?)
        }
        Kind::Int | Kind::Uint => Value::I64(take(raw)?),
        Kind::Text => Value::Text(take::<&str>(raw)?.into()),
        Kind::Bool => Value::Bool(take::<i64>(raw)? != 0),
        Kind::Float => Value::F64(take(raw)?),
        Kind::Instant => {
            let micros = take(raw)?;
            Value::Instant(operand::instant(micros).ok_or_else(|| micros.to_string())?)
        }
        Kind::Json => serde_json::from_str(take(raw)?).map_err(text)?,
        Kind::Uuid => Value::Uuid(uuid::Uuid::try_parse(take(raw)?).map_err(text)?),
        Kind::Date => Value::Date(take::<&str>(raw)?.parse().map_err(text)?),
        Kind::Bytes => Value::Bytes(take::<&[u8]>(raw)?.into()),
        Kind::Decimal => {
            let stored: &str = take(raw)?;
            Value::Decimal(dialect::decimal::decode(stored).ok_or_else(|| stored.to_owned())?)
        }
    })
}

fn take<'r, T: Decode<'r, Sqlite>>(raw: SqliteValueRef<'r>) -> std::result::Result<T, String> {
    T::decode(raw).map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
