//! Making room for models at the start of an app, and saying what that would take.
//!
//! MongoDB keeps no list of a collection's fields, so larder keeps one of its own: the collection `_larder` has a document for each
//! collection that was prepared, with the kinds of its fields and of its key. A collection without such a document was there
//! before: its oldest and its newest documents are looked at, which tell how other programs store its values (and the note keeps that),
//! and a field with a default is filled in where it is missing.
//!
//! Every step can be done twice, so two instances that start at once do no harm. A refusal is an error of the kind `Setup` that
//! lists everything that is wrong. Nothing is changed then, in any collection.

use std::sync::Arc;

use larder_core::migrate::{Change, refusal};
use larder_core::{Error, Layout, Result};
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

use crate::indexes::Wanted;
use crate::table::{Table, Tables};
use crate::{assigned, errors, names, run};

mod compare;
mod look;
mod sample;

use compare::{Finding, Step};
use sample::Misfit;

/// The collection with what is known of the others, and with the count of keys that were given.
pub(crate) const META: &str = "_larder";

/// Prepares the database for these models.
pub(crate) async fn prepare(db: &Database, tables: &Tables, models: &[Arc<Layout>]) -> Result<()> {
    let findings = findings(db, tables, models).await?;
    let changes: Vec<Change> = findings
        .iter()
        .map(|(_, finding)| finding.change.clone())
        .collect();
    if let Some(error) = refusal(&changes) {
        return Err(error);
    }
    Change::tell(&changes);
    for (table, Finding { step, .. }) in findings {
        apply(db, &table, step).await?;
    }
    Ok(())
}

