//! Orders in SQLite: one connection writes, four read.

mod rows;
mod writer;

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use self::rows::TOTAL;
use self::writer::{Write, Writer};
use super::condition::Condition;
use super::model::{Put, Stored};
use super::page::{Page, Window};
use super::problem::Problem;

const READERS: u32 = 4;

// Ids are time-ordered, so rows clustered by id are appended, and a read by id is one descent of one tree.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT PRIMARY KEY NOT NULL,
        customer TEXT NOT NULL,
        title TEXT NOT NULL,
        amount INTEGER NOT NULL,
        price REAL NOT NULL,
        paid INTEGER NOT NULL,
        note TEXT,
        tags TEXT NOT NULL,
        placed INTEGER NOT NULL,
        _created INTEGER NOT NULL,
        _updated INTEGER NOT NULL,
        _version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer, id);";

const GET: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version
    FROM orders WHERE id = ?1";

const LIST: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version,
        (SELECT count(*) FROM orders WHERE customer = ?1)
    FROM orders WHERE customer = ?1 ORDER BY id LIMIT ?2 OFFSET ?3";

const LIST_AFTER: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version,
        (SELECT count(*) FROM orders WHERE customer = ?1)
    FROM orders WHERE customer = ?1 AND id > ?3 ORDER BY id LIMIT ?2";

const COUNT: &str = "SELECT count(*) FROM orders WHERE customer = ?1";

/// A handle to the database; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
}

impl Sqlite {
    /// Opens the file, made if it is not there. With `group_commit`, writes that wait together share one transaction.
    pub(super) async fn open(path: &str, group_commit: bool) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        // A connection to a file does not break by itself, so asking it each time whether it is alive only costs.
        let pool = |size| {
            SqlitePoolOptions::new()
                .min_connections(size)
                .max_connections(size)
                .test_before_acquire(false)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        sqlx::raw_sql(SCHEMA).execute(&writer).await?;
        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self {
            readers,
            writer: Writer::new(writer, group_commit),
        })
    }

    pub(super) async fn load(&self, rows: impl Iterator<Item = Stored>) -> Result<(), Problem> {
        Ok(self.writer.load(rows).await?)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(super) async fn get(&self, id: &str) -> Result<Option<Stored>, Problem> {
        let row = sqlx::query(GET)
            .bind(id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.as_ref().map(rows::read).transpose()?)
    }

    pub(super) async fn list(
        &self,
        customer: &str,
        Window {
            start,
            count,
            after,
        }: Window,
    ) -> Result<Page<Stored>, Problem> {
        let query = sqlx::query(if after.is_some() { LIST_AFTER } else { LIST })
            .bind(customer)
            .bind(i64::try_from(count).unwrap_or(i64::MAX));
        let query = match after {
            None => query.bind(i64::try_from(start).unwrap_or(i64::MAX)),
            Some(after) => query.bind(after),
        };
        let found = query.fetch_all(&self.readers).await?;
        let total: i64 = match found.first() {
            Some(row) => row.try_get(TOTAL)?,
            None if start == 0 => 0,
            // Past the end there is no row that carries the total.
            None => {
                sqlx::query_scalar(COUNT)
                    .bind(customer)
                    .fetch_one(&self.readers)
                    .await?
            }
        };
        let rows = found.iter().map(rows::read).collect::<Result<_, _>>()?;
        Ok(Page {
            rows,
            start,
            total: total.unsigned_abs(),
        })
    }

    pub(super) async fn insert(&self, order: Stored) -> Result<Stored, Problem> {
        let (order, _) = self.writer.run(Write::Insert(order)).await?;
        Ok(order)
    }

    pub(super) async fn put(
        &self,
        order: Stored,
        condition: Condition,
    ) -> Result<Option<Put<Stored>>, Problem> {
        let version = order.version;
        let created = order.created;
        let (mut order, outcome) = self.writer.run(Write::Put(order, condition)).await?;
        let Some(outcome) = outcome else {
            return Ok(None);
        };
        order.version = outcome.version;
        order.created = outcome.created;
        let is_new = outcome.version == version && outcome.created == created;
        Ok(Some(if is_new {
            Put::Created(order)
        } else {
            Put::Replaced(order)
        }))
    }
}
