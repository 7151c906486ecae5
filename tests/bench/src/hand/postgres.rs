//! Orders in PostgreSQL: a pool of connections, one statement a request.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgPool, PgPoolOptions, PgRow, PgTypeInfo, PgValueRef,
};
use sqlx::query::Query;
use sqlx::{Decode, Encode, Row, Type};

use super::condition::{Condition, Tags};
use super::model::{Put, Stored};
use super::page::{Page, Window};
use super::problem::Problem;

/// As many as larder opens.
const CONNECTIONS: u32 = 16;

const SCHEMA: &str = r#"
    CREATE TABLE IF NOT EXISTS orders (
        id TEXT COLLATE "C" PRIMARY KEY,
        customer TEXT COLLATE "C" NOT NULL,
        title TEXT COLLATE "C" NOT NULL,
        amount BIGINT NOT NULL,
        price DOUBLE PRECISION NOT NULL,
        paid BOOLEAN NOT NULL,
        note TEXT COLLATE "C",
        tags JSON NOT NULL,
        placed TIMESTAMPTZ NOT NULL,
        _created TIMESTAMPTZ NOT NULL,
        _updated TIMESTAMPTZ NOT NULL,
        _version BIGINT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer, id);"#;

const GET: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version
    FROM orders WHERE id = $1";

const LIST: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version,
        (SELECT count(*) FROM orders WHERE customer = $1)
    FROM orders WHERE customer = $1 ORDER BY id LIMIT $2 OFFSET $3";

const LIST_AFTER: &str = "
    SELECT id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version,
        (SELECT count(*) FROM orders WHERE customer = $1)
    FROM orders WHERE customer = $1 AND id > $3 ORDER BY id LIMIT $2";

const COUNT: &str = "SELECT count(*) FROM orders WHERE customer = $1";

const INSERT: &str = "
    INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

macro_rules! upsert {
    ($when:literal) => {
        concat!(
            "INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, title = excluded.title, amount = excluded.amount,
                price = excluded.price, paid = excluded.paid, note = excluded.note, tags = excluded.tags,
                placed = excluded.placed, _updated = excluded._updated, _version = orders._version + 1",
            $when,
            " RETURNING _created, _version"
        )
    };
}