/// What separates the database from these models.
pub(crate) async fn plan(
    db: &Database,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<Vec<Change>> {
    let findings = findings(db, tables, models).await?;
    Ok(findings
        .into_iter()
        .map(|(_, finding)| finding.change)
        .collect())
}

async fn findings(
    db: &Database,
    tables: &Tables,
    models: &[Arc<Layout>],
) -> Result<Vec<(Arc<Table>, Finding)>> {
    let mut all = Vec::new();
    for layout in models {
        is_free(layout)?;
        let now = look::at(db, &layout.collection).await?;
        let was = match &layout.storage.was {
            Some(was) => look::at(db, was).await?,
            None => look::Found::default(),
        };
        let found = if now.is_there { &now } else { &was };
        let sampled = forms(db, tables, layout, found).await?;
        let table = tables.of(layout);
        check(&table)?;
        for finding in compare::compare(db, &table, &now, &was, &sampled).await? {
            all.push((table.clone(), finding));
        }
    }
    Ok(all)
}

/// Finds out in which forms a collection holds its values: from larder's note, or by a look at the documents of somebody else's. Gives
/// what was seen there that does not fit.
async fn forms(
    db: &Database,
    tables: &Tables,
    layout: &Arc<Layout>,
    found: &look::Found,
) -> Result<Vec<Misfit>> {
    let table = tables.of(layout);
    let (forms, misfits) = match &found.note {
        _ if !found.is_there => return Ok(Vec::new()),
        Some(note) => (note.forms(&table), Vec::new()),
        None => sample::at(db, &table, found).await?,
    };
    tables.learn(&layout.collection, forms);
    Ok(misfits)
}

/// No model is kept among larder's own notes, or where the server keeps its own.
fn is_free(layout: &Layout) -> Result<()> {
    let storage = &layout.storage;
    for name in storage.was.iter().chain([&layout.collection]) {
        let whose = if name == META {
            "larder keeps its notes of the other collections there"
        } else if name.starts_with("system.") && !storage.read_only {
            "MongoDB keeps such names for itself"
        } else {
            continue;
        };
        return Err(Error::setup(format!(
            "{}: a model can't have the collection `{name}`, for {whose}: name another one with `#[model(collection = \"..\")]`",
            layout.model
        )));
    }
    Ok(())
}

/// What no collection of MongoDB can keep.
fn check(table: &Table) -> Result<()> {
    let layout = &table.layout;
    let mut seen: Vec<&str> = Vec::new();
    for (place, field) in layout.fields.iter().enumerate() {
        let column = layout.column(place);
        if seen.contains(&column) || layout.version_column() == Some(column) {
            return Err(Error::setup(format!(
                "{}: the field `{}` has the name of another one in the store: rename it",
                layout.model, field.name
            )));
        }
        seen.push(column);
    }
    let listed = |index: &&larder_core::Index| {
        let mut fields = index.fields.iter();
        index.unique && fields.any(|field| crate::indexes::is_json(layout, *field))
    };
    match layout.indexes.iter().find(listed) {
        Some(_) => Err(Error::setup(format!(
            "{}: MongoDB can't keep a field that may hold lists or objects unique: leave `unique` out, or give the field another type",
            layout.model
        ))),
        None => Ok(()),
    }
}

/// Makes one change. Whoever made it already does no harm.
async fn apply(db: &Database, table: &Table, step: Step) -> Result<()> {
    let layout = &table.layout;
    let collection = run::collection(db, &layout.collection);
    match step {
        Step::None => Ok(()),
        Step::Create => match db.create_collection(collection.name()).await {
            Err(fault) if !errors::is_there(&fault) => Err(errors::plain(fault)),
            _ => Ok(()),
        },
        Step::KeepImages => {
            let command = compare::keep_images(&layout.collection);
            db.run_command(command)
                .await
                .map(drop)
                .map_err(errors::plain)
        }
        Step::RenameCollection(was) => rename(db, &was, &layout.collection).await,
        Step::RenameField(was, name) => {
            let with = doc! { &was: { "$exists": true } };
            let renamed = collection.update_many(with, doc! { "$rename": { was: name } });
            renamed.await.map(drop).map_err(errors::plain)
        }
        Step::Fill(name, value) => {
            let without = doc! { &name: { "$exists": false } };
            let filled = collection.update_many(without, doc! { "$set": { name: value } });
            filled.await.map(drop).map_err(errors::plain)
        }
        Step::Index(wanted) => index(&collection, layout, wanted).await,
        Step::DropIndex(name) => match collection.drop_index(name).await {
            Err(fault) if !errors::is_missing(&fault) => Err(errors::plain(fault)),
            _ => Ok(()),
        },
        Step::Note(note) => {
            let id = collection.name();
            let noted = db
                .collection::<Document>(META)
                .update_one(doc! { names::ID: id }, doc! { "$set": note })
                .upsert(true)
                .await;
            match noted {
                // Two instances at once, of which the other was first.
                Err(fault) if !errors::is_duplicate(&fault) => Err(errors::plain(fault)),
                _ => Ok(()),
            }
        }
        Step::Count => {
            let last = largest(&collection).await?;
            assigned::at_least(db, table, last).await
        }
    }
}

async fn rename(db: &Database, was: &str, now: &str) -> Result<()> {
    let [from, to] = [was, now].map(|name| format!("{}.{}", db.name(), names::collection(name)));
    let command = doc! { "renameCollection": from, "to": to, "writeConcern": { "w": "majority" } };
    let renamed = db.client().database("admin").run_command(command).await;
    match renamed {
        Ok(_) => Ok(()),
        // Another instance was first.
        Err(_) if look::at(db, now).await?.is_there => Ok(()),
        Err(fault) => Err(errors::plain(fault)),
    }
}

/// The largest key that is a whole number, 0 if there is none.
async fn largest(collection: &run::Raw) -> Result<i64> {
    let newest = collection.find_one(doc! {}).sort(doc! { names::ID: -1 });
    let newest = newest.await.map_err(errors::plain)?;
    let last = newest.and_then(|document| {
        let id = document.get(names::ID).ok().flatten()?;
        Bson::try_from(id).ok()
    });
    Ok(match last {
        Some(Bson::Int64(last)) => last,
        Some(Bson::Int32(last)) => i64::from(last),
        _ => 0,
    })
}

async fn index(collection: &run::Raw, layout: &Layout, wanted: Wanted) -> Result<()> {
    let fields = wanted.fields();
    let mut options = IndexOptions::builder().name(wanted.name).build();
    options.unique = wanted.unique.then_some(true);
    options.partial_filter_expression = wanted.partial;
    let model = IndexModel::builder()
        .keys(wanted.keys)
        .options(options)
        .build();
    match collection.create_index(model).await {
        Ok(_) => Ok(()),
        Err(fault) if errors::is_duplicate(&fault) => Err(Error::setup(format!(
            "the unique index of {} on {fields} can't be built: several documents of `{}` share a value. Find them with an \
             aggregate that groups by these fields, and change or remove all but one",
            layout.model, layout.collection
        ))
        .with_source(fault)),
        Err(fault) if errors::is_other_index(&fault) => Err(Error::setup(format!(
            "`{}` has another index on {fields} than {} needs: drop it, and start again",
            layout.collection, layout.model
        ))
        .with_source(fault)),
        Err(fault) => Err(errors::plain(fault)),
    }
}
