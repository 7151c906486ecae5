//! Writes that belong together, in a transaction.
//!
//! MongoDB can't take back a part of a transaction. So all old records are read first, the batch is tried on them in memory, and
//! only if all conditions hold is anything written. Another write to one of these records in between makes the transaction fail.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder_core::store::{Batch, Outcome, Write};
use larder_core::{Error, Key, Record, Result, Row};
use mongodb::bson::raw::{RawDocument, RawDocumentBuf};
use mongodb::bson::{Bson, Document, doc};
use mongodb::{ClientSession, Database};

use crate::run::{self, Command, Raw, Reader, Stop};
use crate::table::Table;
use crate::{decode, encode, errors, names};

mod taken;

use taken::Taken;

/// One command of a batch.
enum Step {
    /// Adds these, which follow each other.
    Insert(Vec<RawDocumentBuf>),
    /// Puts this over the document that is there.
    Replace(Bson, RawDocumentBuf),
    Delete(Bson),
}

/// Whose transaction a batch is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The batch's own, which ends with it.
    Batch,
    /// Somebody's who goes on after a taken value: MongoDB would end it, so that is found out before.
    Caller,
}

/// Writes a batch in a transaction: all of it, or nothing. After a write that missed, the rest is not tried and has no outcome.
pub(crate) async fn within(
    db: &Database,
    table: &Table,
    batch: Batch,
    session: &mut ClientSession,
    owner: Owner,
) -> Result<Vec<Outcome>> {
    let collection = run::collection(db, &table.layout.collection);
    let ids = ids(table, &batch, owner);
    let mut reader = Reader {
        session: &mut *session,
        in_transaction: true,
    };
    let mut tried = Trial {
        table,
        now: olds(&collection, table, &ids, &mut reader).await?,
        taken: (owner == Owner::Caller).then(|| Taken::new(table)),
        steps: Vec::new(),
        outcomes: Vec::with_capacity(batch.writes.len()),
    };
    for write in batch.writes {
        if !tried.write(write, batch.returning)? {
            tried.outcomes.push(Outcome::Missed);
            return Ok(tried.outcomes);
        }
    }
    if let Some(taken) = &tried.taken {
        taken
            .by_others(&collection, table, &ids, &mut reader)
            .await?;
    }
    for step in tried.steps {
        run_step(&collection, table, step, session).await?;
    }
    Ok(tried.outcomes)
}

/// The keys that have to be looked at before.
fn ids(table: &Table, batch: &Batch, owner: Owner) -> Vec<Bson> {
    let ids = batch.writes.iter().filter_map(|write| match write {
        Write::Insert { .. } if owner == Owner::Batch => None,
        Write::Insert { record } | Write::Put { record, .. } => {
            table.id(&table.layout.key.key_of(record))
        }
        Write::Update { key, .. } | Write::Delete { key, .. } => table.id(key),
    });
    ids.collect()
}

/// The records that a batch is about, as they are.
async fn olds(
    collection: &Raw,
    table: &Table,
    ids: &[Bson],
    reader: &mut Reader<'_>,
) -> Result<BTreeMap<Key, Row>> {
    let mut found = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut visit = |document: &RawDocument| {
        let record = decode::record(table, document)?;
        found.insert(table.layout.key.key_of(&record), Arc::new(record));
        Ok(true)
    };
    let command = Command::Find {
        filter: doc! { names::ID: { "$in": ids.to_vec() } },
        sort: Document::new(),
        skip: 0,
        limit: None,
    };
    let read = run::each(collection, command, reader, &mut visit).await;
    read.map_err(Stop::into_error)?;
    Ok(found)
}

/// A batch on its way, tried on records in memory.
struct Trial<'t> {
    table: &'t Table,
    /// The records as they are after the writes so far. What was only inserted is not known here, unless it is asked for again.
    now: BTreeMap<Key, Row>,
    /// The unique values of what is written, where they are looked at before.
    taken: Option<Taken>,
    steps: Vec<Step>,
    outcomes: Vec<Outcome>,
}

