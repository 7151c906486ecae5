//! Orders in MongoDB, as one writes it on the driver: a document an order, one command a request, two for a list.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::{ClientOptions, ReadConcern, ReturnDocument, WriteConcern};
use mongodb::{Client, Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

use super::condition::{Condition, Tags};
use super::model::{Put, Stored};
use super::page::{Page, Window};
use super::problem::Problem;

/// Rows of one command while loading.
const BATCH: usize = 1_000;

/// An order as it is stored. Times are microseconds, of which dates of MongoDB hold the milliseconds only.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    customer: String,
    title: String,
    amount: i64,
    price: f64,
    paid: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    tags: Vec<String>,
    placed: i64,
    #[serde(rename = "_created")]
    created: i64,
    #[serde(rename = "_updated")]
    updated: i64,
    #[serde(rename = "_version")]
    version: i64,
}

/// What a PUT has to know of the row that stands there after it.
#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(rename = "_created")]
    created: i64,
    #[serde(rename = "_version")]
    version: i64,
}

impl From<Stored> for Row {
    fn from(order: Stored) -> Self {
        Self {
            id: order.id,
            customer: order.customer,
            title: order.title,
            amount: order.amount,
            price: order.price,
            paid: order.paid,
            note: order.note,
            tags: order.tags,
            placed: order.placed.as_microsecond(),
            created: order.created.as_microsecond(),
            updated: order.updated.as_microsecond(),
            version: order.version.cast_signed(),
        }
    }
}

impl TryFrom<Row> for Stored {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            customer: row.customer,
            title: row.title,
            amount: row.amount,
            price: row.price,
            paid: row.paid,
            note: row.note,
            tags: row.tags,
            placed: time(row.placed)?,
            created: time(row.created)?,
            updated: time(row.updated)?,
            version: row.version.cast_unsigned(),
        })
    }
}

fn time(micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros).map_err(Error::custom)
}

/// A handle to the database; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Mongodb {
    db: Database,
    orders: Collection<Row>,
}

impl Mongodb {
    /// Opens the database, and makes the index of its orders if it is not there.
    pub(super) async fn open(url: &str) -> Result<Self, Error> {
        let mut options = ClientOptions::parse(url).await?;
        options.write_concern = Some(WriteConcern::majority());
        options.read_concern = Some(ReadConcern::majority());
        let client = Client::with_options(options)?;
        let db = client
            .default_database()
            .ok_or_else(|| Error::custom("the address names no database".to_owned()))?;
        let orders = db.collection("orders");
        let by_customer = doc! { "customer": 1, "_id": 1 };
        let index = IndexModel::builder().keys(by_customer).build();
        orders.create_index(index).await?;
        Ok(Self { db, orders })
    }

    pub(super) async fn load(&self, mut rows: impl Iterator<Item = Stored>) -> Result<(), Problem> {
        loop {
            let batch: Vec<Row> = rows.by_ref().take(BATCH).map(Row::from).collect();
            if batch.is_empty() {
                return Ok(());
            }
            self.orders.insert_many(batch).await?;
        }
    }

    /// Drops the database: each server of a run has one of its own.
    pub(super) async fn close(&self) -> Result<(), Error> {
        self.db.drop().await
    }

    pub(super) async fn get(&self, id: &str) -> Result<Option<Stored>, Problem> {
        let row = self.orders.find_one(doc! { "_id": id }).await?;
        Ok(row.map(Stored::try_from).transpose()?)
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
        let filter = doc! { "customer": customer };
        let total = self.orders.count_documents(filter.clone());
        let mut page = filter;
        let mut skip = start;
        if let Some(after) = after {
            page.insert("_id", doc! { "$gt": after });
            skip = 0;
        }
        let rows = async {
            let found = self
                .orders
                .find(page)
                .sort(doc! { "_id": 1 })
                .skip(skip)
                .limit(i64::try_from(count).unwrap_or(i64::MAX))
                .await?;
            found.try_collect::<Vec<Row>>().await
        };
        let (rows, total) = tokio::try_join!(rows, total.into_future())?;
        let rows = rows.into_iter().map(Stored::try_from);
        Ok(Page {
            rows: rows.collect::<Result<_, _>>()?,
            start,
            total,
        })
    }

    pub(super) async fn insert(&self, order: Stored) -> Result<Stored, Problem> {
        let row = Row::from(order);
        self.orders.insert_one(&row).await?;
        Ok(Stored::try_from(row)?)
    }

    pub(super) async fn put(
        &self,
        order: Stored,
        condition: Condition,
    ) -> Result<Option<Put<Stored>>, Problem> {
        let row = Row::from(order);
        let Some((filter, upsert)) = Self::matching(&row.id, &condition) else {
            return match self.orders.insert_one(&row).await {
                Ok(_) => Ok(Some(Put::Created(Stored::try_from(row)?))),
                Err(error) if is_taken(&error) => Ok(None),
                Err(error) => Err(error.into()),
            };
        };
        let replaced = self
            .orders
            .clone_with_type::<Outcome>()
            .find_one_and_update(filter, replacement(&row)?)
            .upsert(upsert)
            .projection(doc! { "_created": 1, "_version": 1 })
            .return_document(ReturnDocument::After)
            .await;
        let outcome = match replaced {
            Ok(Some(outcome)) => outcome,
            Ok(None) => return Ok(None),
            Err(error) if upsert && is_taken(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let is_new = outcome.version == row.version && outcome.created == row.created;
        let order = Stored::try_from(Row {
            created: outcome.created,
            version: outcome.version,
            ..row
        })?;
        Ok(Some(if is_new {
            Put::Created(order)
        } else {
            Put::Replaced(order)
        }))
    }

    /// The rows that a PUT may replace, and whether it may add one; none if it may only add.
    fn matching(id: &str, condition: &Condition) -> Option<(Document, bool)> {
        let numbers = |versions: &[u64]| -> Vec<i64> {
            versions
                .iter()
                .map(|version| version.cast_signed())
                .collect()
        };
        let mut filter = doc! { "_id": id };
        let mut versions = Document::new();
        if let Some(Tags::Versions(named)) = &condition.if_match {
            versions.insert("$in", numbers(named));
        }
        match &condition.if_none_match {
            Some(Tags::Any) => return None,
            Some(Tags::Versions(named)) => {
                versions.insert("$nin", numbers(named));
            }
            None => {}
        }
        if !versions.is_empty() {
            filter.insert("_version", versions);
        }
        Some((filter, condition.if_match.is_none()))
    }
}

/// The new row, with the old one's time of creation and next version if there is an old one.
fn replacement(row: &Row) -> Result<Vec<Document>, Error> {
    let new = mongodb::bson::serialize_to_document(row).map_err(Error::custom)?;
    let kept = doc! {
        "_created": { "$ifNull": ["$_created", row.created] },
        "_version": { "$cond": [
            { "$eq": [{ "$type": "$_version" }, "missing"] },
            row.version,
            { "$add": ["$_version", Bson::Int64(1)] },
        ] },
    };
    Ok(vec![
        doc! { "$replaceWith": { "$mergeObjects": [{ "$literal": new }, kept] } },
    ])
}

/// Whether a row with this id is there.
fn is_taken(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == 11000,
        ErrorKind::Command(error) => error.code == 11000,
        _ => false,
    }
}
