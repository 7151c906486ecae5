//! One write, in one conditional command.
//!
//! A write whose condition MongoDB can't decide, and several that belong together, go through a [batch](crate::batch) in a
//! transaction instead.

use std::sync::Arc;

use larder_core::store::{Batch, Condition, FieldChange, Kept, Outcome, Write};
use larder_core::{Error, Key, Kind, Record, Result, Row, Version, Versions};
use larder_query::Value;
use mongodb::bson::raw::RawDocument;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;
use mongodb::{ClientSession, Database};

use crate::filter::{self, Condition as Pushed};
use crate::run::{self, Raw};
use crate::seen::Seen;
use crate::table::Table;
use crate::{decode, encode, errors, names};

/// Tries of an upsert that meets records that come and go.
const TRIES: usize = 8;
/// Looks at a record that others keep changing.
const LOOKS: usize = 2_000;

/// Whether one command does a batch.
pub(crate) fn is_one(table: &Table, batch: &Batch) -> bool {
    let [write] = &*batch.writes else {
        return false;
    };
    match write {
        Write::Insert { .. } => true,
        // Whether an upsert created can't be told where no version is counted by larder alone.
        Write::Put { when, .. } => {
            let counted = table.layout.storage.versions == Versions::Kept;
            counted && is_decided(table, when)
        }
        Write::Update { changes, when, .. } if changes.iter().all(is_set) => {
            !matches!(table.layout.storage.versions, Versions::Column(_)) && is_decided(table, when)
        }
        // Only a version that every write counts tells whether the record is as it was read.
        Write::Update { .. } => table.layout.storage.versions == Versions::Kept,
        Write::Delete { when, .. } => is_decided(table, when),
    }
}

fn is_decided(table: &Table, when: &Condition) -> bool {
    filter::is_decided(&when.filter, table)
}

/// Does a batch of one write.
pub(crate) async fn one(
    db: &Database,
    table: &Table,
    seen: &Seen,
    batch: Batch,
) -> Result<Vec<Outcome>> {
    let session = seen.session(db.client()).await;
    let mut session = session.map_err(errors::plain)?;
    let outcomes = each(db, table, batch, &mut session).await;
    seen.note(&session);
    outcomes
}

async fn each(
    db: &Database,
    table: &Table,
    batch: Batch,
    session: &mut ClientSession,
) -> Result<Vec<Outcome>> {
    let collection = run::collection(db, &table.layout.collection);
    let returning = batch.returning;
    let mut outcomes = Vec::with_capacity(1);
    for write in batch.writes {
        tracing::trace!(target: "larder::mongodb", collection = collection.name(), command = "write");
        outcomes.push(match write {
            Write::Insert { record } => insert(&collection, table, record, session).await?,
            Write::Put {
                record,
                kept,
                when,
                create,
            } => put(&collection, table, record, &kept, &when, create, session).await?,
            Write::Update { key, changes, when } => {
                change(&collection, table, &key, &changes, &when, session).await?
            }
            Write::Delete { key, when } => {
                delete(&collection, table, &key, &when, returning, session).await?
            }
        });
    }
    Ok(outcomes)
}

async fn insert(
    collection: &Raw,
    table: &Table,
    record: Row,
    session: &mut ClientSession,
) -> Result<Outcome> {
    let document = encode::record(table, &record)?;
    let inserted = collection.insert_one(&document).session(session).await;
    inserted.map_err(|fault| errors::of_write(fault, &table.layout))?;
    Ok(Outcome::Created(record))
}

/// The condition on the old document with a key; none if no record can have this key.
fn matching(table: &Table, key: &Key, when: &Condition) -> Option<(Bson, Pushed)> {
    let mut all = vec![filter::push(&when.filter, &filter::own(table)).test];
    if let Some(version) = table.version() {
        // What another program has added has no version, which is read as 0.
        let numbers = |versions: &[Version]| -> Vec<Bson> {
            let missing = versions.contains(&Version(0)).then_some(Bson::Null);
            let counted = versions.iter().map(|version| Bson::Int64(version.0));
            counted.chain(missing).collect()
        };
        if let Some(versions) = &when.versions {
            all.push(Pushed::Of(doc! { version: { "$in": numbers(versions) } }));
        }
        if !when.not_versions.is_empty() {
            all.push(Pushed::Of(
                doc! { version: { "$nin": numbers(&when.not_versions) } },
            ));
        }
    }
    Some((table.id(key)?, Pushed::and(all)))
}

