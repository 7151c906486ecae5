//! What a store knows of a model: where it is kept, and its fields in order with their kinds and indexes.

use larder_query::{CompactString, Value};

use crate::error::Error;
use crate::model::Kind;
use crate::record::Record;

mod key;
mod nested;
mod storage;

pub use key::KeyFields;
pub use nested::Nested;
pub use storage::{Storage, VERSION_COLUMN, Versions};

/// One field of a model as a store sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The wire name, which is also the name in the store unless [`Storage::columns`] has another.
    pub name: CompactString,
    /// What values it holds.
    pub kind: Kind,
    /// Whether null is one of them.
    pub nullable: bool,
    /// What rows that are already there get when this field is added.
    pub default: Option<Value>,
}

/// An index that the store has to keep: the values of these fields in order, the key as the last tie-break.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Positions in [`Layout::fields`].
    pub fields: Vec<usize>,
    /// Whether two records may not share these values. Nulls never collide.
    pub unique: bool,
}

/// How one model is stored. Made once at start-up, shared by every plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The model's name, for messages.
    pub model: String,
    /// The table or collection.
    pub collection: String,
    /// The fields, in the order of every [`Record`].
    pub fields: Vec<Column>,
    /// Which of the fields are the key. Records sort by it where nothing else is said.
    pub key: KeyFields,
    /// The indexes beside the one on the key.
    pub indexes: Vec<Index>,
    /// What is unusual about the table.
    pub storage: Storage,
}

impl Layout {
    /// Whether the store gives this new record its key.
    pub fn is_assigned(&self, record: &Record) -> bool {
        let mut places = self.key.places().iter();
        self.storage.assigned_key && places.any(|place| record.get(*place).is_null())
    }

    /// The error for a record whose key is taken, with a fault for each field of the key.
    pub fn duplicate_key(&self) -> Error {
        let fields = self.key.places().iter();
        let names = fields.filter_map(|place| self.fields.get(*place));
        Error::duplicate_together(names.map(|field| field.name.as_str()))
    }

    /// The place of a field by its wire name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}
