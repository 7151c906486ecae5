//! Opening a store by its URL, and what a store of your own implements.

use std::sync::Arc;

pub use larder_core::store::*;
use larder_core::{Error, ErrorKind, MemoryStore, Result};

/// Opens the store that a URL names: `memory:`, `sqlite:blog.db`; with the feature `mongodb` also
/// `mongodb://host:27017/blog?replicaSet=rs0` and `mongodb+srv://host/blog`.
///
/// # Errors
/// `Setup` for a URL that is not understood, or a database that can't be opened: it says what was tried and what to do.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> larder::Result<()> {
/// let store = larder::store::open("memory:").await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
pub async fn open(url: &str) -> Result<Arc<dyn Store>> {
    match url.split_once(':').map_or(url, |(scheme, _)| scheme) {
        "memory" => Ok(Arc::new(MemoryStore::new())),
        #[cfg(feature = "sqlite")]
        "sqlite" => Ok(Arc::new(larder_sql::SqliteStore::open(url).await?)),
        #[cfg(feature = "mongodb")]
        "mongodb" | "mongodb+srv" => Ok(Arc::new(larder_mongodb::MongoStore::open(url).await?)),
        other => Err(Error::setup(unknown(other))),
    }
}

/// Opens the store that the variable `DATABASE_URL` names, or else the one given here.
///
/// # Errors
/// As [`open`]; where the variable is at fault, the message says so.
pub async fn from_env(default: &str) -> Result<Arc<dyn Store>> {
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => open(&url).await.map_err(|error| match error.kind() {
            ErrorKind::Setup => {
                Error::setup(format!("in DATABASE_URL: {}", error.message())).with_source(error)
            }
            _ => error,
        }),
        _ => open(default).await,
    }
}

/// The URL itself is not repeated: it may hold a password.
fn unknown(scheme: &str) -> String {
    let known = [
        Some("memory"),
        cfg!(feature = "sqlite").then_some("sqlite"),
        cfg!(feature = "mongodb").then_some("mongodb"),
    ];
    match larder_query::nearest(scheme, known.into_iter().flatten()) {
        Some(near) => {
            format!("`{scheme}:` names no store that is built in; did you mean `{near}:`?")
        }
        None if scheme == "sqlite" => needs("sqlite", "sqlite"),
        None if scheme.starts_with("mongodb") => needs(scheme, "mongodb"),
        None => format!(
            "`{scheme}:` names no store that is built in; write `memory:` or `sqlite:FILE.db`"
        ),
    }
}

fn needs(scheme: &str, feature: &str) -> String {
    format!("`{scheme}:` needs the feature `{feature}`: larder = {{ features = [\"{feature}\"] }}")
}
