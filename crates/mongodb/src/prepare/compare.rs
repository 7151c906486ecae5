//! What differs between a model and its collection.

use larder_core::migrate::{Change, Effect};
use larder_core::{Layout, Result};
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};

use super::look::{Found, FoundIndex, Note};
use super::sample::Misfit;
use crate::form::Type;
use crate::indexes::{self, PREFIX, Wanted};
use crate::table::Table;
use crate::{encode, errors, names, run};

/// A difference, and what ends it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) change: Change,
    pub(super) step: Step,
}

#[derive(Debug)]
pub(super) enum Step {
    /// A person has to do it.
    None,
    Create,
    /// Lets the server keep what documents were before a change, for those who listen to changes.
    KeepImages,
    RenameCollection(String),
    RenameField(String, String),
    /// Sets a field where it is missing.
    Fill(String, Bson),
    Index(Wanted),
    DropIndex(String),
    /// Notes what the collection is now.
    Note(Document),
    /// Counts keys from the largest one on.
    Count,
}

/// Compares a model with the collection of its name, and with the one that `was` names. The changes stand in the order in which
/// they can be made.
pub(super) async fn compare(
    db: &Database,
    table: &Table,
    now: &Found,
    was: &Found,
    misfits: &[Misfit],
) -> Result<Vec<Finding>> {
    let found = if now.is_there { now } else { was };
    let mut compare = Compare {
        table,
        findings: Vec::new(),
    };
    match (now.is_there, was.is_there) {
        (false, false) => compare.create(),
        (false, true) => {
            let what = format!("it is called `{}` as yet", was.name);
            let command = format!(
                "db.getCollection({:?}).renameCollection({:?})",
                names::collection(&was.name),
                names::collection(&table.layout.collection)
            );
            compare.additive(what, command, Step::RenameCollection(was.name.clone()));
        }
        (true, true) => {
            let what = format!(
                "`{}` and `{}` are both there, and it was renamed from the one to the other. Dropping the old one loses its data",
                was.name, now.name
            );
            let command = format!(
                "db.getCollection({:?}).drop()",
                names::collection(&was.name)
            );
            compare.manual(what, command);
        }
        (true, false) => {}
    }
    if table.layout.storage.changes && !found.keeps_images {
        let what = "it does not keep what documents were before a change".to_owned();
        let command = format!("db.runCommand({})", keep_images(&table.layout.collection));
        compare.additive(what, command, Step::KeepImages);
    }
    if found.is_there {
        match &found.note {
            Some(note) => compare.noted(db, note, found).await?,
            None => {
                for misfit in misfits {
                    let command = misfit.command.as_deref();
                    let command = command.map(|call| compare.in_shell(call));
                    compare.manual(misfit.what.clone(), command.unwrap_or_default());
                }
                compare.adopt(db, found).await?;
            }
        }
    }
    compare.indexes(db, found).await?;
    // Under a new name there is no note yet.
    compare.note(now.note.as_ref());
    Ok(compare.findings)
}

struct Compare<'a> {
    table: &'a Table,
    findings: Vec<Finding>,
}

