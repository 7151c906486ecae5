//! Loads the flights into a new SQLite file and prints what that cost: `load larder|hand ROWS_A_STATEMENT FLIGHTS.csv NEW.db`.
//!
//! `hand` is what one writes with sqlx and typed structs: the same driver, settings, columns, indexes and batches of 500 in a
//! transaction each, without any check of the values. The file is read before the clock starts, for both.
#![allow(
    clippy::print_stdout,
    reason = "the figures are for whoever started it"
)]

use std::error::Error;
use std::fs::File;

use flights::models::Flight;
use flights::tables;
use larder::Key;
use larder_bench::cpu;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, Sqlite};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const BATCH: usize = 500;

const INSERT: &str = "
    INSERT INTO flights (id, year, month, day, dep_time, sched_dep_time, dep_delay, arr_time, sched_arr_time, arr_delay,
        carrier, flight, tailnum, origin, dest, air_time, distance, hour, minute, time_hour, _version) VALUES ";
const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, rows, csv, db] = arguments.as_slice() else {
        return Err("load larder|hand ROWS_A_STATEMENT FLIGHTS.csv NEW.db".into());
    };
    let flights: Vec<Flight> = tables::read(File::open(csv)?).collect::<larder::Result<_>>()?;
    let seconds = match how.as_str() {
        "larder" => by_larder(&flights, db).await?,
        _ => by_hand(&flights, db, rows.parse()?).await?,
    };
    println!("{} {seconds}", flights.len());
    Ok(())
}

async fn by_larder(flights: &[Flight], db: &str) -> Result<f64> {
    let store = larder::store::open(&format!("sqlite:{db}")).await?;
    let app = flights::app(store).await?;
    let session = app.as_system("load");
    let before = cpu::seconds()?;
    for batch in flights.chunks(BATCH) {
        session.create_many(batch).await?;
    }
    let seconds = cpu::seconds()? - before;
    match session.count::<Flight>().await? {
        there if there == flights.len() as u64 => Ok(seconds),
        there => Err(format!("{there} flights are there").into()),
    }
}

async fn by_hand(flights: &[Flight], db: &str, rows: usize) -> Result<f64> {
    // Table and indexes are what larder makes of the model.
    let store = larder::store::open(&format!("sqlite:{db}")).await?;
    drop(flights::app(store).await?);
    let mut connection = SqliteConnectOptions::new()
        .filename(db)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-8192")
        .pragma("temp_store", "memory")
        .disable_statement_logging()
        .connect()
        .await?;
    let text = |rows: usize| {
        AssertSqlSafe(format!("{INSERT}{}", vec![ROW; rows].join(", "))).into_sql_str()
    };
    let many = text(rows);
    let before = cpu::seconds()?;
    for batch in flights.chunks(BATCH) {
        let mut transaction = connection.begin().await?;
        for some in batch.chunks(rows) {
            let sql = if some.len() == rows {
                many.clone()
            } else {
                text(some.len())
            };
            let version = jiff::Timestamp::now().as_microsecond() << 8;
            let query = some.iter().fold(sqlx::query(sql), |query, flight| {
                bind(query, flight, version)
            });
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    let seconds = cpu::seconds()? - before;
    let there: i64 = sqlx::query_scalar("SELECT count(*) FROM flights")
        .fetch_one(&mut connection)
        .await?;
    match there {
        there if there == flights.len() as i64 => Ok(seconds),
        there => Err(format!("{there} flights are there").into()),
    }
}

fn text(key: &Key) -> Option<&str> {
    key.value().as_str()
}

fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    flight: &'q Flight,
    version: i64,
) -> Query<'q, Sqlite, SqliteArguments> {
    query
        .bind(flight.id.as_str())
        .bind(flight.year)
        .bind(flight.month)
        .bind(flight.day)
        .bind(flight.dep_time)
        .bind(flight.sched_dep_time)
        .bind(flight.dep_delay)
        .bind(flight.arr_time)
        .bind(flight.sched_arr_time)
        .bind(flight.arr_delay)
        .bind(text(flight.carrier.key()))
        .bind(flight.flight)
        .bind(flight.tailnum.as_ref().and_then(|plane| text(plane.key())))
        .bind(text(flight.origin.key()))
        .bind(text(flight.dest.key()))
        .bind(flight.air_time)
        .bind(flight.distance)
        .bind(flight.hour)
        .bind(flight.minute)
        .bind(flight.time_hour.as_microsecond())
        .bind(version)
}
