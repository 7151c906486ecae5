//! The one connection that writes: a statement at a time, or all that wait in one transaction.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::rows;
use crate::hand::condition::{Condition, Tags};
use crate::hand::model::Stored;

/// Writes that may share a transaction, and that may wait for one.
const GROUP: usize = 256;
/// Rows of one transaction while loading.
const BATCH: usize = 1_000;

const INSERT: &str = "
    INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

macro_rules! upsert {
    ($when:literal) => {
        concat!(
            "INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, title = excluded.title, amount = excluded.amount,
                price = excluded.price, paid = excluded.paid, note = excluded.note, tags = excluded.tags,
                placed = excluded.placed, _updated = excluded._updated, _version = _version + 1",
            $when,
            " RETURNING _created, _version"
        )
    };
}

const PUT: &str = upsert!("");
const PUT_UNLESS: &str = upsert!(" WHERE _version NOT IN (SELECT value FROM json_each(?13))");
const PUT_NEW: &str = "
    INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (id) DO NOTHING RETURNING _created, _version";
const PUT_OLD: &str = "
    UPDATE orders SET customer = ?2, title = ?3, amount = ?4, price = ?5, paid = ?6, note = ?7, tags = ?8, placed = ?9,
        _updated = ?11, _version = _version + 1
    WHERE id = ?1
        AND (?13 IS NULL OR _version IN (SELECT value FROM json_each(?13)))
        AND (?14 IS NULL OR _version NOT IN (SELECT value FROM json_each(?14)))
    RETURNING _created, _version";

/// A write to carry out.
#[derive(Debug)]
pub(super) enum Write {
    Insert(Stored),
    Put(Stored, Condition),
}

/// What stands in the row after a PUT.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) created: Timestamp,
    pub(super) version: u64,
}

/// The order that was to be written, and what became of it; `None` where the condition did not hold.
pub(super) type Written = Result<(Stored, Option<Outcome>), sqlx::Error>;

/// Where writes go.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pool: SqlitePool,
    group: Option<mpsc::Sender<(Write, oneshot::Sender<Written>)>>,
}

impl Writer {
    pub(super) fn new(pool: SqlitePool, group_commit: bool) -> Self {
        let group = group_commit.then(|| {
            let (sender, receiver) = mpsc::channel(GROUP);
            tokio::spawn(commit_groups(pool.clone(), receiver));
            sender
        });
        Self { pool, group }
    }

    pub(super) async fn run(&self, write: Write) -> Written {
        let Some(group) = &self.group else {
            let outcome = apply(&mut *self.pool.acquire().await?, &write).await?;
            return Ok((write.into_order(), outcome));
        };
        let (sender, receiver) = oneshot::channel();
        group
            .send((write, sender))
            .await
            .map_err(|_| sqlx::Error::WorkerCrashed)?;
        receiver.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    pub(super) async fn load(
        &self,
        mut orders: impl Iterator<Item = Stored>,
    ) -> Result<(), sqlx::Error> {
        loop {
            let batch: Vec<Stored> = orders.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            let mut transaction = self.pool.begin().await?;
            for order in &batch {
                rows::bind(sqlx::query(INSERT), order)?
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Write {
    fn into_order(self) -> Stored {
        match self {
            Self::Insert(order) | Self::Put(order, _) => order,
        }
    }
}

/// Takes what waits, writes it in one transaction and answers when that is on the disk.
async fn commit_groups(
    pool: SqlitePool,
    mut waiting: mpsc::Receiver<(Write, oneshot::Sender<Written>)>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut outcomes = Vec::with_capacity(group.len());
        let committed = commit(&pool, &group, &mut outcomes).await;
        outcomes.resize_with(group.len(), || Err(sqlx::Error::WorkerCrashed));
        for ((write, answer), outcome) in group.drain(..).zip(outcomes) {
            let written = match (&committed, outcome) {
                (Ok(()), outcome) => outcome.map(|outcome| (write.into_order(), outcome)),
                (Err(_), Err(error)) => Err(error),
                (Err(error), Ok(_)) => Err(sqlx::Error::Protocol(error.to_string())),
            };
            // Whoever asked may have gone away.
            let _ = answer.send(written);
        }
    }
}

async fn commit(
    pool: &SqlitePool,
    group: &[(Write, oneshot::Sender<Written>)],
    outcomes: &mut Vec<Result<Option<Outcome>, sqlx::Error>>,
) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for (write, _) in group {
        outcomes.push(apply(&mut transaction, write).await);
    }
    transaction.commit().await
}

async fn apply(
    connection: &mut SqliteConnection,
    write: &Write,
) -> Result<Option<Outcome>, sqlx::Error> {
    let query = match write {
        Write::Insert(order) => {
            rows::bind(sqlx::query(INSERT), order)?
                .execute(connection)
                .await?;
            return Ok(None);
        }
        Write::Put(order, condition) if condition.is_empty() => {
            rows::bind(sqlx::query(PUT), order)?
        }
        Write::Put(order, condition) => match (&condition.if_match, &condition.if_none_match) {
            (Some(_), Some(Tags::Any)) => return Ok(None),
            (Some(tags), unless) => rows::bind(sqlx::query(PUT_OLD), order)?
                .bind(json(Some(tags)))
                .bind(json(unless.as_ref())),
            (None, Some(Tags::Any) | None) => rows::bind(sqlx::query(PUT_NEW), order)?,
            (None, unless) => {
                rows::bind(sqlx::query(PUT_UNLESS), order)?.bind(json(unless.as_ref()))
            }
        },
    };
    // All rows, not the first: the statement commits when it has run to its end, and an error of that must be seen.
    let written = query.fetch_all(connection).await?;
    written
        .first()
        .map(|row| {
            Ok(Outcome {
                created: rows::time(row.try_get(0)?)?,
                version: row.try_get::<i64, _>(1)?.unsigned_abs(),
            })
        })
        .transpose()
}

/// The versions as a JSON array, or nothing for a header that is absent or `*`.
fn json(tags: Option<&Tags>) -> Option<String> {
    match tags? {
        Tags::Any => None,
        Tags::Versions(versions) => Some(serde_json::to_string(versions).unwrap_or_default()),
    }
}
