//! What is there of a collection.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use larder_core::Result;
use mongodb::Database;
use mongodb::bson::{Document, doc};

use super::META;
use super::compare::entry;
use crate::form::{self, Forms};
use crate::table::Table;
use crate::{errors, names};

/// A collection as it is.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) is_there: bool,
    /// Whether what documents were before a change is kept.
    pub(super) keeps_images: bool,
    pub(super) note: Option<Note>,
    pub(super) indexes: Vec<FoundIndex>,
}

/// What larder has noted of a collection.
#[derive(Debug, Default)]
pub(super) struct Note {
    /// The types of fields by their stored names.
    pub(super) fields: BTreeMap<String, String>,
    /// The stored names of the key's fields.
    pub(super) key: Vec<String>,
    /// The name of the version's field.
    pub(super) version: Option<String>,
}

#[derive(Debug)]
pub(super) struct FoundIndex {
    pub(super) name: String,
    pub(super) keys: Document,
    pub(super) unique: bool,
    pub(super) partial: Option<Document>,
}

impl Note {
    /// The forms of the fields that it knows. Of one that is renamed, under its new name.
    pub(super) fn forms(&self, table: &Table) -> Forms {
        let mut forms = Forms::new();
        for (place, path) in table.paths.iter().enumerate() {
            let was = table.layout.storage.renamed.get(&place);
            let was = || self.fields.get(&*names::stored(was?));
            if let Some(noted) = self.fields.get(&entry(path)).or_else(was) {
                forms.insert(path.clone(), form::of_note(noted));
            }
        }
        forms
    }
}

/// Looks at a collection by the name that a model gives it.
pub(super) async fn at(db: &Database, name: &str) -> Result<Found> {
    let stored = names::collection(name).into_owned();
    let filter = doc! { "name": &stored };
    let there = db
        .list_collections()
        .filter(filter)
        .await
        .map_err(errors::plain)?;
    let there: Vec<_> = there.try_collect().await.map_err(errors::plain)?;
    let mut found = Found {
        name: name.to_owned(),
        is_there: !there.is_empty(),
        keeps_images: there.iter().any(|there| {
            let images = &there.options.change_stream_pre_and_post_images;
            images.as_ref().is_some_and(|images| images.enabled)
        }),
        ..Found::default()
    };
    if !found.is_there {
        return Ok(found);
    }
    let notes = db.collection::<Document>(META);
    let noted = notes.find_one(doc! { names::ID: &stored }).await;
    found.note = noted.map_err(errors::plain)?.as_ref().and_then(note);
    let collection = db.collection::<Document>(&stored);
    // A view has none.
    let Ok(mut indexes) = collection.list_indexes().await else {
        return Ok(found);
    };
    while let Some(index) = indexes.try_next().await.map_err(errors::plain)? {
        let options = index.options.unwrap_or_default();
        found.indexes.push(FoundIndex {
            name: options.name.unwrap_or_default(),
            keys: index.keys,
            unique: options.unique.unwrap_or_default(),
            partial: options.partial_filter_expression,
        });
    }
    Ok(found)
}

fn note(document: &Document) -> Option<Note> {
    let fields = document.get_document("fields").ok()?;
    let fields = fields
        .iter()
        .filter_map(|(name, kind)| Some((name.clone(), kind.as_str()?.to_owned())));
    let key = document.get_array("key").ok()?;
    let key = key
        .iter()
        .filter_map(|name| Some(name.as_str()?.to_owned()));
    Some(Note {
        fields: fields.collect(),
        key: key.collect(),
        version: document.get_str("version").ok().map(str::to_owned),
    })
}
