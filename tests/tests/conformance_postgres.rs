//! The PostgreSQL store against the conformance suite, each scenario in a schema of its own.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_sql::PostgresStore;

#[path = "postgres/schema.rs"]
mod schema;

use schema::Schema;

/// Keeps the schema of the last store, which goes when the next one is opened.
struct Postgres {
    url: String,
    last: Mutex<Option<Schema>>,
}

impl Setup for Postgres {
    fn name(&self) -> &str {
        "postgres"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async {
            let last = self.last().take();
            if let Some(last) = last {
                last.drop().await;
            }
            let schema = Schema::create(&self.url).await;
            let url = schema.url();
            *self.last() = Some(schema);
            Ok(Arc::new(PostgresStore::open(&url).await?) as _)
        })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async {
            let url = self.last().as_ref().map(Schema::url).unwrap_or_default();
            Ok(Arc::new(PostgresStore::open(&url).await?) as _)
        }))
    }

    fn expected_ignored(&self) -> &[&str] {
        &[
            "changes::a_zero_in_an_element",
            "text::a_zero_inside_text",
            "text::a_zero_inside_documents",
        ]
    }
}

impl Postgres {
    fn last(&self) -> std::sync::MutexGuard<'_, Option<Schema>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let last = self.last().take();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let (Some(last), Ok(runtime)) = (last, runtime) {
            runtime.block_on(last.drop());
        }
    }
}

fn main() -> ExitCode {
    let Some(url) = larder_tests::server("TEST_POSTGRES_URL") else {
        return ExitCode::SUCCESS;
    };
    larder_conformance::main(Postgres {
        url,
        last: Mutex::default(),
    })
}