const PUT: &str = upsert!("");
const PUT_UNLESS: &str = upsert!(" WHERE orders._version <> ALL ($13)");
const PUT_NEW: &str = "
    INSERT INTO orders (id, customer, title, amount, price, paid, note, tags, placed, _created, _updated, _version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (id) DO NOTHING RETURNING _created, _version";
const PUT_OLD: &str = "
    UPDATE orders SET customer = $2, title = $3, amount = $4, price = $5, paid = $6, note = $7, tags = $8, placed = $9,
        _updated = $11, _version = _version + 1
    WHERE id = $1 AND $10 IS NOT NULL AND $12 IS NOT NULL
        AND ($13 IS NULL OR _version = ANY ($13))
        AND ($14 IS NULL OR _version <> ALL ($14))
    RETURNING _created, _version";

/// A handle to the database; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Postgres(PgPool);

impl Postgres {
    pub(super) async fn open(url: &str) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .min_connections(CONNECTIONS)
            .max_connections(CONNECTIONS)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect(url)
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self(pool))
    }

    pub(super) async fn load(&self, rows: impl Iterator<Item = Stored>) -> Result<(), Problem> {
        let mut transaction = self.0.begin().await?;
        for order in rows {
            let query = bind(sqlx::query(INSERT), &order)?;
            query.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }

    pub(super) async fn get(&self, id: &str) -> Result<Option<Stored>, Problem> {
        let row = sqlx::query(GET).bind(id).fetch_optional(&self.0).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    pub(super) async fn list(
        &self,
        customer: &str,
        window: Window,
    ) -> Result<Page<Stored>, Problem> {
        let text = if window.after.is_some() {
            LIST_AFTER
        } else {
            LIST
        };
        let query = sqlx::query(text)
            .bind(customer)
            .bind(i64::try_from(window.count).unwrap_or(i64::MAX));
        let query = match window.after {
            None => query.bind(i64::try_from(window.start).unwrap_or(i64::MAX)),
            Some(after) => query.bind(after),
        };
        let found = query.fetch_all(&self.0).await?;
        let total: i64 = match found.first() {
            Some(row) => row.try_get(12)?,
            None if window.start == 0 => 0,
            // Past the end there is no row that carries the total.
            None => {
                sqlx::query_scalar(COUNT)
                    .bind(customer)
                    .fetch_one(&self.0)
                    .await?
            }
        };
        Ok(Page {
            rows: found.iter().map(read).collect::<Result<_, _>>()?,
            start: window.start,
            total: total.unsigned_abs(),
        })
    }

    pub(super) async fn insert(&self, order: Stored) -> Result<Stored, Problem> {
        bind(sqlx::query(INSERT), &order)?.execute(&self.0).await?;
        Ok(order)
    }

    pub(super) async fn put(
        &self,
        mut order: Stored,
        condition: Condition,
    ) -> Result<Option<Put<Stored>>, Problem> {
        let Condition {
            if_match,
            if_none_match,
        } = condition;
        let versions = |tags: Option<Tags>| match tags {
            Some(Tags::Versions(versions)) => Some(
                versions
                    .into_iter()
                    .map(u64::cast_signed)
                    .collect::<Vec<i64>>(),
            ),
            _ => None,
        };
        let query = match (if_match, if_none_match) {
            (None, None) => bind(sqlx::query(PUT), &order)?,
            (None, Some(Tags::Any)) => bind(sqlx::query(PUT_NEW), &order)?,
            (None, unless) => bind(sqlx::query(PUT_UNLESS), &order)?.bind(versions(unless)),
            (Some(_), Some(Tags::Any)) => return Ok(None),
            (only, unless) => bind(sqlx::query(PUT_OLD), &order)?
                .bind(versions(only))
                .bind(versions(unless)),
        };
        let Some(row) = query.fetch_optional(&self.0).await? else {
            return Ok(None);
        };
        let (version, created) = (order.version, order.created);
        order.created = row.try_get::<Time, _>(0)?.0;
        order.version = row.try_get::<i64, _>(1)?.unsigned_abs();
        let is_new = order.version == version && order.created == created;
        Ok(Some(if is_new {
            Put::Created(order)
        } else {
            Put::Replaced(order)
        }))
    }
}

fn read(row: &PgRow) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        id: row.try_get(0)?,
        customer: row.try_get(1)?,
        title: row.try_get(2)?,
        amount: row.try_get(3)?,
        price: row.try_get(4)?,
        paid: row.try_get(5)?,
        note: row.try_get(6)?,
        tags: row.try_get::<TagList, _>(7)?.0,
        placed: row.try_get::<Time, _>(8)?.0,
        created: row.try_get::<Time, _>(9)?.0,
        updated: row.try_get::<Time, _>(10)?.0,
        version: row.try_get::<i64, _>(11)?.unsigned_abs(),
    })
}

type Bound<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// Binds `$1` to `$12`.
fn bind<'q>(query: Bound<'q>, order: &'q Stored) -> Result<Bound<'q>, sqlx::Error> {
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
        .bind(Json(tags))
        .bind(Time(order.placed))
        .bind(Time(order.created))
        .bind(Time(order.updated))
        .bind(order.version.cast_signed()))
}

/// JSON text; sqlx's own type would come with a crate of its own.
struct Json(String);

impl Type<sqlx::Postgres> for Json {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(114))
    }
}

impl Encode<'_, sqlx::Postgres> for Json {
    fn encode_by_ref(&self, to: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        to.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// A list of texts in JSON.
struct TagList(Vec<String>);

impl Type<sqlx::Postgres> for TagList {
    fn type_info() -> PgTypeInfo {
        Json::type_info()
    }
}

impl<'r> Decode<'r, sqlx::Postgres> for TagList {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(serde_json::from_slice(value.as_bytes()?)?))
    }
}

/// An instant in microseconds.
struct Time(Timestamp);

/// 2000-01-01 in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

impl Type<sqlx::Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl Encode<'_, sqlx::Postgres> for Time {
    fn encode_by_ref(&self, to: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        to.extend_from_slice(&(self.0.as_microsecond() - EPOCH).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, sqlx::Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Self(Timestamp::from_microsecond(micros + EPOCH)?))
    }
}
