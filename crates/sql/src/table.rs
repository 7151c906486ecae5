//! One model's table: its quoted names, and the statements that are always the same.

use std::marker::PhantomData;
use std::sync::Arc;

use larder_core::Layout;

use crate::dialect::Dialect;
use crate::statement::{insert, select};

/// The column of the version, beside those of the fields.
pub(crate) const VERSION: &str = "_version";

/// How many records one `INSERT` of a bulk load takes at the most. More gained nothing when it was measured.
const CHUNK: usize = 50;

/// What is computed once for a layout.
pub(crate) struct Table<D: Dialect> {
    /// The layout that this was made of.
    pub(crate) layout: Arc<Layout>,
    /// The table's quoted name.
    pub(crate) name: String,
    /// The fields' quoted names, in order.
    pub(crate) columns: Vec<String>,
    /// The same with the table's name before them, for statements where a bare name would be ambiguous.
    pub(crate) qualified: Vec<String>,
    /// All columns, the version last: what every statement that hands out records selects.
    pub(crate) all: String,
    /// The record with a key.
    pub(crate) select_one: Arc<str>,
    /// Adds one record.
    pub(crate) insert_one: Arc<str>,
    /// Adds [`Table::chunk`] records.
    pub(crate) insert_chunk: Arc<str>,
    /// How many records `insert_chunk` adds.
    pub(crate) chunk: usize,
    dialect: PhantomData<fn() -> D>,
}

impl<D: Dialect> Table<D> {
    pub(crate) fn new(layout: Arc<Layout>) -> Self {
        let name = quoted::<D>(&layout.collection);
        let columns: Vec<String> = layout
            .fields
            .iter()
            .map(|field| quoted::<D>(&field.name))
            .collect();
        let qualified = columns
            .iter()
            .map(|column| format!("{name}.{column}"))
            .collect();
        let all = columns
            .iter()
            .map(String::as_str)
            .chain([quoted::<D>(VERSION).as_str()])
            .collect::<Vec<_>>()
            .join(", ");
        let chunk = CHUNK.min(D::MAX_BINDS / (columns.len() + 1)).max(1);
        let mut table = Self {
            layout,
            name,
            columns,
            qualified,
            all,
            select_one: Arc::default(),
            insert_one: Arc::default(),
            insert_chunk: Arc::default(),
            chunk,
            dialect: PhantomData,
        };
        table.select_one = select::one_text(&table).into();
        table.insert_one = insert::text(&table, 1).into();
        table.insert_chunk = insert::text(&table, chunk).into();
        table
    }

    /// The quoted name of the key column.
    pub(crate) fn key(&self) -> &str {
        self.columns
            .get(self.layout.key)
            .map_or("NULL", String::as_str)
    }
}

/// A name, quoted.
pub(crate) fn quoted<D: Dialect>(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    D::quote(&mut text, name);
    text
}
