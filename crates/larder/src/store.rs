//! Opening a store by its URL, and what a store of your own implements.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

pub use larder_core::store::*;
use larder_core::{Error, ErrorKind, MemoryStore, Result};

/// Opens the store that a URL names: `memory:`, `sqlite:blog.db`, `postgres://app@localhost/blog`, `mysql://app@localhost/blog` (or
/// `mariadb:`), `mongodb://host:27017/blog?replicaSet=rs0` (or `mongodb+srv:`), each with the cargo feature of its name but the first.
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
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => Ok(Arc::new(larder_sql::MySqlStore::open(url).await?)),
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => Ok(Arc::new(larder_sql::PostgresStore::open(url).await?)),
        #[cfg(feature = "mongodb")]
        "mongodb" | "mongodb+srv" => Ok(Arc::new(larder_mongodb::MongoStore::open(url).await?)),
        file if file == url && is_file(file) => Err(Error::setup(format!(
            "`{file}` names no store; did you mean `sqlite:{file}`?"
        ))),
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

/// A store by its scheme, the feature that it needs, and how its URLs look; nothing for another name of the same store.
const STORES: [(&str, &str, &str); 8] = [
    ("memory", "", "memory:"),
    ("sqlite", "sqlite", "sqlite:FILE.db"),
    (
        "postgres",
        "postgres",
        "postgres://USER:PASSWORD@HOST/DATABASE",
    ),
    ("postgresql", "postgres", ""),
    ("mysql", "mysql", "mysql://USER:PASSWORD@HOST/DATABASE"),
    ("mariadb", "mysql", ""),
    (
        "mongodb",
        "mongodb",
        "mongodb://USER:PASSWORD@HOST/DATABASE",
    ),
    ("mongodb+srv", "mongodb", ""),
];

/// Whether something without a scheme looks like a file of SQLite.
fn is_file(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| ["db", "db3", "sqlite", "sqlite3"].contains(&ending))
}

/// What to say of a scheme that opened nothing; the same whatever is built in. The URL itself is not repeated: it may hold a password.
fn unknown(scheme: &str) -> String {
    if let Some((_, feature, _)) = STORES.iter().find(|(name, ..)| scheme == *name) {
        return format!(
            "`{scheme}:` needs the feature `{feature}`: larder = {{ features = [\"{feature}\"] }}"
        );
    }
    match larder_query::nearest(scheme, STORES.iter().map(|(name, ..)| *name)) {
        Some(near) => format!("`{scheme}:` names no store; did you mean `{near}:`?"),
        None => {
            let forms = STORES.iter().filter(|(.., form)| !form.is_empty());
            let forms: Vec<String> = forms.map(|(.., form)| format!("`{form}`")).collect();
            format!("`{scheme}:` names no store; write {}", forms.join(" or "))
        }
    }
}