fn by_key(id: Bson, condition: Pushed) -> Document {
    let is = Pushed::Of(doc! { names::ID: id });
    Pushed::and([is, condition]).into_document()
}

fn is_set((_, change): &(usize, FieldChange)) -> bool {
    change.as_set().is_some()
}

/// Changes fields, some of them perhaps by what is in them: in one command where `$inc` does it, else by a look at the record and a
/// command that finds it as it was, again and again until no other write was in between. Each time one of them gets through.
async fn change(
    collection: &Raw,
    table: &Table,
    key: &Key,
    changes: &[(usize, FieldChange)],
    when: &Condition,
    session: &mut ClientSession,
) -> Result<Outcome> {
    if changes.iter().all(is_set) {
        return update(collection, table, key, changes, when, session).await;
    }
    if is_decided(table, when) && is_in_place(table, changes) {
        let done = update(collection, table, key, changes, when, session).await?;
        if !matches!(done, Outcome::Missed) {
            return Ok(done);
        }
        // The condition may hold, and a sum be too large.
    }
    let Some(id) = table.id(key) else {
        return Ok(Outcome::Missed);
    };
    for _ in 0..LOOKS {
        let found = collection
            .find_one(doc! { names::ID: id.clone() })
            .session(&mut *session)
            .await;
        let Some(found) = found.map_err(errors::plain)? else {
            return Ok(Outcome::Missed);
        };
        let old = decode::record(table, &found)?;
        if !when.holds(&old) {
            return Ok(Outcome::Missed);
        }
        let sets = table.layout.resolve(&old, changes)?;
        let unchanged = Condition::version(old.version);
        let done = update(collection, table, key, &sets, &unchanged, session).await?;
        if !matches!(done, Outcome::Missed) {
            return Ok(done);
        }
    }
    Err(Error::new(
        larder_core::ErrorKind::Conflict,
        "other writes were faster; try again",
    ))
}

/// Whether one command makes all these changes: sums of whole numbers and floats, each of a field by itself.
fn is_in_place(table: &Table, changes: &[(usize, FieldChange)]) -> bool {
    changes.iter().enumerate().all(|(place, (field, change))| {
        let again = changes
            .iter()
            .skip(place + 1)
            .any(|(other, _)| other == field);
        match change {
            FieldChange::Set(_) => !again,
            FieldChange::Add(amount) => {
                let amount = addend(table, *field, amount);
                !again && amount.is_some() && !table.layout.key.has(*field)
            }
            _ => false,
        }
    })
}

/// Sets fields, and adds to those of which [`is_in_place`] has been asked, where the sums can be held.
async fn update(
    collection: &Raw,
    table: &Table,
    key: &Key,
    changed: &[(usize, FieldChange)],
    when: &Condition,
    session: &mut ClientSession,
) -> Result<Outcome> {
    let Some((id, condition)) = matching(table, key, when) else {
        return Ok(Outcome::Missed);
    };
    let guards = changed
        .iter()
        .filter_map(|(field, change)| room(table, *field, change));
    let condition = Pushed::and(std::iter::once(condition).chain(guards));
    let change = changes(table, key, changed)?;
    let updated = collection
        .find_one_and_update(by_key(id, condition), change)
        .return_document(ReturnDocument::After)
        .session(session)
        .await;
    match updated.map_err(|fault| errors::of_write(fault, &table.layout))? {
        Some(document) => Ok(Outcome::Updated(Arc::new(decode::record(
            table, &document,
        )?))),
        None => Ok(Outcome::Missed),
    }
}

/// When the sum of what is there and a number is one that the field can hold; none for what is no sum.
fn room(table: &Table, field: usize, change: &FieldChange) -> Option<Pushed> {
    let FieldChange::Add(amount) = change else {
        return None;
    };
    let (path, of) = table.at(field)?;
    let fits = match (of.kind, addend(table, field, amount)?) {
        (Kind::Int, Bson::Int64(amount)) if amount < 0 => doc! { "$gte": i64::MIN - amount },
        // What is larger is no `long`, and nothing is below 0.
        (_, Bson::Int64(amount)) if amount < 0 => {
            return Some(Pushed::Of(
                doc! { path: { "$gte": -amount, "$lte": i64::MAX } },
            ));
        }
        (_, Bson::Int64(amount)) => doc! { "$lte": i64::MAX - amount },
        _ => doc! { "$gte": -HALF, "$lte": HALF },
    };
    Some(Pushed::Of(
        doc! { "$or": [{ path: Bson::Null }, { path: fits }] },
    ))
}

