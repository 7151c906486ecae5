//! The stores that every scenario runs on.

use std::sync::Arc;
use std::time::Duration;

use larder::{MemoryStore, Store};
use larder_sql::SqliteStore;
use tempfile::TempDir;

/// A store for one test, and the folder that holds its file.
#[derive(Debug)]
pub struct Backend {
    store: Arc<dyn Store>,
    folder: Option<TempDir>,
}

impl Backend {
    /// In memory.
    pub fn memory() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            folder: None,
        }
    }

    /// In a SQLite file of its own.
    ///
    /// # Panics
    /// If the file can't be made: then the machine can't run tests.
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let store = SqliteStore::builder(&url)
            .busy_timeout(Duration::from_secs(20))
            .open()
            .await
            .expect("a SQLite file");
        Self {
            store: Arc::new(store),
            folder: Some(folder),
        }
    }

    /// The store.
    pub fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Whether it is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }
}

/// Makes each scenario, an `async fn(Backend)`, a test on every store.
#[macro_export]
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $name() { super::$name($crate::Backend::memory()).await; })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $name() { super::$name($crate::Backend::sqlite().await).await; })*
        }
    };
}
