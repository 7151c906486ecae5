//! That the rows can fail: stores with one fault each, over the store in memory.

use std::sync::{Arc, Mutex};

use larder_core::MemoryStore;

mod faults;
mod store;

use super::{Scenario, all, has, succeeds};
use crate::{Opening, Setup};
use store::{Fault, SOUND};

/// A store in memory with a fault.
struct Faulty {
    fault: Fault,
    last: Mutex<MemoryStore>,
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        let last = Mutex::default();
        Self { fault, last }
    }

    fn finds(&self, row: &Scenario) -> bool {
        !succeeds(self, row).unwrap()
    }
}

impl Setup for Faulty {
    fn name(&self) -> &str {
        self.fault.name
    }

    fn open(&self) -> Opening<'_> {
        let store = MemoryStore::new();
        *self.last.lock().unwrap() = store.clone();
        Box::pin(async { Ok(self.fault.wrap(Arc::new(store))) })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        let store = self.last.lock().unwrap().clone();
        Some(Box::pin(async { Ok(self.fault.wrap(Arc::new(store))) }))
    }
}

/// The rows that apply to the store in memory.
fn rows() -> Vec<Scenario> {
    let setup = Faulty::new(SOUND);
    let capability = larder_core::store::Store::capability(&MemoryStore::new());
    let applies = |row: &Scenario| row.needs.iter().all(|need| has(*need, &capability, &setup));
    all().into_iter().filter(applies).collect()
}

/// Every row passes without a fault, and fails with at least one.
#[test]
fn every_row_can_fail() {
    let mut blind = Vec::new();
    for row in rows() {
        assert!(succeeds(&Faulty::new(SOUND), &row).unwrap(), "{}", row.name);
        let mut faults = faults::all().into_iter();
        if !faults.any(|fault| Faulty::new(fault).finds(&row)) {
            blind.push(row.name);
        }
    }
    assert!(blind.is_empty(), "no fault is found by {blind:?}");
}

/// Every fault is found by a row of its topic.
#[test]
fn every_fault_is_found() {
    let rows = rows();
    let mut hidden = Vec::new();
    for fault in faults::all() {
        let topic = format!("{}::", fault.topic);
        let setup = Faulty::new(fault);
        let mut rows = rows.iter().filter(|row| row.name.starts_with(&topic));
        if !rows.any(|row| setup.finds(row)) {
            hidden.push(fault.name);
        }
    }
    assert!(hidden.is_empty(), "nobody finds that {hidden:?}");
}
