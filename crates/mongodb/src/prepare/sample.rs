//! What is in the documents of a collection that somebody else has made.
//!
//! The oldest and the newest documents, by `_id`, are read as larder would read them: programs change what they write over the years,
//! so both ends tell more than a sample by chance, and they are the same at each start. What a field holds there decides the form
//! that it is stored in; a value that is in no form, or in another one than the rest, is told.

use std::collections::BTreeMap;

use larder_core::{Kind, Result};
use mongodb::Database;
use mongodb::bson::raw::{RawBsonRef, RawDocument};
use mongodb::bson::spec::ElementType;
use mongodb::bson::{Document, doc};

use super::look::Found;
use crate::form::{Forms, Type};
use crate::table::Table;
use crate::{decode, errors, names, run};

/// How many documents are looked at on either end, at the most.
const DOCUMENTS: i64 = 1_000;
/// How many bytes of documents are looked at on either end; the document that goes beyond is the last one.
const BYTES: usize = 8 << 20;

/// Something in the documents that does not fit the model.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) what: String,
    /// The call of a collection in MongoDB's shell that shows where, if one does.
    pub(super) command: Option<String>,
}

/// What was seen of one field.
struct Seen {
    path: String,
    /// The types it may have, and whether all values so far are read as such.
    candidates: Vec<(Type, bool)>,
    /// How many values there were of each type of BSON.
    found: BTreeMap<&'static str, usize>,
}

/// Looks at a collection: the forms of the fields, and what fits none.
pub(super) async fn at(
    db: &Database,
    table: &Table,
    found: &Found,
) -> Result<(Forms, Vec<Misfit>)> {
    let mut seen = fields(table);
    let mut versions = BTreeMap::new();
    let collection = run::collection(db, &found.name);
    for direction in [1, -1] {
        let find = collection
            .find(Document::new())
            .sort(doc! { names::ID: direction })
            .limit(DOCUMENTS)
            .projection(projection(table));
        let mut cursor = find.await.map_err(errors::plain)?;
        let (mut bytes, mut documents) = (0, 0);
        while bytes < BYTES && cursor.advance().await.map_err(errors::plain)? {
            let document: &RawDocument = cursor.current();
            bytes += document.as_bytes().len();
            documents += 1;
            look(table, document, &mut seen, &mut versions);
        }
        if bytes < BYTES && documents < DOCUMENTS {
            // Those were all.
            break;
        }
    }
    Ok(told(table, seen, versions))
}

fn fields(table: &Table) -> Vec<Seen> {
    let fields = table.paths.iter().zip(&table.types).enumerate();
    let fields = fields.map(|(place, (path, of))| Seen {
        path: path.clone(),
        candidates: of
            .candidates(&table.layout, place)
            .map(|of| (of, true))
            .collect(),
        found: BTreeMap::new(),
    });
    fields.collect()
}

/// The fields of the model alone: others may be large.
fn projection(table: &Table) -> Document {
    let mut fields = Document::new();
    let renamed = table.layout.storage.renamed.values();
    let renamed = renamed.map(|was| names::stored(was).into_owned());
    let tops = table.names.iter().map(|name| name.as_str().to_owned());
    for name in tops
        .chain(renamed)
        .chain(table.version().map(str::to_owned))
    {
        fields.insert(name, 1);
    }
    fields
}

fn look(
    table: &Table,
    document: &RawDocument,
    seen: &mut [Seen],
    versions: &mut BTreeMap<&'static str, usize>,
) {
    for (place, seen) in seen.iter_mut().enumerate() {
        let content = content(table, document, place);
        match content {
            None | Some(RawBsonRef::Null) => {}
            Some(content) => seen.add(table, place, content),
        }
    }
    let version = table.version().and_then(|name| top(document, name));
    if let Some(version) = version
        && decode::value(Kind::Int.into(), version).is_none()
    {
        *versions.entry(name(version)).or_default() += 1;
    }
}

