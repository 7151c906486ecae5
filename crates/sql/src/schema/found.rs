//! What a database has already.

use larder_core::Layout;

use super::ddl::INDEX_PREFIX;
use crate::dialect::Dialect;
use crate::table::quoted;

/// A table or view as it stands. Without columns there is none.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Its present name.
    pub(crate) name: String,
    pub(crate) columns: Vec<FoundColumn>,
    pub(crate) indexes: Vec<FoundIndex>,
    /// Whether it gives a new row its key, where the key is a whole number.
    pub(crate) assigns_keys: bool,
}

/// A column as it stands.
#[derive(Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    /// Its type, in the words of the database.
    pub(crate) declared: String,
    pub(crate) not_null: bool,
    pub(crate) has_default: bool,
    /// What else a statement has to say that changes it, where one that does not takes it away: its default, its comment.
    pub(crate) kept: String,
    /// Whether it is the primary key, or a part of it.
    pub(crate) key: bool,
}

/// An index as it stands.
#[derive(Debug)]
pub(crate) struct FoundIndex {
    pub(crate) name: String,
    pub(crate) unique: bool,
    /// Whether every row is in it.
    pub(crate) whole: bool,
    /// Its columns in order; empty for one over expressions.
    pub(crate) columns: Vec<String>,
}

impl Found {
    pub(crate) fn is_there(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Its quoted name.
    pub(crate) fn quoted<D: Dialect>(&self) -> String {
        quoted::<D>(&self.name)
    }

    pub(crate) fn column<D: Dialect>(&self, name: &str) -> Option<&FoundColumn> {
        self.columns
            .iter()
            .find(|found| D::same_name(&found.name, name))
    }

    /// The column of a field: under its present name, or under the one from before.
    pub(crate) fn column_of<D: Dialect>(
        &self,
        layout: &Layout,
        place: usize,
    ) -> Option<&FoundColumn> {
        let was = layout.storage.renamed.get(&place);
        self.column::<D>(layout.column(place))
            .or_else(|| self.column::<D>(was?))
    }

    /// The columns that no field of a model names, now or before, and that do not hold its versions.
    pub(crate) fn unnamed<'a, D: Dialect>(
        &'a self,
        layout: &'a Layout,
    ) -> impl Iterator<Item = &'a FoundColumn> {
        let is_version = |column: &FoundColumn| {
            layout
                .version_column()
                .is_some_and(|name| D::same_name(name, &column.name))
        };
        let is_named = |column: &FoundColumn| {
            (0..layout.fields.len()).any(|place| {
                let own = self.column_of::<D>(layout, place);
                own.is_some_and(|own| D::same_name(&own.name, &column.name))
            })
        };
        self.columns
            .iter()
            .filter(move |column| !is_version(column) && !is_named(column))
    }

    /// Whether no two rows can have the same in these columns, in whatever order an index has them.
    pub(crate) fn is_unique<D: Dialect>(&self, columns: &[&str]) -> bool {
        let are = |others: &[&str]| {
            let has = |column: &&str| others.iter().any(|other| D::same_name(other, column));
            others.len() == columns.len() && columns.iter().all(has)
        };
        let keys = self.columns.iter().filter(|found| found.key);
        let keys: Vec<&str> = keys.map(|found| found.name.as_str()).collect();
        are(&keys)
            || self.indexes.iter().any(|index| {
                let names: Vec<&str> = index.columns.iter().map(String::as_str).collect();
                index.unique && index.whole && are(&names)
            })
    }
}

impl FoundIndex {
    /// Whether larder made it.
    pub(crate) fn is_ours(&self) -> bool {
        self.name.starts_with(INDEX_PREFIX)
    }

    /// Whether its first columns are these.
    pub(crate) fn begins<D: Dialect>(&self, columns: &[&str]) -> bool {
        self.columns.len() >= columns.len()
            && self
                .columns
                .iter()
                .zip(columns)
                .all(|(have, want)| D::same_name(have, want))
    }
}
