//! larder in a static library: its linker takes only what something names, so registrations by `inventory` may be gone.

use std::ffi::{CString, c_char, c_int};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use larder::prelude::*;
use larder::{MemoryStore, ModelSet, runtime};

/// Somebody who writes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
pub struct Author {
    /// Its id.
    #[model(id)]
    pub id: Id<Author>,
}

/// What they write.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
pub struct Book {
    /// Its id.
    #[model(id)]
    pub id: Id<Book>,
    /// Who wrote it.
    pub author: ModelLink<Author>,
}

/// The memory store never waits, so one poll is enough.
fn finish<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(work).poll(&mut context) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// Builds an app in one of four ways and says which models it has, or why it has none.
pub fn built(how: i32) -> String {
    let models: ModelSet = match how {
        0 => models![Author, Book],
        1 => models![Book],
        2 => models![split_accounts::Account, split_accounts::Group],
        // Nothing else in this library names the second crate.
        _ => models!(split_accounts::Account, split_shop::*),
    };
    let app = App::builder()
        .models(models)
        .store("main", MemoryStore::new());
    match finish(app.build_with(Arc::new(runtime::Inline))) {
        Some(Ok(app)) => {
            let names: Vec<&str> = app.models().map(|model| model.name()).collect();
            names.join(" ")
        }
        Some(Err(error)) => error.message().to_owned(),
        None => "waited".to_owned(),
    }
}

/// As [`built`], for C: a text that the caller keeps for good.
#[unsafe(no_mangle)]
pub extern "C" fn split_linked_built(how: c_int) -> *const c_char {
    CString::new(built(how)).unwrap_or_default().into_raw()
}