/// The content of a field, under its name from before if it has not been renamed yet.
fn content<'d>(table: &Table, document: &'d RawDocument, place: usize) -> Option<RawBsonRef<'d>> {
    let keys = table.layout.key.places();
    if let Some(part) = keys.iter().position(|key| *key == place) {
        let id = top(document, names::ID)?;
        return match keys {
            [_] => Some(id),
            _ => top(id.as_document()?, table.key_names.get(part)?),
        };
    }
    let was = || {
        let was = table.layout.storage.renamed.get(&place)?;
        top(document, &names::stored(was))
    };
    top(document, table.names.get(place)?.as_str()).or_else(was)
}

fn top<'d>(document: &'d RawDocument, name: &str) -> Option<RawBsonRef<'d>> {
    let mut elements = document.into_iter().flatten();
    let found = elements.find(|(at, _)| at.as_str() == name);
    found.map(|(_, content)| content)
}

impl Seen {
    fn add(&mut self, table: &Table, place: usize, content: RawBsonRef<'_>) {
        *self.found.entry(name(content)).or_default() += 1;
        for (of, fits) in &mut self.candidates {
            *fits = *fits && decode::content(table, place, *of, content).is_some();
        }
    }

    /// What was found in words: `date (12) and string (1)`.
    fn words(&self) -> String {
        let found = self.found.iter();
        let found: Vec<String> = found
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        found.join(" and ")
    }

    /// What a person does about values that fit in no form.
    fn misfit(&self, of: Type) -> Misfit {
        let path = &self.path;
        let mut what = format!(
            "its field {path} holds {} in the documents that were looked at, and {:?} is read from {}",
            self.words(),
            of.kind,
            of.accepts()
        );
        let is_id = self.found.keys().all(|name| *name == "objectId");
        if is_id && of.kind == Kind::Text {
            what.push_str(
                ": give it the type `ObjectId<..>`, or link to a model whose id has that type",
            );
        }
        if self.found.contains_key("double") && of.kind == Kind::Decimal {
            what.push_str(": make it a float in the model, or decimals of the documents");
        }
        // A key can't be asked for by its type alone: every document has one.
        let names: Vec<&str> = self.found.keys().copied().collect();
        let command = format!("find({{{path:?}: {{$type: {names:?}}}}}, {{{path:?}: 1}}).limit(5)");
        Misfit {
            what,
            command: Some(command),
        }
    }
}

fn told(
    table: &Table,
    seen: Vec<Seen>,
    versions: BTreeMap<&'static str, usize>,
) -> (Forms, Vec<Misfit>) {
    let (mut forms, mut misfits) = (Forms::new(), Vec::new());
    for field in seen {
        let fitting = field.candidates.iter().find(|(_, fits)| *fits);
        let first = field.candidates.first();
        match (fitting, first) {
            (Some((of, _)), _) => {
                forms.insert(field.path, of.form);
            }
            (None, Some((of, _))) => misfits.push(field.misfit(*of)),
            (None, None) => {}
        }
    }
    if let (false, Some(version)) = (versions.is_empty(), table.version()) {
        let found: Vec<&str> = versions.into_keys().collect();
        misfits.push(Misfit {
            what: format!(
                "its version {version} holds {}, and versions are whole numbers",
                found.join(" and ")
            ),
            command: None,
        });
    }
    (forms, misfits)
}

/// The name of a type in MongoDB's shell.
fn name(content: RawBsonRef<'_>) -> &'static str {
    match content.element_type() {
        ElementType::Double => "double",
        ElementType::String => "string",
        ElementType::EmbeddedDocument => "object",
        ElementType::Array => "array",
        ElementType::Binary => "binData",
        ElementType::Undefined => "undefined",
        ElementType::ObjectId => "objectId",
        ElementType::Boolean => "bool",
        ElementType::DateTime => "date",
        ElementType::Null => "null",
        ElementType::RegularExpression => "regex",
        ElementType::DbPointer => "dbPointer",
        ElementType::JavaScriptCode => "javascript",
        ElementType::Symbol => "symbol",
        ElementType::JavaScriptCodeWithScope => "javascriptWithScope",
        ElementType::Int32 => "int",
        ElementType::Timestamp => "timestamp",
        ElementType::Int64 => "long",
        ElementType::Decimal128 => "decimal",
        ElementType::MaxKey => "maxKey",
        ElementType::MinKey => "minKey",
    }
}