impl Compare<'_> {
    fn additive(&mut self, what: String, command: String, step: Step) {
        // What belongs to others is not larder's to change, nor to say how.
        if self.table.layout.storage.read_only {
            return self.manual(what, String::new());
        }
        let change = Change::new(&self.table.layout, Effect::Additive, what, command);
        self.findings.push(Finding { change, step });
    }

    fn manual(&mut self, what: String, command: String) {
        let command = if self.table.layout.storage.read_only {
            String::new()
        } else {
            command
        };
        let change = Change::new(&self.table.layout, Effect::Manual, what, command);
        self.findings.push(Finding {
            change,
            step: Step::None,
        });
    }

    fn in_shell(&self, call: &str) -> String {
        let name = names::collection(&self.table.layout.collection);
        format!("db.getCollection({name:?}).{call}")
    }

    fn create(&mut self) {
        let name = names::collection(&self.table.layout.collection);
        let command = format!("db.createCollection({name:?})");
        self.additive("it is missing".to_owned(), command, Step::Create);
    }

    /// Compares with what was noted when the collection was prepared last.
    async fn noted(&mut self, db: &Database, note: &Note, found: &Found) -> Result<()> {
        let layout = &self.table.layout;
        if !self.has_key(note) {
            let what = format!(
                "its key is {}, and the model's is {}",
                note.key.join(", "),
                self.table.key_names.join(", ")
            );
            self.manual(what, String::new());
            return Ok(());
        }
        if let Some(version) = self.table.version()
            && note.version.as_deref() != Some(version)
        {
            self.versions(db, found, version).await?;
        }
        for place in 0..layout.fields.len() {
            let Some((path, of)) = self.table.at(place) else {
                continue;
            };
            let was = layout
                .storage
                .renamed
                .get(&place)
                .map(|was| names::stored(was).into_owned());
            let old = was.as_deref().filter(|was| note.fields.contains_key(*was));
            let known = note.fields.get(&entry(path));
            match (known, old) {
                (Some(_), Some(old)) => {
                    let what = format!(
                        "`{old}` and `{path}` are both there, and the field was renamed from the one to the other"
                    );
                    let command =
                        self.in_shell(&format!("updateMany({{}}, {{$unset: {{{old:?}: \"\"}}}})"));
                    self.manual(what, command);
                }
                (None, Some(old)) => {
                    let what = format!("the field {path} is called {old} as yet");
                    let command = self.in_shell(&format!(
                        "updateMany({{}}, {{$rename: {{{old:?}: {path:?}}}}})"
                    ));
                    let step = Step::RenameField(old.to_owned(), path.to_owned());
                    self.additive(what, command, step);
                    self.kind(path, of, note.fields.get(old));
                }
                (Some(noted), None) => self.kind(path, of, Some(noted)),
                (None, None) => self.new_field(db, found, place).await?,
            }
        }
        Ok(())
    }

    /// Whether the key is the one that was noted, whatever its fields are called now.
    fn has_key(&self, note: &Note) -> bool {
        let Layout { key, storage, .. } = &*self.table.layout;
        let names = &self.table.key_names;
        let mut noted = key.places().iter().zip(names.iter().zip(&note.key));
        note.key.len() == names.len()
            && noted.all(|(place, (name, noted))| {
                let was = storage.renamed.get(place);
                name == noted || was.is_some_and(|was| names::stored(was) == *noted)
            })
    }

    /// A field of another kind than before.
    fn kind(&mut self, path: &str, of: Type, noted: Option<&String>) {
        let wanted = of.noted();
        if let Some(noted) = noted
            && *noted != wanted
        {
            let what = format!("its field {path} holds {noted}, and the model's holds {wanted}");
            self.manual(what, String::new());
        }
    }

    /// A field that the documents do not have yet.
    async fn new_field(&mut self, db: &Database, found: &Found, place: usize) -> Result<()> {
        let layout = &self.table.layout;
        let (Some(field), Some((path, _))) = (layout.fields.get(place), self.table.at(place))
        else {
            return Ok(());
        };
        if layout.key.has(place) {
            return Ok(());
        }
        let default = match &field.default {
            Some(default) if !default.is_null() => encode::field(self.table, place, default).ok(),
            _ => None,
        };
        match default {
            Some(default) if some(db, found, missing(path)).await? => {
                let what = format!("documents have no {path} yet; they get its default");
                let command = self.in_shell(&format!(
                        "updateMany({{{path:?}: {{$exists: false}}}}, {{$set: {{{path:?}: {default}}}}})"
                    ));
                self.additive(what, command, Step::Fill(path.to_owned(), default));
            }
            None if !field.nullable && some(db, found, doc! { path: Bson::Null }).await? => {
                let what = format!(
                    "documents have no {path}, which is required and has no default: give it one, or set it in all documents"
                );
                let command = self.in_shell(&format!(
                    "updateMany({{{path:?}: {{$exists: false}}}}, {{$set: {{{path:?}: <value>}}}})"
                ));
                self.manual(what, command);
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    /// A collection that somebody else has made.
    async fn adopt(&mut self, db: &Database, found: &Found) -> Result<()> {
        let layout = &self.table.layout;
        if let Some(version) = self.table.version() {
            self.versions(db, found, version).await?;
        }
        for place in 0..layout.fields.len() {
            let was = layout
                .storage
                .renamed
                .get(&place)
                .map(|was| names::stored(was).into_owned());
            if let (Some(old), Some((path, _))) = (was, self.table.at(place)) {
                let with = doc! { &old: { "$exists": true } };
                if some(db, found, with).await? {
                    let what = format!("the field {path} is called {old} as yet");
                    let command = self.in_shell(&format!(
                        "updateMany({{}}, {{$rename: {{{old:?}: {path:?}}}}})"
                    ));
                    let step = Step::RenameField(old, path.to_owned());
                    self.additive(what, command, step);
                    continue;
                }
            }
            self.new_field(db, found, place).await?;
        }
        if layout.storage.assigned_key {
            let what = "its keys are counted from the largest one on".to_owned();
            self.additive(what, String::new(), Step::Count);
        }
        Ok(())
    }

    /// Every document has to have a version.
    async fn versions(&mut self, db: &Database, found: &Found, version: &str) -> Result<()> {
        if self.table.layout.storage.read_only {
            if some(db, found, missing(version)).await? {
                let what = format!(
                    "documents have no {version}, and nothing is written here: say `version = none` in the model"
                );
                self.manual(what, String::new());
            }
            return Ok(());
        }
        if some(db, found, missing(version)).await? {
            let what = format!("documents have no {version} yet; they get 0");
            let command = self.in_shell(&format!(
                "updateMany({{{version:?}: {{$exists: false}}}}, {{$set: {{{version:?}: Long(0)}}}})"
            ));
            self.additive(
                what,
                command,
                Step::Fill(version.to_owned(), Bson::Int64(0)),
            );
        }
        Ok(())
    }

    async fn indexes(&mut self, db: &Database, there: &Found) -> Result<()> {
        let found = &there.indexes;
        if self.table.layout.storage.read_only {
            return Ok(());
        }
        let wanted = indexes::of(self.table);
        let serves = |found: &FoundIndex, wanted: &Wanted| {
            same_keys(&found.keys, &wanted.keys)
                && found.unique == wanted.unique
                && found.partial == wanted.partial
        };
        // Before others are made: one of these may have the name of a new one.
        for index in found.iter().filter(|index| index.name.starts_with(PREFIX)) {
            if !wanted.iter().any(|wanted| serves(index, wanted)) {
                let what = format!("no model asks for its index `{}`", index.name);
                let command = self.in_shell(&format!("dropIndex({:?})", index.name));
                self.additive(what, command, Step::DropIndex(index.name.clone()));
            }
        }
        for wanted in wanted {
            if found.iter().any(|found| serves(found, &wanted)) {
                continue;
            }
            if wanted.unique && there.is_there && self.shared(db, there, &wanted).await? {
                continue;
            }
            let unique = if wanted.unique { "unique " } else { "" };
            let what = format!("its {unique}index on {} is missing", wanted.fields());
            let command = self.in_shell(&format!(
                "createIndex({}, {})",
                wanted.keys,
                options(&wanted)
            ));
            self.additive(what, command, Step::Index(wanted));
        }
        Ok(())
    }

    /// Whether documents share values that are to be unique; then a person has to do something about it.
    async fn shared(&mut self, db: &Database, there: &Found, wanted: &Wanted) -> Result<bool> {
        let renamed = &self.table.layout.storage.renamed;
        if !renamed.is_empty() {
            // The fields have other names as yet; building the index will tell.
            return Ok(false);
        }
        let fields = wanted.keys.keys().enumerate();
        let fields: Document = fields
            .map(|(place, path)| (format!("f{place}"), Bson::from(format!("${path}"))))
            .collect();
        let stages = vec![
            doc! { "$match": wanted.partial.clone().unwrap_or_default() },
            doc! { "$group": { "_id": fields, "n": { "$sum": 1 } } },
            doc! { "$match": { "n": { "$gt": 1 } } },
            doc! { "$limit": 1 },
        ];
        let shell: Vec<String> = stages.iter().take(3).map(Document::to_string).collect();
        // Not a snapshot: another instance may be building indexes, which takes snapshots away.
        let collection = run::collection(db, &there.name);
        let mut found = collection.aggregate(stages).await.map_err(errors::plain)?;
        if !found.advance().await.map_err(errors::plain)? {
            return Ok(false);
        }
        let what = format!(
            "documents share values of {}, which are to be unique: change or remove all but one of each",
            wanted.fields()
        );
        let command = self.in_shell(&format!("aggregate([{}])", shell.join(", ")));
        self.manual(what, command);
        Ok(true)
    }

    /// Notes what the collection is, where that is not known.
    fn note(&mut self, noted: Option<&Note>) {
        let mut fields = Document::new();
        let mut known = true;
        for place in 0..self.table.layout.fields.len() {
            if let Some((path, of)) = self.table.at(place) {
                let kind = of.noted();
                known &= noted.is_some_and(|note| note.fields.get(&entry(path)) == Some(&kind));
                fields.insert(entry(path), kind);
            }
        }
        let version = self.table.version();
        known &= noted.is_some_and(|note| note.version.as_deref() == version);
        if known || self.table.layout.storage.read_only {
            return;
        }
        let key = self.table.key_names.clone();
        let note = doc! { "fields": fields, "key": key, "version": version };
        let what = "larder has no note of its fields as they are now".to_owned();
        self.additive(what, String::new(), Step::Note(note));
    }
}

/// The command that lets the server keep what documents were before a change.
pub(super) fn keep_images(collection: &str) -> Document {
    doc! {
        "collMod": &*names::collection(collection),
        "changeStreamPreAndPostImages": { "enabled": true },
        "writeConcern": { "w": "majority" },
    }
}

/// Whether some document passes.
async fn some(db: &Database, found: &Found, filter: Document) -> Result<bool> {
    let collection = run::collection(db, &found.name);
    let some = collection.find_one(filter).await;
    Ok(some.map_err(errors::plain)?.is_some())
}

/// Documents without a field.
fn missing(path: &str) -> Document {
    doc! { path: { "$exists": false } }
}

/// The name that a field is noted under: only that of a part of a key has a dot.
pub(super) fn entry(path: &str) -> String {
    path.replace('.', "/")
}

fn options(wanted: &Wanted) -> Document {
    let mut options = doc! { "name": &wanted.name };
    if wanted.unique {
        options.insert("unique", true);
    }
    if let Some(partial) = &wanted.partial {
        options.insert("partialFilterExpression", partial.clone());
    }
    options
}

/// Directions come back as numbers of any type.
fn same_keys(found: &Document, wanted: &Document) -> bool {
    let direction = |value: &Bson| match value {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        Bson::Double(number) if *number == 1.0 => Some(1),
        Bson::Double(number) if *number == -1.0 => Some(-1),
        _ => None,
    };
    found.len() == wanted.len()
        && found.iter().zip(wanted).all(|((a, from), (b, to))| {
            a == b && direction(from).is_some() && direction(from) == direction(to)
        })
}
