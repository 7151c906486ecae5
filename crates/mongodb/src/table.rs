//! What is computed once a layout.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use larder_core::store::operand::{self, Fit, Relation};
use larder_core::{Index, Key, Layout};
use mongodb::bson::raw::CString;
use mongodb::bson::{Bson, Document, doc};

use crate::form::{Forms, Type};
use crate::{encode, names};

/// A layout and what its fields are called.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) layout: Arc<Layout>,
    /// The names of fields at the top of a document, by their places; those of the key's fields are not used.
    pub(crate) names: Vec<CString>,
    /// The names of the parts in an `_id` that has several.
    pub(crate) key_names: Vec<String>,
    /// Where each field is found: `name`, `_id`, `_id.part`.
    pub(crate) paths: Vec<String>,
    /// What each field holds, and how it is stored.
    pub(crate) types: Vec<Type>,
    /// The name of the field with the version.
    pub(crate) version: Option<CString>,
    /// The layout with those indexes only that hold every document; none if all do.
    pub(crate) whole: Option<Layout>,
}

impl Table {
    /// `forms` are those that were found in the collection.
    pub(crate) fn new(layout: Arc<Layout>, forms: &Forms) -> Self {
        let version = layout.version_column().map(names::stored);
        let top = |place: usize| {
            let name = names::stored(layout.column(place));
            // The names that mean something else in every document.
            let taken = name == names::ID || version.as_ref() == Some(&name);
            let escaped = name.replacen('_', "%5F", 1);
            if taken { escaped } else { name.into_owned() }
        };
        let fields = 0..layout.fields.len();
        let tops: Vec<String> = fields.clone().map(top).collect();
        let keys = layout.key.places();
        let key_names: Vec<String> = keys
            .iter()
            .map(|place| names::stored(layout.column(*place)).into_owned())
            .collect();
        let paths = fields.map(|place| match keys {
            [only] if *only == place => names::ID.to_owned(),
            _ => match keys.iter().position(|key| *key == place) {
                Some(part) => key_names
                    .get(part)
                    .map_or_else(String::new, |name| format!("{}.{name}", names::ID)),
                None => tops.get(place).cloned().unwrap_or_default(),
            },
        });
        let paths: Vec<String> = paths.collect();
        let types = paths.iter().enumerate();
        let types = types.map(|(place, path)| Type::of(&layout, place, path, forms));
        let types = types.collect();
        let whole = layout
            .indexes
            .iter()
            .any(|index| is_partial(&layout, index));
        let whole = whole.then(|| {
            let mut whole = Layout::clone(&layout);
            whole.indexes.retain(|index| !is_partial(&layout, index));
            whole
        });
        Self {
            names: tops.iter().map(|name| names::bson(name)).collect(),
            version: version.map(|name| names::bson(&name)),
            key_names,
            paths,
            types,
            whole,
            layout,
        }
    }

    /// The place of a field by its stored name, looked for from a place on.
    pub(crate) fn place(&self, name: &str, from: usize) -> Option<usize> {
        let fields = self.names.len();
        let mut places = (from..fields).chain(0..from.min(fields));
        places.find(|place| {
            self.names.get(*place).is_some_and(|it| it.as_str() == name)
                && !self.layout.key.has(*place)
        })
    }

    /// Where a field is found, and its type.
    pub(crate) fn at(&self, place: usize) -> Option<(&str, Type)> {
        Some((self.paths.get(place)?, *self.types.get(place)?))
    }

    /// The stored `_id` of a key; none if no record can have this key.
    pub(crate) fn id(&self, key: &Key) -> Option<Bson> {
        let places = self.layout.key.places();
        let parts = key.parts();
        if parts.len() != places.len() {
            return None;
        }
        let part = |place: &usize, part| {
            let of = *self.types.get(*place)?;
            match operand::fit(of.kind, Relation::Eq, part) {
                Fit::Test(_, part) => encode::value(of, &part).ok(),
                _ => None,
            }
        };
        if let ([place], [only]) = (places, parts) {
            return part(place, only);
        }
        let mut id = Document::new();
        for ((place, value), name) in places.iter().zip(parts).zip(&self.key_names) {
            id.insert(name.clone(), part(place, value)?);
        }
        Some(Bson::Document(id))
    }

    /// The filter for the document with a key.
    pub(crate) fn key_is(&self, key: &Key) -> Option<Document> {
        self.id(key).map(|id| doc! { names::ID: id })
    }

    /// The name of the version's field.
    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_ref().map(CString::as_str)
    }
}

/// Whether an index leaves documents out: those without a value in one of its fields, which may all be there.
pub(crate) fn is_partial(layout: &Layout, index: &Index) -> bool {
    let nullable = |field: &usize| {
        layout
            .fields
            .get(*field)
            .is_some_and(|field| field.nullable)
            && !layout.key.has(*field)
    };
    index.unique && index.fields.iter().any(nullable)
}

/// Tables by their collections, shared by the store and its transactions.
#[derive(Clone, Default)]
pub(crate) struct Tables(Arc<RwLock<HashMap<String, Known>>>);

/// What is known of a collection.
#[derive(Default)]
struct Known {
    table: Option<Arc<Table>>,
    forms: Forms,
}

impl Tables {
    /// The table of a layout, computed if this layout was not seen before.
    pub(crate) fn of(&self, layout: &Arc<Layout>) -> Arc<Table> {
        let seen = |known: &Known| {
            let table = known.table.as_ref()?;
            Arc::ptr_eq(&table.layout, layout).then(|| Arc::clone(table))
        };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = known.get(&layout.collection).and_then(seen) {
            return table;
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(layout.collection.clone()).or_default();
        let table = Arc::new(Table::new(Arc::clone(layout), &known.forms));
        known.table = Some(Arc::clone(&table));
        table
    }

    /// Notes in which forms a collection holds the values of these fields.
    pub(crate) fn learn(&self, collection: &str, found: Forms) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(collection.to_owned()).or_default();
        let mut forms = known.forms.clone();
        forms.extend(found);
        if known.forms != forms {
            *known = Known { table: None, forms };
        }
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(tables.keys()).finish()
    }
}
