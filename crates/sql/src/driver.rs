//! What talks to a database: running statements, reading rows, telling faults apart. The one place where SQL text is declared
//! safe.
//!
//! [`read`](crate::read), [`batch`](crate::batch), [`finish`](crate::finish) and [`prepare`](crate::prepare) are written once over
//! a [`Driver`]; what a store adds is where its connections come from.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use larder_core::{Error, Kind, Layout, Result};
use larder_query::Value;
use sqlx::{AssertSqlSafe, Database, SqlSafeStr, SqlStr};

use crate::dialect::Dialect;
use crate::schema::Found;
use crate::table::Table;

/// A connection of a driver.
pub(crate) type Conn<D> = <<D as Driver>::Db as Database>::Connection;
/// A row of a driver.
pub(crate) type Row<D> = <<D as Driver>::Db as Database>::Row;
/// What the driver itself says of a call.
pub(crate) type Ran<T> = std::result::Result<T, sqlx::Error>;

/// A database that sqlx speaks to. The calls that run statements come from [`run_by_sqlx`].
pub(crate) trait Driver: Dialect + fmt::Debug {
    /// sqlx's name of it.
    type Db: Database;
    /// What its faults mean.
    type Fault: Fault;

    /// Runs a statement; all rows.
    fn all(
        conn: &mut Conn<Self>,
        sql: SqlStr,
        args: Self::Arguments,
    ) -> impl Future<Output = Ran<Vec<Row<Self>>>> + Send;

    /// Runs a statement; the first row.
    fn first(
        conn: &mut Conn<Self>,
        sql: SqlStr,
        args: Self::Arguments,
    ) -> impl Future<Output = Ran<Option<Row<Self>>>> + Send;

    /// Runs a statement; the rows as they come.
    fn stream(
        conn: &mut Conn<Self>,
        sql: SqlStr,
        args: Self::Arguments,
    ) -> BoxStream<'_, Ran<Row<Self>>>;

    /// Runs a statement of a write to its end: only then is it committed where it stands outside a transaction.
    fn write(
        conn: &mut Conn<Self>,
        sql: SqlStr,
        args: Self::Arguments,
        persistent: bool,
    ) -> impl Future<Output = Ran<Done<Self>>> + Send;

    /// Runs a statement that takes and returns nothing, such as `COMMIT`.
    fn command(conn: &mut Conn<Self>, sql: &'static str) -> impl Future<Output = Ran<()>> + Send;

    /// Runs a statement of `prepare`, which will not come again.
    fn once(conn: &mut Conn<Self>, sql: String)
    -> impl Future<Output = Ran<Vec<Row<Self>>>> + Send;

    /// The value in a column of a row, which is called like this in a table.
    fn found<'n>(
        table: &Table<Self>,
        row: &Row<Self>,
        place: usize,
        kind: Kind,
        name: impl FnOnce() -> &'n str,
    ) -> Result<Value>;

    /// The whole number in the column at this place; none for NULL.
    fn whole(row: &Row<Self>, place: usize) -> Result<Option<i64>>;

    /// The float in the column at this place; none for NULL.
    fn float(row: &Row<Self>, place: usize) -> Result<Option<f64>>;

    /// What a statement of a write tells beside how many rows it changed: the key that a new row was given, or the
    /// [`next`](Dialect::next) version. 0 of databases that return rows instead.
    fn told(_result: &<Self::Db as Database>::QueryResult) -> u64 {
        0
    }

    /// Finds out more about a fault, with the connection that had it.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn explain(
        _conn: &mut Conn<Self>,
        _table: &Table<Self>,
        fault: Self::Fault,
    ) -> impl Future<Output = Self::Fault> + Send {
        std::future::ready(fault)
    }

    /// The table or view with this name as it stands, without columns if there is none.
    fn look(
        conn: &mut Conn<Self>,
        table: &str,
    ) -> impl Future<Output = std::result::Result<Found, Self::Fault>> + Send;
}

/// The whole number in the column at this place.
pub(crate) fn number<D: Driver>(row: &Row<D>, place: usize) -> Result<i64> {
    D::whole(row, place)?.ok_or_else(|| Error::internal("NULL where a number was expected"))
}

/// A fault of a driver, which several waiting writers may have to hear of.
pub(crate) trait Fault:
    From<sqlx::Error> + Clone + fmt::Debug + Send + Sync + 'static
{
    /// The error for the caller. The layout tells the fields' names.
    fn into_error(self, layout: &Layout) -> Error;

    /// The error for the caller, where no constraint of a table can be at fault.
    fn into_plain(self) -> Error;

    /// Whether the transaction that the statement was in can't go on.
    fn ends_transaction(&self) -> bool;

    /// Whether the connection itself can't be used any more.
    fn ends_connection(&self) -> bool;

    /// Whether the same batch may succeed when it is run again.
    #[allow(dead_code, reason = "only stores with a pool run one again")]
    fn is_conflict(&self) -> bool;

    /// Whether the key of a new record is taken, and not another unique value. Asked where statements return no rows.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn is_taken_key(&self, _layout: &Layout) -> bool {
        false
    }
}

