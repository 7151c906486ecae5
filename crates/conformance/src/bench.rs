//! What a scenario works with: a store with the models prepared, and short ways to call it.

use std::sync::Arc;
use std::time::Duration;

use larder_core::store::{
    After, Aggregate, Batch, Condition, FieldChange, Grouping, Join, Kept, Outcome, Page, Plan,
    Select, SortKey, Store, Transaction, Write,
};
use larder_core::{ErrorKind, Key, Layout, Record, Result, Row};
use larder_query::{Filter, Value};

use crate::Setup;
use crate::things::{ID, Thing, layout};

/// A store under test.
pub(crate) struct Bench<'a> {
    setup: &'a dyn Setup,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) layout: Arc<Layout>,
}

impl<'a> Bench<'a> {
    /// A store with the model of things.
    pub(crate) async fn new(setup: &'a dyn Setup, store: Arc<dyn Store>) -> Self {
        let layout = Arc::new(layout());
        let bench = Self {
            setup,
            store,
            layout,
        };
        bench.prepare(&bench.layout).await.unwrap();
        bench
    }

    pub(crate) async fn prepare(&self, layout: &Arc<Layout>) -> Result<()> {
        self.store.prepare(std::slice::from_ref(layout)).await
    }

    /// The same data through a store that is opened beside this one.
    pub(crate) async fn beside(&self) -> Bench<'a> {
        let opening = self.setup.reopen().expect("a setup that can reopen");
        Bench {
            setup: self.setup,
            store: opening.await.unwrap(),
            layout: self.layout.clone(),
        }
    }

    /// Closes the store and opens it again, with another layout.
    pub(crate) async fn reopen(self, layout: Layout) -> Self {
        let Self { setup, store, .. } = self;
        drop(store);
        let store = setup
            .reopen()
            .expect("a setup that can reopen")
            .await
            .unwrap();
        let bench = Self {
            setup,
            store,
            layout: Arc::new(layout),
        };
        bench.prepare(&bench.layout).await.unwrap();
        bench
    }

    pub(crate) fn batch(&self, writes: Vec<Write>) -> Batch {
        Batch {
            layout: self.layout.clone(),
            writes,
            returning: false,
        }
    }

    pub(crate) async fn write(&self, writes: Vec<Write>) -> Result<Vec<Outcome>> {
        let filler = self.setup.filler();
        let store = filler.as_ref().unwrap_or(&self.store);
        store.write(Plan::unsealed_owned(self.batch(writes))).await
    }

    /// Writes one thing and gives what became of it.
    pub(crate) async fn one(&self, write: Write) -> Result<Outcome> {
        let mut outcomes = self.write(vec![write]).await?;
        assert_eq!(outcomes.len(), 1, "one write has one outcome: {outcomes:?}");
        Ok(outcomes.remove(0))
    }

    /// Inserts records in one batch.
    pub(crate) async fn fill(&self, things: impl IntoIterator<Item = Thing>) {
        let outcomes = self
            .write(things.into_iter().map(insert).collect())
            .await
            .unwrap();
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Outcome::Created(_))),
            "{outcomes:?}"
        );
    }

    /// Makes room for another model and fills it.
    pub(crate) async fn fill_other(
        &self,
        layout: &Arc<Layout>,
        rows: impl IntoIterator<Item = Row>,
    ) {
        self.prepare(layout).await.unwrap();
        let writes = rows.into_iter().map(|record| Write::Insert { record });
        let batch = Batch {
            layout: layout.clone(),
            writes: writes.collect(),
            returning: false,
        };
        let filler = self.setup.filler();
        let store = filler.as_ref().unwrap_or(&self.store);
        store.write(Plan::unsealed(&batch)).await.unwrap();
    }

    pub(crate) async fn get(&self, id: &str) -> Option<Row> {
        let select = Select::one(self.layout.clone(), id.into(), Filter::True);
        let page = self.store.query(Plan::unsealed(&select)).await.unwrap();
        page.rows.into_iter().next()
    }

    /// One field of a record that is there.
    pub(crate) async fn value(&self, id: &str, field: usize) -> Value {
        self.get(id)
            .await
            .unwrap_or_else(|| panic!("`{id}` is gone"))
            .get(field)
            .clone()
    }

    pub(crate) fn select(&self) -> Ask<'_> {
        Ask {
            bench: self,
            select: Select::all(self.layout.clone()),
        }
    }

    /// The keys of the records that match, in order.
    pub(crate) async fn ids(&self, filter: Filter) -> Vec<String> {
        self.select().filter(filter).ids().await
    }

    /// The keys of all records.
    pub(crate) async fn all(&self) -> Vec<String> {
        self.ids(Filter::True).await
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        let inner = self.store.begin(Plan::unsealed(&())).await?;
        Ok(Tx {
            inner,
            layout: self.layout.clone(),
        })
    }
}

/// A query being written down.
pub(crate) struct Ask<'a> {
    bench: &'a Bench<'a>,
    select: Select,
}

