//! A store on a schema of its own, a model, and short forms of the store's calls.

use std::sync::Arc;

use larder_core::store::{Batch, Condition, FieldChange, Outcome, Write};
use larder_core::{
    Column, Index, Key, Kind, Layout, Page, Plan, Record, Result, Select, Store, Version,
};
use larder_query::{Filter, Value};
use larder_sql::PostgresStore;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::schema::Schema;

/// A store, and the schema that it is in.
pub(crate) struct Place {
    pub(crate) store: Arc<PostgresStore>,
    pub(crate) schema: Schema,
}

impl Place {
    /// Runs SQL past the store.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut conn = self.schema.raw().await;
        let run = conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
        run.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The first column of the rows of a query past the store, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let mut conn = self.schema.raw().await;
        let rows = conn.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let text = |row: &sqlx::postgres::PgRow| row.try_get_unchecked::<String, _>(0).unwrap();
        rows.iter().map(text).collect()
    }

    pub(crate) async fn end(self) {
        drop(self.store);
        self.schema.drop().await;
    }
}

/// A place with these models; none without a server.
pub(crate) async fn place(models: &[Arc<Layout>]) -> Option<Place> {
    let server = larder_tests::server("TEST_POSTGRES_URL")?;
    let schema = Schema::create(&server).await;
    let store = PostgresStore::open(&schema.url()).await.unwrap();
    store.prepare(models).await.unwrap();
    Some(Place {
        store: Arc::new(store),
        schema,
    })
}

pub(crate) fn column(name: &str, kind: Kind, nullable: bool) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
    }
}

pub(crate) fn layout(collection: &str, fields: Vec<Column>, indexes: Vec<Index>) -> Layout {
    Layout {
        model: "Post".to_owned(),
        collection: collection.to_owned(),
        fields,
        key: 0.into(),
        indexes,
        storage: larder_core::Storage::default(),
    }
}

pub(crate) fn index(fields: &[usize], unique: bool) -> Index {
    Index {
        fields: fields.to_vec(),
        unique,
    }
}

/// `id` text, `title` text, `likes` whole number, `doc` JSON; titles are unique, likes are indexed.
pub(crate) fn posts() -> Arc<Layout> {
    let fields = vec![
        column("id", Kind::Text, false),
        column("title", Kind::Text, true),
        column("likes", Kind::Int, true),
        column("doc", Kind::Json, true),
    ];
    let indexes = vec![index(&[1], true), index(&[2], false)];
    Arc::new(layout("posts", fields, indexes))
}

pub(crate) const FIRST: Version = Version(1 << 20);

pub(crate) fn record(values: impl IntoIterator<Item = Value>) -> Arc<Record> {
    Arc::new(Record::new(values.into_iter().collect(), FIRST))
}

pub(crate) fn post(id: &str, title: &str, likes: i64) -> Arc<Record> {
    record([id.into(), title.into(), likes.into(), Value::Null])
}

pub(crate) fn insert(record: Arc<Record>) -> Write {
    Write::Insert { record }
}

pub(crate) fn update(id: &str, field: usize, value: impl Into<Value>, when: Condition) -> Write {
    Write::Update {
        key: id.into(),
        changes: vec![(field, FieldChange::Set(value.into()))],
        when,
    }
}

pub(crate) async fn write(
    store: &dyn Store,
    layout: &Arc<Layout>,
    writes: Vec<Write>,
) -> Result<Vec<Outcome>> {
    let batch = Batch {
        layout: Arc::clone(layout),
        writes,
        returning: true,
    };
    store.write(Plan::unsealed(&batch)).await
}

pub(crate) async fn query(store: &dyn Store, select: &Select) -> Result<Page> {
    store.query(Plan::unsealed(select)).await
}

pub(crate) async fn get(
    store: &dyn Store,
    layout: &Arc<Layout>,
    key: impl Into<Key>,
) -> Result<Option<Arc<Record>>> {
    let select = Select::one(Arc::clone(layout), key.into(), Filter::True);
    Ok(query(store, &select).await?.rows.pop())
}

/// The ids of the records that a filter finds.
pub(crate) async fn ids(store: &dyn Store, layout: &Arc<Layout>, filter: Filter) -> Vec<String> {
    let select = Select {
        filter,
        ..Select::all(Arc::clone(layout))
    };
    let page = query(store, &select).await.unwrap();
    let id = |row: &Arc<Record>| row.get(0).as_str().unwrap_or_default().to_owned();
    page.rows.iter().map(id).collect()
}
