//! The indexes that a layout asks for.
//!
//! MongoDB reads an index forwards or backwards, but can't turn at the key in between. So an index is kept twice: with all
//! fields ascending, and with those before the key descending, which is the order of `sort=-created`. A unique index holds its
//! fields alone; where one of them may be null, it leaves out the documents without a value, so that nulls never collide.

use larder_core::{Index, Kind, Layout};
use mongodb::bson::{Binary, Bson, DateTime, Document, doc, oid::ObjectId, spec::BinarySubtype};

use crate::form::{Form, Forms, Type};
use crate::table::{Table, is_partial};

/// What the names of larder's own indexes begin with.
pub(crate) const PREFIX: &str = "larder:";

/// One index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// The paths, each with 1 or -1.
    pub(crate) keys: Document,
    pub(crate) unique: bool,
    /// Which documents are in it; none for all.
    pub(crate) partial: Option<Document>,
}

impl Wanted {
    fn new(paths: &[(&str, i32)], unique: bool, partial: Option<Document>) -> Self {
        let mut name = PREFIX.to_owned();
        if unique {
            name.push_str("unique:");
        }
        let mut keys = Document::new();
        for (place, (path, direction)) in paths.iter().enumerate() {
            name.push_str(if place > 0 { "," } else { "" });
            name.push(if *direction > 0 { '+' } else { '-' });
            name.push_str(path);
            keys.insert(*path, *direction);
        }
        Self {
            name,
            keys,
            unique,
            partial,
        }
    }

    /// What is indexed, for people.
    pub(crate) fn fields(&self) -> String {
        let fields: Vec<&str> = self.keys.keys().map(String::as_str).collect();
        fields.join(", ")
    }
}

/// All indexes of a table, beside the one that every collection has on `_id`.
pub(crate) fn of(table: &Table) -> Vec<Wanted> {
    let layout = &table.layout;
    let path = |place: &usize| table.paths.get(*place).map_or("", String::as_str);
    let keys: Vec<&str> = layout.key.places().iter().map(path).collect();
    let mut all: Vec<Wanted> = Vec::new();
    let mut add = |wanted: Wanted| {
        if !all.contains(&wanted) {
            all.push(wanted);
        }
    };
    if keys.len() > 1 {
        let parts: Vec<(&str, i32)> = keys.iter().map(|key| (*key, 1)).collect();
        add(Wanted::new(&parts, false, None));
    }
    for index in &layout.indexes {
        let fields = indexed(layout, index);
        let paths: Vec<&str> = fields.iter().map(path).collect();
        if index.unique {
            let paths: Vec<(&str, i32)> = paths.iter().map(|path| (*path, 1)).collect();
            let partial = is_partial(layout, index).then(|| with_values(table, &fields));
            add(Wanted::new(&paths, true, partial));
            continue;
        }
        // What stands behind the whole key orders nothing.
        let mut before: Vec<&str> = Vec::new();
        for path in &paths {
            if keys.iter().all(|key| before.contains(key)) {
                break;
            }
            before.push(path);
        }
        let behind: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| !before.contains(key))
            .collect();
        if before.is_empty() || before == keys || keys.starts_with(&before) && keys.len() > 1 {
            continue;
        }
        let has_json = fields.iter().any(|field| is_json(layout, *field));
        for direction in [1, -1] {
            let paths = before.iter().map(|path| (*path, direction));
            let paths: Vec<(&str, i32)> = paths.chain(behind.iter().map(|key| (*key, 1))).collect();
            // Nothing comes in its order out of an index on JSON.
            if direction > 0 || !has_json && !behind.is_empty() {
                add(Wanted::new(&paths, false, None));
            }
        }
    }
    all
}

/// The fields of an index that MongoDB can index together: of fields that may hold lists only one.
fn indexed(layout: &Layout, index: &Index) -> Vec<usize> {
    let mut json = false;
    let fields = index.fields.iter().copied();
    let known =
        fields.filter(|field| !is_json(layout, *field) || !std::mem::replace(&mut json, true));
    known.collect()
}

pub(crate) fn is_json(layout: &Layout, field: usize) -> bool {
    let field = layout.fields.get(field);
    field.is_some_and(|field| field.kind == Kind::Json)
}

/// That the fields that may be null have values, in a way that the planner sees to follow from a comparison.
fn with_values(table: &Table, fields: &[usize]) -> Document {
    let mut filter = Document::new();
    for field in fields {
        let nullable = table
            .layout
            .fields
            .get(*field)
            .is_some_and(|field| field.nullable);
        if let Some((path, of)) = table.at(*field)
            && nullable
        {
            filter.insert(path, doc! { "$gte": least(of) });
        }
    }
    filter
}

/// What no stored value of a type comes before.
fn least(of: Type) -> Bson {
    let binary = |subtype, length| {
        Bson::Binary(Binary {
            subtype,
            bytes: vec![0; length],
        })
    };
    match of.kind {
        _ if of.form == Form::ObjectId => Bson::ObjectId(ObjectId::from_bytes([0; 12])),
        _ if of.form == Form::Date => Bson::DateTime(DateTime::MIN),
        _ if of.form == Form::Decimal128 => Bson::Double(f64::NEG_INFINITY),
        Kind::Bool => Bson::Boolean(false),
        Kind::Int | Kind::Uint | Kind::Float | Kind::Instant => Bson::Double(f64::NEG_INFINITY),
        Kind::Text | Kind::Decimal | Kind::Json => Bson::from(""),
        Kind::Date => Bson::DateTime(DateTime::MIN),
        Kind::Uuid => binary(BinarySubtype::Uuid, 16),
        Kind::Bytes => binary(BinarySubtype::Generic, 0),
    }
}

/// The first field of a unique index, by the index's name.
pub(crate) fn field_of(layout: &Layout, name: &str) -> Option<usize> {
    // Names of indexes tell of paths alone, not of forms.
    let table = Table::new(layout.clone().into(), &Forms::new());
    let ours = layout
        .indexes
        .iter()
        .filter(|index| index.unique)
        .find(|index| {
            let paths = index.fields.iter().filter_map(|field| table.at(*field));
            let paths: Vec<(&str, i32)> = paths.map(|(path, _)| (path, 1)).collect();
            Wanted::new(&paths, true, None).name == name
        });
    // Somebody else's index is mostly called `slug_1`.
    let theirs = || {
        let begins = |place: &usize| {
            let path = table.paths.get(*place).map_or("", String::as_str);
            name.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('_'))
        };
        (0..layout.fields.len())
            .filter(begins)
            .max_by_key(|place| table.paths.get(*place).map(String::len))
    };
    match ours {
        Some(index) => index.fields.first().copied(),
        None => theirs(),
    }
}