impl Ask<'_> {
    pub(crate) fn filter(mut self, filter: Filter) -> Self {
        self.select.filter = filter;
        self
    }

    pub(crate) fn sort(mut self, field: usize, descending: bool) -> Self {
        self.select.sort.push(SortKey { field, descending });
        self
    }

    pub(crate) fn skip(mut self, skip: u64) -> Self {
        self.select.skip = skip;
        self
    }

    pub(crate) fn limit(mut self, limit: u64) -> Self {
        self.select.limit = Some(limit);
        self
    }

    pub(crate) fn total(mut self) -> Self {
        self.select.total = true;
        self
    }

    /// A total that need not be counted further than this.
    pub(crate) fn roughly(mut self, most: u64) -> Self {
        (self.select.total, self.select.estimate) = (true, Some(most));
        self
    }

    /// Joins a model, under what may be read of it.
    pub(crate) fn join(mut self, link: usize, layout: &Arc<Layout>, readable: Filter) -> Self {
        self.select.joins.push(Join {
            link,
            layout: layout.clone(),
            readable,
        });
        self
    }

    /// Begins behind a place: a value for each key of the order.
    pub(crate) fn after(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        let values = values.into_iter().collect();
        self.select.after = Some(After { values });
        self
    }

    /// Begins behind a record, in the order that was asked for before.
    pub(crate) fn behind(self, record: &Record) -> Self {
        let order = self.select.order();
        let values: Vec<Value> = order
            .iter()
            .map(|by| record.get(by.field).clone())
            .collect();
        self.after(values)
    }

    pub(crate) fn look_at(mut self, records: u64) -> Self {
        self.select.look_at = Some(records);
        self
    }

    pub(crate) fn key(mut self, key: impl Into<Key>) -> Self {
        self.select.key = Some(key.into());
        self
    }

    /// Groups in place of records.
    pub(crate) fn group(mut self, by: &[usize], results: &[Aggregate]) -> Self {
        self.select.group = Some(Grouping {
            by: by.to_vec(),
            results: results.to_vec(),
        });
        self
    }

    /// The question as it was written down.
    pub(crate) fn select(&self) -> &Select {
        &self.select
    }

    pub(crate) async fn try_page(self) -> Result<Page> {
        self.bench.store.query(Plan::unsealed(&self.select)).await
    }

    pub(crate) async fn page(self) -> Page {
        self.try_page().await.unwrap()
    }

    pub(crate) async fn groups(self) -> Vec<Vec<Value>> {
        self.page().await.groups
    }

    pub(crate) async fn ids(self) -> Vec<String> {
        keys(&self.page().await)
    }
}

/// An open transaction.
pub(crate) struct Tx {
    inner: Box<dyn Transaction>,
    layout: Arc<Layout>,
}

impl Tx {
    pub(crate) async fn write(&mut self, writes: Vec<Write>) -> Result<Vec<Outcome>> {
        let batch = Batch {
            layout: self.layout.clone(),
            writes,
            returning: false,
        };
        self.inner.write(Plan::unsealed_owned(batch)).await
    }

    /// Writes to any model.
    pub(crate) async fn write_batch(&mut self, batch: &Batch) -> Result<Vec<Outcome>> {
        self.inner.write(Plan::unsealed(batch)).await
    }

    pub(crate) async fn one(&mut self, write: Write) -> Result<Outcome> {
        Ok(self.write(vec![write]).await?.remove(0))
    }

    pub(crate) async fn query(&mut self, select: &Select) -> Result<Page> {
        self.inner.query(Plan::unsealed(select)).await
    }

    pub(crate) async fn get(&mut self, id: &str) -> Result<Option<Row>> {
        let select = Select::one(self.layout.clone(), id.into(), Filter::True);
        Ok(self.query(&select).await?.rows.into_iter().next())
    }

    pub(crate) async fn ids(&mut self, filter: Filter) -> Result<Vec<String>> {
        let select = Select {
            filter,
            ..Select::all(self.layout.clone())
        };
        Ok(keys(&self.query(&select).await?))
    }

    pub(crate) async fn commit(self) -> Result<()> {
        self.inner.commit().await
    }

    pub(crate) async fn abort(self) -> Result<()> {
        self.inner.abort().await
    }
}

/// The keys of a page.
pub(crate) fn keys(page: &Page) -> Vec<String> {
    page.rows
        .iter()
        .map(|row| Key::from(row.get(ID).clone()).to_string())
        .collect()
}

pub(crate) fn insert(thing: Thing) -> Write {
    Write::Insert {
        record: thing.row(),
    }
}

/// A full replace that also creates.
pub(crate) fn put(thing: Thing) -> Write {
    Write::Put {
        record: thing.row(),
        kept: Kept::default(),
        when: Condition::default(),
        create: true,
    }
}

pub(crate) fn update(id: &str, field: usize, value: impl Into<Value>, when: Condition) -> Write {
    Write::Update {
        key: id.into(),
        changes: vec![(field, FieldChange::Set(value.into()))],
        when,
    }
}

/// An update without a condition.
pub(crate) fn set(id: &str, field: usize, value: impl Into<Value>) -> Write {
    update(id, field, value, Condition::default())
}

pub(crate) fn delete(id: &str, when: Condition) -> Write {
    Write::Delete {
        key: id.into(),
        when,
    }
}

/// The record after a change.
#[track_caller]
pub(crate) fn updated(outcome: Outcome) -> Row {
    match outcome {
        Outcome::Updated(row) => row,
        other => panic!("expected a change, found {other:?}"),
    }
}

#[track_caller]
pub(crate) fn missed(outcomes: &Result<Vec<Outcome>>) {
    let last = outcomes.as_ref().ok().and_then(|outcomes| outcomes.last());
    assert!(
        matches!(last, Some(Outcome::Missed)),
        "expected a miss, found {outcomes:?}"
    );
}

/// That a result is a duplicate of this field.
#[track_caller]
pub(crate) fn duplicate<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    let error = result.expect_err("a duplicate");
    assert_eq!(error.kind(), ErrorKind::Duplicate, "{error:?}");
    assert_eq!(
        error.fields().first().map(|found| found.field.as_str()),
        Some(field),
        "{error:?}"
    );
}

/// Waits a moment for something that a store may make wait for a transaction. None if it waits.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(200), future)
        .await
        .ok()
}
