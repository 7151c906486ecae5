//! The MySQL store against the conformance suite, each scenario in a database of its own.

#[path = "mysql/database.rs"]
mod database;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_core::Result;
use larder_sql::MySqlStore;

use database::Database;

/// Keeps the database of the last store, which goes when the next one is opened.
struct MySql<'a> {
    server: String,
    last: Mutex<Option<Database>>,
    /// It does not tell what is committed.
    ignored: Vec<&'a str>,
}

impl MySql<'_> {
    fn last(&self) -> std::sync::MutexGuard<'_, Option<Database>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn drop_last(&self) -> Result<()> {
        let last = self.last().take();
        match last {
            Some(last) => last.drop().await,
            None => Ok(()),
        }
    }
}

impl Setup for MySql<'_> {
    fn name(&self) -> &str {
        "mysql"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async {
            self.drop_last().await?;
            let database = Database::create(&self.server).await?;
            let store = MySqlStore::open(&database.url()).await?;
            *self.last() = Some(database);
            Ok(Arc::new(store) as _)
        })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async {
            let url = self.last().as_ref().map(Database::url);
            let store = MySqlStore::open(&url.unwrap_or_default()).await?;
            Ok(Arc::new(store) as _)
        }))
    }

    fn expected_ignored(&self) -> &[&str] {
        &self.ignored
    }
}

fn main() -> ExitCode {
    let Some(server) = larder_tests::server("TEST_MYSQL_URL") else {
        return ExitCode::SUCCESS;
    };
    let names = larder_conformance::names();
    let commits = |name: &&str| name.starts_with("commits::");
    let setup = MySql {
        server,
        last: Mutex::default(),
        ignored: names.iter().map(String::as_str).filter(commits).collect(),
    };
    let code = larder_conformance::main_of(&[&setup]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime.map(|runtime| runtime.block_on(setup.drop_last())) {
        Ok(Ok(())) => code,
        _ => ExitCode::FAILURE,
    }
}
