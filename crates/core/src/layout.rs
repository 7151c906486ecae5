//! What a store knows of a model: where it is kept, and its fields in order with their kinds and indexes.

use larder_query::{CompactString, Value};

use crate::model::Kind;

mod storage;

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
    /// The fields, in the order of every [`Record`](crate::Record).
    pub fields: Vec<Column>,
    /// The place of the key in `fields`.
    pub key: usize,
    /// The indexes beside the one on the key.
    pub indexes: Vec<Index>,
    /// What is unusual about the table.
    pub storage: Storage,
}

impl Layout {
    /// The place of a field by its wire name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}
