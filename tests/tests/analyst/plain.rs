//! The same question in SQL, and answers side by side.

use std::path::Path;

use serde_json::{Map, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{Column, ConnectOptions, Row, TypeInfo, ValueRef};

/// What an answer looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Objects; a column called `a.b` is `b` inside `a`.
    Objects,
    /// The values of one column.
    Values,
    /// One value.
    One,
}

/// A connection of its own to the file.
pub(crate) struct Plain(SqliteConnection);

impl Plain {
    pub(crate) async fn open(file: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        Self(options.connect().await.unwrap())
    }

    /// What SQL finds, as the JSON of that form.
    pub(crate) async fn answer(&mut self, sql: &'static str, form: Form) -> Value {
        let rows = sqlx::query(sql).fetch_all(&mut self.0).await;
        let rows = rows.unwrap_or_else(|error| panic!("{error} in {sql}"));
        match form {
            Form::Objects => rows.iter().map(object).collect(),
            Form::Values => rows.iter().map(|row| value(row, 0)).collect(),
            Form::One => rows.first().map(|row| value(row, 0)).unwrap_or_default(),
        }
    }
}

fn object(row: &SqliteRow) -> Value {
    let mut object = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        let value = value(row, at);
        match column.name().split_once('.') {
            None => {
                object.insert(column.name().to_owned(), value);
            }
            Some((link, field)) => {
                let inner = object
                    .entry(link)
                    .or_insert_with(|| Value::Object(Map::new()));
                inner[field] = value;
            }
        }
    }
    Value::Object(object)
}

fn value(row: &SqliteRow, at: usize) -> Value {
    let raw = row.try_get_raw(at).unwrap();
    if raw.is_null() {
        return Value::Null;
    }
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" => row.get::<i64, _>(at).into(),
        "REAL" => row.get::<f64, _>(at).into(),
        "TEXT" => row.get::<String, _>(at).into(),
        other => panic!("a column of {other}"),
    }
}

/// Whether two answers are the same, but for the last digits of what floats add up to.
pub(crate) fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else {
                return a == b;
            };
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        _ => one == other,
    }
}

/// Whether an answer says anything.
pub(crate) fn tells(answer: &Value) -> bool {
    match answer {
        Value::Null => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}
