//! What a store has computed of its models.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use larder_core::Layout;

use crate::dialect::Dialect;
use crate::table::Table;

/// What is computed once a layout, shared by a store and its transactions.
pub(crate) struct Tables<D: Dialect>(Arc<RwLock<HashMap<String, Arc<Table<D>>>>>);

impl<D: Dialect> Default for Tables<D> {
    fn default() -> Self {
        Self(Arc::default())
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
            .get(&layout.collection)
            .cloned();
        match known {
            Some(table) if Arc::ptr_eq(&table.layout, layout) => table,
            _ => {
                let table = Arc::new(Table::new(Arc::clone(layout)));
                let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
                tables.insert(layout.collection.clone(), Arc::clone(&table));
                table
            }
        }
    }
}

impl<D: Dialect> fmt::Debug for Tables<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(tables.keys()).finish()
    }
}