/// Floats whose sums are none that is infinite.
const HALF: f64 = f64::MAX / 2.0;

/// A number as `$inc` adds it to a field; none where it could not be held, or not be told.
fn addend(table: &Table, field: usize, amount: &Value) -> Option<Bson> {
    let (_, of) = table.at(field)?;
    match (of.kind, amount) {
        (Kind::Int | Kind::Uint, Value::I64(amount)) => {
            (*amount != i64::MIN).then_some(Bson::Int64(*amount))
        }
        (Kind::Float, amount) => {
            let amount = amount.as_f64().filter(|amount| amount.abs() <= HALF)?;
            Some(Bson::Double(amount))
        }
        _ => None,
    }
}

/// `{$set, $unset, $inc}`, or as little of it as there is.
fn changes(table: &Table, key: &Key, changes: &[(usize, FieldChange)]) -> Result<Document> {
    let (mut put, mut take, mut add) = (Document::new(), Document::new(), Document::new());
    let parts = table.layout.key.places().iter().zip(key.parts());
    for (field, change) in changes {
        let value = match (change, table.at(*field)) {
            (FieldChange::Set(value), _) => value,
            (FieldChange::Add(amount), Some((path, _))) => {
                let amount = addend(table, *field, amount);
                add.insert(path, amount.ok_or_else(|| wrong_field(table, *field))?);
                continue;
            }
            _ => return Err(wrong_field(table, *field)),
        };
        if table.layout.key.has(*field) {
            let same = parts
                .clone()
                .any(|(place, part)| place == field && part.same(value));
            if same {
                continue;
            }
            return Err(wrong_field(table, *field));
        }
        let Some((path, _)) = table.at(*field) else {
            return Err(wrong_field(table, *field));
        };
        match encode::field(table, *field, value)? {
            Bson::Null => take.insert(path, ""),
            value => put.insert(path, value),
        };
    }
    let mut change = Document::new();
    if !put.is_empty() {
        change.insert("$set", put);
    }
    if !take.is_empty() {
        change.insert("$unset", take);
    }
    if let Some(version) = table.version() {
        add.insert(version, 1_i64);
    }
    if !add.is_empty() {
        change.insert("$inc", add);
    } else if change.is_empty() {
        // A command has to name a change.
        change.insert("$unset", doc! { "%": "" });
    }
    Ok(change)
}

/// An update that sets what no update may set.
pub(crate) fn wrong_field(table: &Table, field: usize) -> Error {
    Error::internal(format!(
        "an update of `{}` sets field {field}",
        table.layout.model
    ))
}

async fn delete(
    collection: &Raw,
    table: &Table,
    key: &Key,
    when: &Condition,
    returning: bool,
    session: &mut ClientSession,
) -> Result<Outcome> {
    let Some((id, condition)) = matching(table, key, when) else {
        return Ok(Outcome::Missed);
    };
    let filter = by_key(id, condition);
    let fault = |fault| errors::of_write(fault, &table.layout);
    if !returning {
        let deleted = collection.delete_one(filter).session(session).await;
        let deleted = deleted.map_err(fault)?;
        return Ok(match deleted.deleted_count {
            0 => Outcome::Missed,
            _ => Outcome::Deleted(None),
        });
    }
    match collection
        .find_one_and_delete(filter)
        .session(session)
        .await
        .map_err(fault)?
    {
        Some(old) => {
            let old = decode::record(table, &old)?;
            Ok(Outcome::Deleted(Some(Arc::new(old))))
        }
        None => Ok(Outcome::Missed),
    }
}

