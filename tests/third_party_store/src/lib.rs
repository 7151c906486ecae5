//! A store of somebody else's: every batch of writes is a line of JSON at the end of a file, which is read again at the start.
//!
//! It answers from a [`MemoryStore`]. It has no transactions and gives no keys, and its [`capability`](Store::capability) says so.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use futures_util::lock::Mutex;
use larder_core::store::{Batch, Outcome, Write};
use larder_core::{
    BoxFuture, Capability, Error, ErrorKind, Layout, MemoryStore, Page, Plan, Record, Result,
    Select, Store, Transaction, Version, migrate,
};
use serde_json::{Value, json};

/// A journal in a file.
#[derive(Debug)]
pub struct Journal {
    memory: MemoryStore,
    file: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    file: File,
    /// Each record as it was last, by collection and key, until the first plan comes that can put it into the memory.
    unread: BTreeMap<String, BTreeMap<String, Value>>,
    /// A line could not be written, so the memory is ahead of the file.
    broken: bool,
}

/// Its collection, its key, and the record; null for one that was deleted.
type Change = (String, Value, Value);

impl Journal {
    /// Opens a file, which is made if it is not there.
    ///
    /// # Errors
    /// `Setup` for a file that can't be opened or is no journal.
    pub fn open(path: &Path) -> Result<Self> {
        let fault = |what: &dyn std::fmt::Display| {
            Error::setup(format!("the journal {}: {what}", path.display()))
        };
        let mut options = File::options();
        let file = options.create(true).append(true).open(path);
        let file = file.map_err(|error| fault(&error))?;
        let text = fs::read_to_string(path).map_err(|error| fault(&error))?;
        let mut unread: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        // What has no end was never acknowledged.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64).map_err(|error| fault(&error))?;
        for line in text[..whole].lines() {
            let changes: Vec<Change> = serde_json::from_str(line).map_err(|error| fault(&error))?;
            for (collection, key, record) in changes {
                let records = unread.entry(collection).or_default();
                records.insert(key.to_string(), record);
            }
        }
        Ok(Self {
            memory: MemoryStore::new(),
            file: Mutex::new(Lines {
                file,
                unread,
                broken: false,
            }),
        })
    }

    /// Puts what the file has of a model into the memory. It takes a plan to write anything anywhere, so it waits for the first one.
    async fn read<T>(
        &self,
        lines: &mut Lines,
        layout: &Arc<Layout>,
        plan: &Plan<'_, T>,
    ) -> Result<()> {
        let Some(records) = lines.unread.remove(&layout.collection) else {
            return Ok(());
        };
        let there = records.values().filter(|record| !record.is_null());
        let writes = there.map(|record| {
            let record = Arc::new(decode(layout, record)?);
            Ok(Write::Insert { record })
        });
        let batch = Batch {
            layout: layout.clone(),
            writes: writes.collect::<Result<_>>()?,
            returning: false,
        };
        self.memory.write(plan.derive_owned(batch)).await.map(drop)
    }
}

impl Store for Journal {
    fn capability(&self) -> Capability {
        let mut capability = Capability::full("journal");
        capability.transactions = false;
        capability.assigned_keys = false;
        capability
    }

    fn prepare<'a>(&'a self, models: &'a [Arc<Layout>]) -> BoxFuture<'a, Result<()>> {
        self.memory.prepare(models)
    }

    fn plan<'a>(
        &'a self,
        models: &'a [Arc<Layout>],
    ) -> BoxFuture<'a, Result<Vec<migrate::Change>>> {
        self.memory.plan(models)
    }

    fn query<'a>(&'a self, select: Plan<'a, Select>) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            let mut lines = self.file.lock().await;
            let joined = select.joins.iter().map(|join| &join.layout);
            for layout in std::iter::once(&select.layout).chain(joined) {
                self.read(&mut lines, layout, &select).await?;
            }
            drop(lines);
            self.memory.query(select).await
        })
    }

    fn write<'a>(&'a self, batch: Plan<'a, Batch>) -> BoxFuture<'a, Result<Vec<Outcome>>> {
        Box::pin(async move {
            let mut lines = self.file.lock().await;
            if lines.broken {
                let what = "the journal could not be written to: open it again";
                return Err(Error::new(ErrorKind::Unavailable, what));
            }
            let layout = batch.layout.clone();
            self.read(&mut lines, &layout, &batch).await?;
            // What a delete took out has to be known to be written down.
            let returning = batch.returning;
            let all = Batch {
                returning: true,
                ..Batch::clone(&batch)
            };
            let mut outcomes = self.memory.write(batch.derive_owned(all)).await?;
            if let Some(Outcome::Missed) = outcomes.last() {
                return Ok(outcomes);
            }
            let changes = outcomes
                .iter()
                .filter_map(|outcome| change(&layout, outcome));
            let line = format!("{}\n", json!(changes.collect::<Vec<Change>>()));
            if let Err(error) = lines.file.write_all(line.as_bytes()) {
                lines.broken = true;
                let what = "the journal could not be written to";
                return Err(Error::new(ErrorKind::Unavailable, what).with_source(error));
            }
            for outcome in &mut outcomes {
                if let Outcome::Deleted(old) = outcome
                    && !returning
                {
                    *old = None;
                }
            }
            Ok(outcomes)
        })
    }

    fn begin<'a>(&'a self, _: Plan<'a, ()>) -> BoxFuture<'a, Result<Box<dyn Transaction>>> {
        Box::pin(async {
            let what = "a journal has no transactions";
            Err(Error::new(ErrorKind::Unsupported, what))
        })
    }
}

/// What became of a write, to be written down.
fn change(layout: &Layout, outcome: &Outcome) -> Option<Change> {
    let (row, record) = match outcome {
        Outcome::Created(row) | Outcome::Updated(row) => {
            let fields = layout.fields.iter().zip(&row.values);
            let fields = fields.map(|(field, value)| (field.name.to_string(), json!(value)));
            let fields: Value = fields.collect();
            (row, json!({"version": row.version.0, "fields": fields}))
        }
        Outcome::Deleted(Some(row)) => (row, Value::Null),
        Outcome::Deleted(None) | Outcome::Missed => return None,
    };
    let key = json!(layout.key.value_of(row));
    Some((layout.collection.clone(), key, record))
}

/// A record that was written down. A field that it lacks is newer.
fn decode(layout: &Layout, record: &Value) -> Result<Record> {
    let values = layout.fields.iter().map(|field| {
        let Some(found) = record["fields"].get(field.name.as_str()) else {
            return Ok(field.default.clone().unwrap_or_default());
        };
        let value = field.kind.coerce(found.clone().into());
        value.map_err(|(_, expected)| {
            let name = &field.name;
            Error::setup(format!("the journal has a `{name}` that is not {expected}"))
        })
    });
    let version = record["version"].as_i64().unwrap_or_default();
    Ok(Record::new(
        values.collect::<Result<_>>()?,
        Version(version),
    ))
}
