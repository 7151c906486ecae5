//! Orders in memory: one lock over the orders by id and the index by customer, as they change together.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use parking_lot::RwLock;

use super::condition::Condition;
use super::model::{Put, Stored};
use super::page::{Page, Window};

/// A handle to the orders; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<RwLock<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    orders: HashMap<String, Arc<Stored>>,
    by_customer: HashMap<String, BTreeMap<String, Arc<Stored>>>,
}

impl Tables {
    /// Puts `order` in the place of the one with its id, in both maps.
    fn set(&mut self, order: Arc<Stored>) {
        let old = self.orders.insert(order.id.clone(), Arc::clone(&order));
        if let Some(old) = old
            && old.customer != order.customer
            && let Some(bucket) = self.by_customer.get_mut(&old.customer)
        {
            bucket.remove(&old.id);
            if bucket.is_empty() {
                self.by_customer.remove(&old.customer);
            }
        }
        match self.by_customer.get_mut(&order.customer) {
            Some(bucket) => {
                bucket.insert(order.id.clone(), order);
            }
            None => {
                self.by_customer.insert(
                    order.customer.clone(),
                    BTreeMap::from([(order.id.clone(), order)]),
                );
            }
        }
    }
}

impl Memory {
    pub(super) fn load(&self, rows: impl Iterator<Item = Stored>) {
        let mut tables = self.0.write();
        rows.for_each(|order| tables.set(Arc::new(order)));
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Stored>> {
        self.0.read().orders.get(id).cloned()
    }

    pub(super) fn list(
        &self,
        customer: &str,
        Window {
            start,
            count,
            after,
        }: Window,
    ) -> Page<Arc<Stored>> {
        let tables = self.0.read();
        let Some(bucket) = tables.by_customer.get(customer) else {
            return Page {
                rows: Vec::new(),
                start,
                total: 0,
            };
        };
        let rows = match after {
            None => bucket
                .values()
                .skip(start as usize)
                .take(count as usize)
                .cloned()
                .collect(),
            Some(after) => bucket
                .range((Bound::Excluded(after), Bound::Unbounded))
                .take(count as usize)
                .map(|(_, order)| Arc::clone(order))
                .collect(),
        };
        Page {
            rows,
            start,
            total: bucket.len() as u64,
        }
    }

    pub(super) fn insert(&self, order: Stored) -> Arc<Stored> {
        let order = Arc::new(order);
        self.0.write().set(Arc::clone(&order));
        order
    }

    pub(super) fn put(&self, mut order: Stored, condition: &Condition) -> Option<Put<Arc<Stored>>> {
        let mut tables = self.0.write();
        let old = tables
            .orders
            .get(&order.id)
            .map(|old| (old.version, old.created));
        if !condition.holds(old.map(|(version, _)| version)) {
            return None;
        }
        if let Some((version, created)) = old {
            order.version = version + 1;
            order.created = created;
        }
        let order = Arc::new(order);
        tables.set(Arc::clone(&order));
        Some(if old.is_some() {
            Put::Replaced(order)
        } else {
            Put::Created(order)
        })
    }
}
