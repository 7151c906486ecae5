//! SQLite's values, and what a [`Driver`] is asked of SQLite.

use std::fmt::Display;

use larder_core::store::operand;
use larder_core::{Error, Kind, Result};
use larder_query::Value;
use sqlx::sqlite::{SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{Decode, Executor, Row, TypeInfo, ValueRef};

use super::errors::SqliteFault;
use super::look;
use crate::dialect::{self, Sqlite};
use crate::driver::{Driver, Ran, run_by_sqlx, say_command};
use crate::schema::Found;
use crate::table::Table;

impl Driver for Sqlite {
    type Db = sqlx::Sqlite;
    type Fault = SqliteFault;

    run_by_sqlx!();

    async fn command(conn: &mut SqliteConnection, sql: &'static str) -> Ran<()> {
        say_command(sql);
        conn.execute(sqlx::query(sql)).await?;
        Ok(())
    }

    fn found<'n>(
        table: &Table<Self>,
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

    fn whole(row: &SqliteRow, place: usize) -> Result<Option<i64>> {
        row.try_get_unchecked(place).map_err(Error::internal)
    }

    fn float(row: &SqliteRow, place: usize) -> Result<Option<f64>> {
        row.try_get_unchecked(place).map_err(Error::internal)
    }

    async fn look(
        conn: &mut SqliteConnection,
        table: &str,
    ) -> std::result::Result<Found, SqliteFault> {
        look::at(conn, table).await
    }
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

fn take<'r, T: Decode<'r, sqlx::Sqlite>>(
    raw: SqliteValueRef<'r>,
) -> std::result::Result<T, String> {
    T::decode(raw).map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
