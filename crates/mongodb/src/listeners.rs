//! The connections of those who listen.
//!
//! A change stream has a command in the server nearly all the time, which waits for something new and keeps its connection meanwhile. So
//! streams have a client of their own: however many there are, they take no connection from calls, and none of those that are
//! kept for [transactions](crate::turns). It is opened when the first one listens, and closed when the last one has gone.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use larder_core::Result;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

use crate::errors;

/// What the connections are called in the server, behind the name of the app.
const SUFFIX: &str = " changes";

/// The longest name that a server takes.
const LONGEST_NAME: usize = 128;

/// The client of those who listen. A clone is another handle on the same.
#[derive(Clone)]
pub(crate) struct Listeners(Arc<Inner>);

struct Inner {
    options: ClientOptions,
    database: String,
    /// There as long as somebody listens.
    open: Mutex<Weak<Database>>,
}

impl Listeners {
    /// Those of a database, whose client has these options.
    pub(crate) fn new(mut options: ClientOptions, database: &str) -> Self {
        options.min_pool_size = None;
        options.app_name = options.app_name.map(|mut name| {
            if name.len() + SUFFIX.len() <= LONGEST_NAME {
                name.push_str(SUFFIX);
            }
            name
        });
        Self(Arc::new(Inner {
            options,
            database: database.to_owned(),
            open: Mutex::default(),
        }))
    }

    /// The database for one more who listens, to be held as long as that is.
    pub(crate) fn database(&self) -> Result<Arc<Database>> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = open.upgrade() {
            return Ok(database);
        }
        let client = Client::with_options(self.0.options.clone()).map_err(errors::plain)?;
        let database = Arc::new(client.database(&self.0.database));
        *open = Arc::downgrade(&database);
        Ok(database)
    }
}
