//! What a [`Driver`] is asked of PostgreSQL, and what a [`Pooled`] store adds.

use std::sync::Arc;

use larder_core::store::{Feed, Hears, Tells, Watch};
use larder_core::{BoxFuture, Error, Kind, Layout, Result};
use larder_query::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions, Executor, Row, TypeInfo, ValueRef};

use super::bell::Bell;
use super::errors::PostgresFault;
use super::{feed, log, look};
use crate::dialect::Postgres;
use crate::dialect::postgres::values;
use crate::driver::{Driver, Ran, run_by_sqlx, say_command};
use crate::pool::{Connections, Log, Pool, Pooled};
use crate::schema::Found;
use crate::table::Table;

impl Driver for Postgres {
    type Db = sqlx::Postgres;
    type Fault = PostgresFault;

    run_by_sqlx!();

    async fn command(conn: &mut PgConnection, sql: &'static str) -> Ran<()> {
        say_command(sql);
        // Not prepared: one round trip, for several statements too.
        conn.execute(sqlx::raw_sql(sql)).await?;
        Ok(())
    }

    fn found<'n>(
        table: &Table<Self>,
        row: &PgRow,
        place: usize,
        kind: Kind,
        name: impl FnOnce() -> &'n str,
    ) -> Result<Value> {
        let raw = row.try_get_raw(place).map_err(Error::internal)?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        let oid = raw.type_info().oid().map(|oid| oid.0);
        let bytes = raw.as_bytes().map_err(Error::internal)?;
        values::read(kind, oid, bytes).map_err(|wrong| {
            Error::internal(format!(
                "{}.{} holds what is no {kind:?}: {wrong}, as {}",
                table.name,
                name(),
                raw.type_info().name()
            ))
        })
    }

    fn whole(row: &PgRow, place: usize) -> Result<Option<i64>> {
        let raw = row.try_get_raw(place).map_err(Error::internal)?;
        if raw.is_null() {
            return Ok(None);
        }
        let number = values::whole(raw.as_bytes().map_err(Error::internal)?);
        Ok(Some(number.ok_or_else(|| {
            Error::internal("a number was expected, of 64 bits at the most")
        })?))
    }

    fn float(row: &PgRow, place: usize) -> Result<Option<f64>> {
        let raw = row.try_get_raw(place).map_err(Error::internal)?;
        if raw.is_null() {
            return Ok(None);
        }
        Ok(values::float(raw.as_bytes().map_err(Error::internal)?))
    }

    async fn look(
        conn: &mut PgConnection,
        table: &str,
    ) -> std::result::Result<Found, PostgresFault> {
        Ok(look::at(conn, table).await?)
    }
}

impl Pooled for Postgres {
    const NAME: &'static str = "postgres";

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ";

    const BEGIN_BATCH: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    const BEGIN_READS: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    const TELLS: Option<Tells> = Some(Tells {
        hears: Hears::AllProcesses,
        old_rows: true,
        resume: true,
    });

    type Beside = Bell;

    type Options = PgConnectOptions;

    async fn connect(options: &PgConnectOptions) -> Ran<PgConnection> {
        options.connect().await
    }

    async fn lock(conn: &mut PgConnection) -> Ran<()> {
        // The number is this use's own ("larder"). Building an index may take longer than a statement usually may; waiting for those
        // who use a table may not, because all others wait behind.
        Self::command(
            conn,
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; \
             SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(119216903447922)",
        )
        .await
    }

    async fn unlock(conn: &mut PgConnection, keep: bool) -> Ran<()> {
        Self::command(conn, if keep { "COMMIT" } else { "ROLLBACK" }).await
    }

    async fn log(conn: &mut PgConnection, models: &[Arc<Layout>]) -> Result<Log> {
        log::compare(conn, models).await
    }

    async fn altered(conn: &mut PgConnection) -> Ran<()> {
        Self::command(conn, log::ALTERED).await
    }

    fn keep_log(pool: &Pool<Self>) {
        pool.beside().sweep(pool.connections());
    }

    fn committed(beside: &Bell, connections: &Arc<Connections<Self>>) {
        beside.ring(connections);
    }

    fn listen<'a>(pool: &'a Pool<Self>, watch: Watch) -> BoxFuture<'a, Result<Box<dyn Feed>>> {
        Box::pin(async move {
            let connections = pool.connections();
            let options = connections.options();
            feed::listen(connections, pool.tables(), pool.beside(), options, &watch).await
        })
    }
}
