//! One model's table: its quoted names, and the statements that are always the same.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use larder_core::{Kind, Layout, Versions};

use crate::dialect::Dialect;
use crate::schema::Found;
use crate::shape::Shape;
use crate::statement::column::At;
use crate::statement::{insert, select};

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
    /// How the columns hold what they do.
    pub(crate) shapes: Vec<Shape>,
    /// The quoted name of the column for versions, where there is one.
    pub(crate) version: Option<String>,
    /// Its value, where null counts as 0.
    pub(crate) version_value: String,
    /// The quoted names of the columns of the key, with commas between them.
    pub(crate) key: String,
    /// All columns, the version last: what every statement that hands out records selects.
    pub(crate) all: String,
    /// The same as names, for an `INSERT`.
    pub(crate) into: String,
    /// The record with a key.
    pub(crate) select_one: Arc<str>,
    /// The same, so that nobody else changes the record until the transaction ends.
    pub(crate) select_locked: Arc<str>,
    /// Adds one record.
    pub(crate) insert_one: Arc<str>,
    /// Adds [`Table::chunk`] records.
    pub(crate) insert_chunk: Arc<str>,
    /// Adds one record whose key the database gives, and returns it.
    pub(crate) insert_assigned: Arc<str>,
    /// How many records `insert_chunk` adds.
    pub(crate) chunk: usize,
    /// Whether others may have put values here that larder would not.
    careful: bool,
    dialect: PhantomData<fn() -> D>,
}

impl<D: Dialect> Table<D> {
    /// The table of a layout, of which this was found in the database.
    pub(crate) fn new(layout: Arc<Layout>, found: Option<&Found>) -> Self {
        let name = quoted::<D>(&layout.collection);
        let columns: Vec<String> = layout
            .fields
            .iter()
            .enumerate()
            .map(|(place, _)| quoted::<D>(layout.column(place)))
            .collect();
        let qualified = columns
            .iter()
            .map(|column| format!("{name}.{column}"))
            .collect();
        let version = layout.version_column().map(quoted::<D>);
        let version_value = version_value::<D>(&layout, None);
        let list = |last: Option<&str>| {
            let columns = columns.iter().map(String::as_str).chain(last);
            columns.collect::<Vec<_>>().join(", ")
        };
        let all = list(version.as_ref().map(|_| version_value.as_str()));
        let into = list(version.as_deref());
        let keys = layout.key.places().iter();
        let keys: Vec<&str> = keys
            .filter_map(|place| columns.get(*place))
            .map(String::as_str)
            .collect();
        let key = keys.join(", ");
        let usual = layout.storage.is_usual();
        let chunk = CHUNK.min(D::MAX_BINDS / (columns.len() + 1)).max(1);
        let mut table = Self {
            layout,
            name,
            columns,
            qualified,
            shapes: Vec::new(),
            version,
            version_value,
            key,
            all,
            into,
            select_one: Arc::default(),
            select_locked: Arc::default(),
            insert_one: Arc::default(),
            insert_chunk: Arc::default(),
            insert_assigned: Arc::default(),
            chunk,
            careful: !usual,
            dialect: PhantomData,
        };
        table.take_shapes(found);
        table.select_one = select::one_text(&table).into();
        table.select_locked = select::locked_text(&table).into();
        table.insert_one = insert::text(&table, 1).into();
        table.insert_chunk = insert::text(&table, chunk).into();
        if table.layout.storage.assigned_key {
            table.insert_assigned = insert::assigned_text(&table).into();
        }
        table
    }

    /// The value of the version column with the table's name before it.
    pub(crate) fn qualified_version(&self) -> String {
        version_value::<D>(&self.layout, Some(&self.name))
    }

    /// What the column of a field is declared as.
    pub(crate) fn column_type(&self, place: usize) -> Cow<'static, str> {
        let kind = |place: usize| self.layout.fields.get(place).map(|field| field.kind);
        let long = |fields: &[usize]| {
            let long = |place: &&usize| matches!(kind(**place), Some(Kind::Text | Kind::Bytes));
            fields.iter().filter(long).count()
        };
        let indexes = self
            .layout
            .indexes
            .iter()
            .map(|index| index.fields.as_slice());
        let holders = indexes.chain([self.layout.key.places()]);
        let most = holders
            .filter(|fields| fields.contains(&place))
            .map(long)
            .max();
        match (kind(place), most) {
            (Some(kind), Some(most)) => D::indexed_type(kind, most),
            (Some(kind), None) => Cow::Borrowed(D::column_type(kind)),
            (None, _) => Cow::Borrowed(""),
        }
    }

    /// How many columns a record has.
    pub(crate) fn width(&self) -> usize {
        self.columns.len() + usize::from(self.version.is_some())
    }

    /// Takes how the columns are declared: as they were found, or as larder declares them.
    fn take_shapes(&mut self, found: Option<&Found>) {
        for (place, field) in self.layout.fields.iter().enumerate() {
            let own = self.column_type(place);
            let found = found.and_then(|found| found.column_of::<D>(&self.layout, place));
            let declared = found.map_or(&*own, |found| &found.declared);
            self.careful |= !declared.eq_ignore_ascii_case(&own);
            // What does not fit is refused elsewhere; of a view all is looked at when it is read.
            let shape = D::shape(field.kind, declared).unwrap_or_default();
            self.shapes.push(shape);
        }
    }

    /// How a column holds what it does.
    pub(crate) fn shape(&self, place: usize) -> &Shape {
        self.shapes.get(place).unwrap_or(&Shape::USUAL)
    }

    /// Whether values are to be checked when they are read.
    #[allow(dead_code, reason = "PostgreSQL's columns hold what they declare")]
    pub(crate) fn is_careful(&self) -> bool {
        self.careful
    }

    /// The quoted name of a column of the key: of the only one, where there is one.
    pub(crate) fn first_key(&self) -> &str {
        let place = self.layout.key.places().first();
        place
            .and_then(|place| self.columns.get(*place))
            .map_or("NULL", String::as_str)
    }

    /// The columns of the key.
    pub(crate) fn keys(&self) -> impl Iterator<Item = At<'_>> {
        self.layout.key.places().iter().map(|place| {
            let kind = self.layout.fields.get(*place).map(|field| field.kind);
            let name = self.columns.get(*place).map_or("NULL", String::as_str);
            At {
                kind: kind.unwrap_or(Kind::Text),
                name,
                outer: self.qualified.get(*place).map_or(name, String::as_str),
                nullable: false,
                shape: self.shape(*place),
            }
        })
    }
}

/// The value of the version column, after the name of its table if one is given; 0 where the table has none.
pub(crate) fn version_value<D: Dialect>(layout: &Layout, table: Option<&str>) -> String {
    let Some(name) = layout.version_column() else {
        return "0".to_owned();
    };
    let before = table.map_or_else(String::new, |table| format!("{table}."));
    let column = format!("{before}{}", quoted::<D>(name));
    match layout.storage.versions {
        // Others may add rows without it.
        Versions::Column(_) => format!("COALESCE({column}, 0)"),
        _ => column,
    }
}

/// A name, quoted.
pub(crate) fn quoted<D: Dialect>(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    D::quote(&mut text, name);
    text
}
