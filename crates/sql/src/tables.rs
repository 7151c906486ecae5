//! What a store has computed of its models.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use larder_core::Layout;

use crate::dialect::Dialect;
use crate::schema::Found;
use crate::table::Table;

/// What is computed once a layout, shared by a store and its transactions.
pub(crate) struct Tables<D: Dialect>(Arc<RwLock<Known<D>>>);

/// What is known of each collection.
struct Known<D: Dialect> {
    tables: HashMap<String, Arc<Table<D>>>,
    /// What was in the database when it was looked at last.
    found: HashMap<String, Found>,
}

impl<D: Dialect> Default for Tables<D> {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Known {
            tables: HashMap::new(),
            found: HashMap::new(),
        })))
    }
}

impl<D: Dialect> Clone for Tables<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Dialect> Tables<D> {
    /// The table of a layout, computed if this layout was not seen before.
    pub(crate) fn of(&self, layout: &Arc<Layout>) -> Arc<Table<D>> {
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .tables
            .get(&layout.collection)
            .cloned();
        match known {
            Some(table) if Arc::ptr_eq(&table.layout, layout) => table,
            _ => {
                let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
                let found = known.found.get(&layout.collection);
                let table = Arc::new(Table::new(Arc::clone(layout), found));
                known
                    .tables
                    .insert(layout.collection.clone(), Arc::clone(&table));
                table
            }
        }
    }

    /// Notes how the table of a collection is declared.
    pub(crate) fn note(&self, collection: &str, found: Found) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.tables.remove(collection);
        known.found.insert(collection.to_owned(), found);
    }
}

impl<D: Dialect> fmt::Debug for Tables<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(known.tables.keys()).finish()
    }
}
