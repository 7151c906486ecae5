//! The stores that the page has columns for. A store joins with a line in `COLUMNS` and one in `setup`.

use std::sync::Arc;

use larder_conformance::{Opening, Setup};
use larder_core::{BoxFuture, MemoryStore};
use tempfile::TempDir;

#[cfg(feature = "postgres")]
#[path = "../postgres/schema.rs"]
#[allow(dead_code, reason = "it is made for tests that need more of it")]
mod schema;

#[cfg(feature = "mysql")]
#[path = "../mysql/database.rs"]
mod database;

/// The names of the columns, and whether there is a database outside this process.
pub(crate) const COLUMNS: [(&str, bool); 5] = [
    ("memory", false),
    ("SQLite", true),
    ("PostgreSQL", true),
    ("MariaDB", true),
    ("MongoDB", true),
];

/// How the store of a column is opened. None where its server is not there.
pub(crate) fn setup(column: &str) -> Option<Box<dyn Setup>> {
    match column {
        "memory" => Some(Box::new(Memory)),
        "SQLite" => {
            let folder = TempDir::new().expect("a temporary folder");
            let url = format!("sqlite:{}", folder.path().join("things.db").display());
            Some(Box::new(Place::new(url, async move { drop(folder) })))
        }
        #[cfg(feature = "postgres")]
        "PostgreSQL" => {
            let server = larder_tests::server("TEST_POSTGRES_URL")?;
            let schema = block_on(schema::Schema::create(&server));
            Some(Box::new(Place::new(schema.url(), schema.drop())))
        }
        #[cfg(feature = "mysql")]
        "MariaDB" => {
            let server = larder_tests::server("TEST_MYSQL_URL")?;
            let database = block_on(database::Database::create(&server)).expect("a database");
            Some(Box::new(Place::new(database.url(), async move {
                database.drop().await.expect("our database");
            })))
        }
        #[cfg(feature = "mongodb")]
        "MongoDB" => {
            let server = larder_tests::server("TEST_MONGODB_URL")?;
            let scratch = larder_tests::mongodb::Scratch::new(&server);
            Some(Box::new(Place::new(
                scratch.url().to_owned(),
                scratch.drop(),
            )))
        }
        _ => None,
    }
}

struct Memory;

impl Setup for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Arc::new(MemoryStore::new()) as _) })
    }
}

/// A place of the test's own that a URL leads to.
struct Place {
    url: String,
    /// Takes the place away.
    end: Option<BoxFuture<'static, ()>>,
}

impl Place {
    fn new(url: String, end: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            url,
            end: Some(Box::pin(end)),
        }
    }
}

impl Setup for Place {
    fn name(&self) -> &str {
        self.url.split(':').next().unwrap_or_default()
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(larder::store::open(&self.url))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            block_on(end);
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(future)
}