/// Adds or replaces. A document that the condition does not hold for is not found, so an upsert tries to add one beside it, which
/// the index on `_id` refuses; whether it has only just come is told by asking once more without adding.
async fn put(
    collection: &Raw,
    table: &Table,
    record: Row,
    kept: &Kept,
    when: &Condition,
    create: bool,
    session: &mut ClientSession,
) -> Result<Outcome> {
    let key = table.layout.key.key_of(&record);
    let Some((id, condition)) = matching(table, &key, when) else {
        return Ok(Outcome::Missed);
    };
    for _ in 0..TRIES {
        for upsert in [create, false].into_iter().take(1 + usize::from(create)) {
            let condition = condition.clone();
            let condition = if upsert {
                kept_out(condition)
            } else {
                condition
            };
            let replaced = collection
                .find_one_and_update(
                    by_key(id.clone(), condition),
                    replacement(table, &id, &record, kept)?,
                )
                .upsert(upsert)
                .projection(returned(table, kept))
                .return_document(ReturnDocument::After)
                .session(&mut *session)
                .await;
            match replaced {
                Ok(Some(found)) => return done(table, record, kept, &found, create),
                Ok(None) if !create => return Ok(Outcome::Missed),
                Ok(None) => {}
                Err(fault) if upsert && errors::is_key_taken(&fault) => {}
                Err(fault) => return Err(errors::of_write(fault, &table.layout)),
            }
        }
        // The condition does not hold, or the record has gone meanwhile.
        let there = collection
            .find_one(doc! { names::ID: id.clone() })
            .session(&mut *session)
            .await;
        if there.map_err(errors::plain)?.is_some() {
            return Ok(Outcome::Missed);
        }
    }
    Err(Error::new(
        larder_core::ErrorKind::Conflict,
        "the record comes and goes; try again",
    ))
}

/// A condition whose values an upsert does not take for those of the new document.
fn kept_out(condition: Pushed) -> Pushed {
    match condition {
        Pushed::Of(document) => Pushed::Of(doc! { "$nor": [{ "$nor": [document] }] }),
        other => other,
    }
}

/// The new document, with the kept fields of the old one, those that the model does not name, and its next version. Where there is no
/// old one there is nothing but the key, and where no condition can hold not even that; the documents of others may have no version.
fn replacement(table: &Table, id: &Bson, record: &Record, kept: &Kept) -> Result<Vec<Document>> {
    let Some(version) = table.version() else {
        return Err(Error::internal("a replace needs a version"));
    };
    // What is set in any case, where there is no old document, and where there is one.
    let mut new = doc! { names::ID: id };
    let (mut sent, mut old) = (Document::new(), Document::new());
    let mut gone = Vec::new();
    for (place, name) in table.names.iter().enumerate() {
        if table.layout.key.has(place) {
            continue;
        }
        let name = name.as_str();
        let stays = kept.0.contains(&place);
        if stays {
            old.insert(name, format!("${name}"));
        }
        // Null is left out, as in a document that is added.
        match encode::field(table, place, record.get(place))? {
            Bson::Null if stays => None,
            Bson::Null => {
                gone.push(name);
                None
            }
            value if stays => sent.insert(name, value),
            value => new.insert(name, value),
        };
    }
    sent.insert(version, record.version.0);
    let counted = doc! { "$ifNull": [format!("${version}"), 0_i64] };
    old.insert(version, doc! { "$add": [counted, 1_i64] });
    let is_new = doc! { "$eq": ["$$ROOT", { names::ID: "$_id" }] };
    let choice = doc! { "$cond": [is_new, { "$literal": sent }, old] };
    // New documents are laid out in the order of the model.
    let replace =
        doc! { "$replaceWith": { "$mergeObjects": ["$$ROOT", { "$literal": new }, choice] } };
    let mut stages = vec![replace];
    if !gone.is_empty() {
        stages.push(doc! { "$unset": gone });
    }
    Ok(stages)
}

/// What has to come back: what is not known yet.
fn returned(table: &Table, kept: &Kept) -> Document {
    let mut fields = Document::new();
    if let Some(version) = table.version() {
        fields.insert(version, 1);
    }
    for field in kept.0.iter().filter(|field| !table.layout.key.has(**field)) {
        if let Some((path, _)) = table.at(*field) {
            fields.insert(path, 1);
        }
    }
    fields
}

/// What an upsert or a replace did: a document with the version that was sent was created.
fn done(
    table: &Table,
    mut row: Row,
    kept: &Kept,
    found: &RawDocument,
    create: bool,
) -> Result<Outcome> {
    let old = decode::record(table, found)?;
    if create && old.version == row.version {
        return Ok(Outcome::Created(row));
    }
    let record = Arc::make_mut(&mut row);
    for field in kept.0.iter().filter(|field| !table.layout.key.has(**field)) {
        if let Some(value) = record.values.get_mut(*field) {
            value.clone_from(old.get(*field));
        }
    }
    record.version = old.version;
    Ok(Outcome::Updated(row))
}