impl Trial<'_> {
    /// Tries a write; false if it missed.
    fn write(&mut self, write: Write, returning: bool) -> Result<bool> {
        match write {
            Write::Insert { record } => self.insert(record)?,
            Write::Put {
                record,
                kept,
                when,
                create,
            } => {
                let key = self.table.layout.key.key_of(&record);
                match self.now.get(&key) {
                    Some(old) if when.holds(old) => {
                        let new = self.replaced(old, record, &kept.0);
                        self.replace(key, new)?;
                    }
                    None if create => self.insert(record)?,
                    _ => return Ok(false),
                }
            }
            Write::Update { key, changes, when } => {
                let Some(old) = self.now.get(&key).filter(|old| when.holds(old)) else {
                    return Ok(false);
                };
                let new = self.table.layout.changed(old, changes)?;
                self.replace(key, Arc::new(new))?;
            }
            Write::Delete { key, when } => {
                if !self.now.get(&key).is_some_and(|old| when.holds(old)) {
                    return Ok(false);
                }
                let old = self.now.remove(&key).filter(|_| returning);
                self.steps.extend(self.table.id(&key).map(Step::Delete));
                self.outcomes.push(Outcome::Deleted(old));
            }
        }
        Ok(true)
    }

    fn insert(&mut self, record: Row) -> Result<()> {
        let key = self.table.layout.key.key_of(&record);
        if self.now.contains_key(&key) {
            return Err(self.table.layout.duplicate_key());
        }
        self.take(&key, &record)?;
        let document = encode::record(self.table, &record)?;
        match self.steps.last_mut() {
            Some(Step::Insert(documents)) => documents.push(document),
            _ => self.steps.push(Step::Insert(vec![document])),
        }
        self.now.insert(key, Arc::clone(&record));
        self.outcomes.push(Outcome::Created(record));
        Ok(())
    }

    /// Takes the unique values of a record, if none of the others here has them.
    fn take(&mut self, key: &Key, record: &Record) -> Result<()> {
        match &mut self.taken {
            Some(taken) => taken.take(self.table, key, record, &self.now),
            None => Ok(()),
        }
    }

    fn replace(&mut self, key: Key, new: Row) -> Result<()> {
        self.take(&key, &new)?;
        let document = encode::record(self.table, &new)?;
        let id = encode::key(self.table, &new)?;
        self.steps.push(Step::Replace(id, document));
        self.now.insert(key, Arc::clone(&new));
        self.outcomes.push(Outcome::Updated(new));
        Ok(())
    }

    /// The new record with the kept fields of the old one.
    fn replaced(&self, old: &Record, mut new: Row, kept: &[usize]) -> Row {
        let record = Arc::make_mut(&mut new);
        for field in kept {
            if let Some(value) = record.values.get_mut(*field) {
                value.clone_from(old.get(*field));
            }
        }
        let layout = &self.table.layout;
        record.version = layout.version_of(&record.values, old.version.next());
        new
    }
}

/// What makes the document that is there the new one, and leaves alone what the model does not name.
fn over(table: &Table, document: &RawDocumentBuf) -> Result<Document> {
    let mut put = Document::try_from(document).map_err(Error::internal)?;
    put.remove(names::ID);
    // A command has to name a change.
    let mut take = doc! { "%": "" };
    for (place, name) in table.names.iter().enumerate() {
        if !table.layout.key.has(place) && !put.contains_key(name.as_str()) {
            take.insert(name.as_str(), "");
        }
    }
    let mut update = doc! { "$unset": take };
    if !put.is_empty() {
        update.insert("$set", put);
    }
    Ok(update)
}

async fn run_step(
    collection: &Raw,
    table: &Table,
    step: Step,
    session: &mut ClientSession,
) -> Result<()> {
    let fault = |fault| errors::of_write(fault, &table.layout);
    let found = match step {
        Step::Insert(documents) => {
            let insert = collection.insert_many(documents).session(session);
            return insert.await.map(drop).map_err(fault);
        }
        Step::Replace(id, document) => {
            let update = collection.update_one(doc! { names::ID: id }, over(table, &document)?);
            update.session(session).await.map_err(fault)?.matched_count
        }
        Step::Delete(id) => {
            let delete = collection.delete_one(doc! { names::ID: id });
            delete.session(session).await.map_err(fault)?.deleted_count
        }
    };
    if found == 1 {
        return Ok(());
    }
    Err(Error::internal("a record was lost inside a transaction"))
}
