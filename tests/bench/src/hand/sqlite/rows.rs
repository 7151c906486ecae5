//! Rows to orders and back. Columns are read by place: the statements list them all, in this order.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};

use crate::hand::model::Stored;

/// The place of the total in a row of a list, after the order's own columns.
pub(super) const TOTAL: usize = 12;

/// A statement with the twelve columns of an order bound.
pub(super) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

pub(super) fn read(row: &SqliteRow) -> Result<Stored, sqlx::Error> {
    let tags: &str = row.try_get(7)?;
    Ok(Stored {
        id: row.try_get(0)?,
        customer: row.try_get(1)?,
        title: row.try_get(2)?,
        amount: row.try_get(3)?,
        price: row.try_get(4)?,
        paid: row.try_get(5)?,
        note: row.try_get(6)?,
        tags: serde_json::from_str(tags).map_err(|error| sqlx::Error::Decode(error.into()))?,
        placed: time(row.try_get(8)?)?,
        created: time(row.try_get(9)?)?,
        updated: time(row.try_get(10)?)?,
        version: row.try_get::<i64, _>(11)?.unsigned_abs(),
    })
}

/// Binds `?1` to `?12`.
pub(super) fn bind<'q>(query: Bound<'q>, order: &'q Stored) -> Result<Bound<'q>, sqlx::Error> {
    let tags =
        serde_json::to_string(&order.tags).map_err(|error| sqlx::Error::Encode(error.into()))?;
    Ok(query
        .bind(order.id.as_str())
        .bind(order.customer.as_str())
        .bind(order.title.as_str())
        .bind(order.amount)
        .bind(order.price)
        .bind(order.paid)
        .bind(order.note.as_deref())
        .bind(tags)
        .bind(order.placed.as_microsecond())
        .bind(order.created.as_microsecond())
        .bind(order.updated.as_microsecond())
        .bind(order.version.cast_signed()))
}

pub(super) fn time(micros: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_microsecond(micros).map_err(|error| sqlx::Error::Decode(error.into()))
}
