//! Where a model's table differs from one that larder would make: tables that were there before, and renames.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use larder_query::{CompactString, Value};

use super::{Layout, Nested};
use crate::record::Version;
use crate::store::FieldChange;

mod content;

/// The name of larder's own version column.
pub const VERSION_COLUMN: &str = "_version";

/// What is unusual about a model's table. The default is a table that larder makes itself.
///
/// ```
/// use larder_core::layout::{Storage, Versions};
/// let storage = Storage { versions: Versions::Column("lock_version".into()), ..Storage::default() };
/// assert!(!storage.is_usual());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Storage {
    /// Columns that are not called as their field is, by the place of the field.
    pub columns: BTreeMap<usize, CompactString>,
    /// What columns were called before, by the place of the field: a store renames them.
    pub renamed: BTreeMap<usize, CompactString>,
    /// What the table was called before: a store renames it.
    pub was: Option<String>,
    /// Where versions come from.
    pub versions: Versions,
    /// Whether the database gives new records their keys, which are whole numbers.
    pub assigned_key: bool,
    /// Whether nothing may ever be written here, neither records nor definitions.
    pub read_only: bool,
    /// The places of the text fields that hold [`ObjectId`](crate::ObjectId)s. A store may keep them as such; they sort as their texts.
    pub object_ids: BTreeSet<usize>,
    /// Where inside the lists and objects of a JSON field values stand for which a database may have types of its own, by the place of the
    /// field.
    pub nested: BTreeMap<usize, Nested>,
    /// Whether what is committed is told to those who ask ([`Store::changes`](crate::Store::changes)). A store prepares nothing for it
    /// unless this is set.
    pub changes: bool,
    /// The most that a list may take that gets elements without somebody looking at the rest of its record, in bytes of memory as
    /// [`Value::weight`](larder_query::Value::weight) counts them; [`FieldChange::LIST_BYTES`](crate::store::FieldChange::LIST_BYTES) unless
    /// set.
    pub list_bytes: Option<usize>,
}

/// Where the versions of records come from, that `ETag` and `If-Match` speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// From larder's own column ([`VERSION_COLUMN`]).
    #[default]
    Kept,
    /// From a column of whole numbers with this name, which may be null in rows of others; null counts as 0.
    Column(CompactString),
    /// The table has none: a version is the hash of these fields' values ([`Version::of_content`]). A store hands such
    /// versions out, but is never asked to write under one: the pipeline compares values instead.
    Content(Arc<[usize]>),
}

impl Storage {
    /// Whether the table is one that larder would make, so that its content needs no second look.
    pub fn is_usual(&self) -> bool {
        // Neither what its texts mean nor that others hear of it changes anything in the table.
        let table = Self {
            changes: false,
            object_ids: BTreeSet::new(),
            nested: BTreeMap::new(),
            list_bytes: None,
            ..self.clone()
        };
        table == Self::default()
    }

    /// The most that a list may take that gets elements without somebody looking at the rest of its record, in bytes.
    pub fn list_bytes(&self) -> usize {
        self.list_bytes.unwrap_or(FieldChange::LIST_BYTES)
    }
}

impl Layout {
    /// The name of a field's column; empty if there is no such field.
    pub fn column(&self, field: usize) -> &str {
        match self.storage.columns.get(&field) {
            Some(name) => name,
            None => self.fields.get(field).map_or("", |field| &field.name),
        }
    }

    /// The column with the version, where there is one.
    pub fn version_column(&self) -> Option<&str> {
        match &self.storage.versions {
            Versions::Kept => Some(VERSION_COLUMN),
            Versions::Column(name) => Some(name),
            Versions::Content(_) => None,
        }
    }

    /// The version of a record with these values: the one that was counted, or the hash of the content.
    pub fn version_of(&self, values: &[Value], counted: Version) -> Version {
        match &self.storage.versions {
            Versions::Content(fields) => Version::of_content(values, fields),
            Versions::Kept | Versions::Column(_) => counted,
        }
    }

    /// Whether versions are hashes of the content.
    pub fn by_content(&self) -> bool {
        matches!(self.storage.versions, Versions::Content(_))
    }
}
