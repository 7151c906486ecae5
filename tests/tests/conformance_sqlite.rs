//! The SQLite store against the conformance suite, each scenario on a file of its own.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_core::{Error, Result};
use larder_sql::SqliteStore;
use tempfile::TempDir;

/// Keeps the folder of the last store, which goes when the next one is opened.
#[derive(Default)]
struct Sqlite(Mutex<Option<TempDir>>);

impl Sqlite {
    /// The address of the file in the last folder, or in a new one.
    fn url(&self, new: bool) -> Result<String> {
        let mut folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if new {
            *folder = Some(TempDir::new().map_err(Error::internal)?);
        }
        let path = folder
            .as_ref()
            .map(|folder| folder.path().join("things.db"));
        Ok(format!("sqlite:{}", path.unwrap_or_default().display()))
    }
}

impl Setup for Sqlite {
    fn name(&self) -> &str {
        "sqlite"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Arc::new(SqliteStore::open(&self.url(true)?).await?) as _) })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async {
            Ok(Arc::new(SqliteStore::open(&self.url(false)?).await?) as _)
        }))
    }

    /// Only what is committed through the store itself is told.
    fn expected_ignored(&self) -> &[&str] {
        &["commits::another_process"]
    }
}

fn main() -> ExitCode {
    larder_conformance::main(Sqlite::default())
}
