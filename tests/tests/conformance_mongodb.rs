//! The MongoDB store against the conformance suite, each scenario in a database of its own.
//!
//! It needs a replica set at `TEST_MONGODB_URL`; where that is unset it says so and does nothing, unless `LARDER_SERVERS` is
//! `required`.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_mongodb::MongoStore;
use larder_tests::mongodb::Scratch;

/// Keeps the last database, which goes when the next one is opened.
struct Mongo {
    url: String,
    last: Mutex<Option<Scratch>>,
}

impl Mongo {
    /// The address of the last database, or of a new one.
    async fn url(&self, new: bool) -> String {
        if new {
            let old = self
                .last
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(old) = old {
                old.drop().await;
            }
            let scratch = Scratch::new(&self.url);
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(scratch);
        }
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref()
            .map_or_else(String::new, |scratch| scratch.url().to_owned())
    }
}

impl Setup for Mongo {
    fn name(&self) -> &str {
        "mongodb"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Arc::new(MongoStore::open(&self.url(true).await).await?) as _) })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async {
            Ok(Arc::new(MongoStore::open(&self.url(false).await).await?) as _)
        }))
    }
}

fn main() -> ExitCode {
    let Some(url) = larder_tests::server("TEST_MONGODB_URL") else {
        return ExitCode::SUCCESS;
    };
    let last = Mutex::default();
    let mongo = Mongo { url, last };
    let code = larder_conformance::main_of(&[&mongo]);
    larder_tests::mongodb::drop_last(
        mongo
            .last
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    );
    code
}