/// Why a read failed.
#[derive(Debug)]
pub(crate) enum Failed<F> {
    /// The database.
    Database(F),
    /// Something else.
    Other(Error),
}

impl<F: Fault> From<sqlx::Error> for Failed<F> {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl<F> From<Error> for Failed<F> {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl<F: Fault> Failed<F> {
    /// The error for the caller.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Database(fault) => fault.into_plain(),
            Self::Other(error) => error,
        }
    }

    /// The error for the caller of a write. The layout tells the fields' names.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn into_error_of(self, layout: &Layout) -> Error {
        match self {
            Self::Database(fault) => fault.into_error(layout),
            Self::Other(error) => error,
        }
    }
}

/// What one statement of a write did.
pub(crate) struct Done<D: Driver> {
    /// The row it returned.
    pub(crate) row: Option<Row<D>>,
    /// How many rows it changed.
    pub(crate) changed: u64,
    /// What it [told](Driver::told).
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres")),
        allow(dead_code, reason = "SQLite returns rows")
    )]
    pub(crate) told: u64,
}

impl<D: Driver> Default for Done<D> {
    fn default() -> Self {
        Self {
            row: None,
            changed: 0,
            told: 0,
        }
    }
}

impl<D: Driver> fmt::Debug for Done<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No row: it holds values.
        f.debug_struct("Done")
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

/// Declares a text safe. All texts come from the modules under [`statement`](crate::statement) and from `prepare`, which
/// bind every value and quote every name.
pub(crate) fn safe(sql: String) -> SqlStr {
    say(&sql);
    AssertSqlSafe(sql).into_sql_str()
}

/// The same for a text that is kept.
pub(crate) fn kept(sql: &Arc<str>) -> SqlStr {
    say(sql);
    AssertSqlSafe(Arc::clone(sql)).into_sql_str()
}

/// Tells whoever wants to see the statements. They hold no values.
fn say(sql: &str) {
    tracing::trace!(target: "larder::sql", sql);
}

/// The same for a [command](Driver::command), which is no statement that could be explained.
pub(crate) fn say_command(sql: &str) {
    tracing::trace!(target: "larder::sql", command = sql);
}

/// The calls of a [`Driver`] that are the same whichever database sqlx speaks to.
macro_rules! run_by_sqlx {
    () => {
        async fn all(
            conn: &mut $crate::driver::Conn<Self>,
            sql: sqlx::SqlStr,
            args: Self::Arguments,
        ) -> $crate::driver::Ran<Vec<$crate::driver::Row<Self>>> {
            sqlx::Executor::fetch_all(conn, sqlx::query_with(sql, args)).await
        }

        async fn first(
            conn: &mut $crate::driver::Conn<Self>,
            sql: sqlx::SqlStr,
            args: Self::Arguments,
        ) -> $crate::driver::Ran<Option<$crate::driver::Row<Self>>> {
            sqlx::Executor::fetch_optional(conn, sqlx::query_with(sql, args)).await
        }

        fn stream(
            conn: &mut $crate::driver::Conn<Self>,
            sql: sqlx::SqlStr,
            args: Self::Arguments,
        ) -> futures_util::stream::BoxStream<'_, $crate::driver::Ran<$crate::driver::Row<Self>>> {
            sqlx::Executor::fetch(conn, sqlx::query_with(sql, args))
        }

        async fn write(
            conn: &mut $crate::driver::Conn<Self>,
            sql: sqlx::SqlStr,
            args: Self::Arguments,
            persistent: bool,
        ) -> $crate::driver::Ran<$crate::driver::Done<Self>> {
            let query = sqlx::query_with(sql, args).persistent(persistent);
            let mut done = $crate::driver::Done::default();
            let mut stream = sqlx::Executor::fetch_many(conn, query);
            while let Some(step) = futures_util::TryStreamExt::try_next(&mut stream).await? {
                match step {
                    sqlx::Either::Left(result) => {
                        done.changed = result.rows_affected();
                        done.told = Self::told(&result);
                    }
                    sqlx::Either::Right(row) => done.row = Some(row),
                }
            }
            Ok(done)
        }

        async fn once(
            conn: &mut $crate::driver::Conn<Self>,
            sql: String,
        ) -> $crate::driver::Ran<Vec<$crate::driver::Row<Self>>> {
            let query = sqlx::query($crate::driver::safe(sql)).persistent(false);
            sqlx::Executor::fetch_all(conn, query).await
        }
    };
}
pub(crate) use run_by_sqlx;
