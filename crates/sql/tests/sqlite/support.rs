//! A file that goes away after the test, a model, and short forms of the store's calls.

use std::sync::Arc;

use larder_core::store::{Batch, Condition, Kept, Outcome, Write};
use larder_core::{
    Column, Index, Key, Kind, Layout, Page, Plan, Record, Result, Select, Store, Transaction,
    Version,
};
use larder_query::{Filter, Value};
use larder_sql::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;

/// A store in a folder of its own.
pub(crate) struct Place {
    pub(crate) store: SqliteStore,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn url(&self) -> String {
        url(&self.folder)
    }

    /// A connection past the store.
    pub(crate) async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.folder.path().join("test.db"))
            .connect()
            .await
            .unwrap()
    }

    /// Runs SQL past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut self.raw().await)
            .await
            .unwrap();
    }

    /// The first column of the rows of a query past the store, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut self.raw().await)
            .await
            .unwrap();
        rows.iter()
            .map(|row| row.try_get_unchecked::<String, _>(0).unwrap())
            .collect()
    }
}

pub(crate) fn url(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("test.db").display())
}

pub(crate) async fn place(models: &[Arc<Layout>]) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&url(&folder)).await.unwrap();
    store.prepare(models).await.unwrap();
    Place { store, folder }
}

pub(crate) fn column(name: &str, kind: Kind, nullable: bool) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
    }
}

pub(crate) fn layout(collection: &str, fields: Vec<Column>, indexes: Vec<Index>) -> Arc<Layout> {
    Arc::new(Layout {
        model: "Post".to_owned(),
        collection: collection.to_owned(),
        fields,
        key: 0.into(),
        indexes,
        storage: larder_core::Storage::default(),
    })
}

/// `id` text, `title` text, `likes` whole number or null; titles are unique, likes are indexed.
pub(crate) fn posts() -> Arc<Layout> {
    let fields = vec![
        column("id", Kind::Text, false),
        column("title", Kind::Text, true),
        column("likes", Kind::Int, true),
    ];
    let indexes = vec![
        Index {
            fields: vec![1],
            unique: true,
        },
        Index {
            fields: vec![2],
            unique: false,
        },
    ];
    layout("posts", fields, indexes)
}

pub(crate) const FIRST: Version = Version(1 << 20);

pub(crate) fn record(values: impl IntoIterator<Item = Value>) -> Arc<Record> {
    Arc::new(Record::new(values.into_iter().collect(), FIRST))
}

pub(crate) fn post(id: &str, title: &str, likes: i64) -> Arc<Record> {
    record([id.into(), title.into(), likes.into()])
}

pub(crate) fn insert(record: &Arc<Record>) -> Write {
    Write::Insert {
        record: Arc::clone(record),
    }
}

pub(crate) fn put(record: &Arc<Record>, kept: &[usize], when: Condition) -> Write {
    Write::Put {
        record: Arc::clone(record),
        kept: Kept(kept.into()),
        when,
        create: true,
    }
}

pub(crate) fn batch(layout: &Arc<Layout>, writes: Vec<Write>) -> Batch {
    Batch {
        layout: Arc::clone(layout),
        writes,
        returning: true,
    }
}

pub(crate) async fn write(
    store: &SqliteStore,
    layout: &Arc<Layout>,
    writes: Vec<Write>,
) -> Result<Vec<Outcome>> {
    store.write(Plan::unsealed(&batch(layout, writes))).await
}

pub(crate) async fn select(store: &SqliteStore, select: &Select) -> Page {
    store.query(Plan::unsealed(select)).await.unwrap()
}

pub(crate) async fn get(
    store: &SqliteStore,
    layout: &Arc<Layout>,
    key: impl Into<Key>,
) -> Option<Arc<Record>> {
    select(
        store,
        &Select::one(Arc::clone(layout), key.into(), Filter::True),
    )
    .await
    .rows
    .pop()
}

pub(crate) async fn begin(store: &SqliteStore) -> Result<Box<dyn Transaction>> {
    store.begin(Plan::unsealed(&())).await
}
