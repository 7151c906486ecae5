//! The memory store against the conformance suite.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_core::MemoryStore;

/// Remembers the last store: a clone of it is the same data, opened again.
#[derive(Default)]
struct Memory(Mutex<MemoryStore>);

impl Memory {
    fn last(&self) -> MemoryStore {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Setup for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async {
            let store = MemoryStore::new();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = store.clone();
            Ok(Arc::new(store) as _)
        })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async { Ok(Arc::new(self.last()) as _) }))
    }

    /// There are no other processes.
    fn expected_ignored(&self) -> &[&str] {
        &["commits::another_process"]
    }
}

fn main() -> ExitCode {
    larder_conformance::main(Memory::default())
}
