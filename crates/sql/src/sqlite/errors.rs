//! What SQLite's faults mean in larder's terms. The table is in the crate's documentation.

use std::sync::Arc;

use larder_core::{Error, ErrorKind, FieldError, Layout};
use sqlx::error::DatabaseError;

use crate::driver::Fault;

/// Primary result codes of SQLite: the low eight bits of what the driver reports.
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const INTERRUPT: i32 = 9;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const TOOBIG: i32 = 18;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const BUSY_SNAPSHOT: i32 = 5 | 2 << 8;
    pub(super) const NOT_NULL: i32 = 19 | 5 << 8;
    pub(super) const PRIMARY_KEY: i32 = 19 | 6 << 8;
    pub(super) const UNIQUE: i32 = 19 | 8 << 8;
    pub(super) const ROWID: i32 = 19 | 10 << 8;
}

/// A fault of the driver, which several waiting writers may have to hear of.
#[derive(Clone, Debug)]
pub(crate) struct SqliteFault {
    /// SQLite's extended code; none if SQLite was not reached.
    code: Option<i32>,
    source: Arc<sqlx::Error>,
}

impl From<sqlx::Error> for SqliteFault {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(DatabaseError::code)
            .and_then(|code| code.parse().ok());
        Self {
            code,
            source: Arc::new(error),
        }
    }
}

impl Fault for SqliteFault {
    fn ends_transaction(&self) -> bool {
        // SQLite may have rolled back.
        use code::{BUSY, FULL, INTERRUPT, IOERR, LOCKED, NOMEM};
        self.primary()
            .is_none_or(|code| [BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL].contains(&code))
    }

    fn ends_connection(&self) -> bool {
        self.code.is_none()
    }

    fn into_error(self, layout: &Layout) -> Error {
        match self.code {
            Some(code::UNIQUE | code::PRIMARY_KEY | code::ROWID) => {
                if self.is_of_key(layout) {
                    return layout.duplicate_key().with_source(self.source);
                }
                Error::duplicate(&self.field(layout)).with_source(self.source)
            }
            Some(code::NOT_NULL) => {
                let field = self.field(layout);
                let pointer = format!("/{field}");
                let message = "is required".to_owned();
                Error::invalid(vec![FieldError {
                    field,
                    pointer,
                    message,
                    code: "required",
                }])
                .with_source(self.source)
            }
            _ => self.into_plain(),
        }
    }

    fn into_plain(self) -> Error {
        let (kind, message) = match (self.code, self.primary()) {
            (Some(code::BUSY_SNAPSHOT), _) => {
                (ErrorKind::Conflict, "another write was first; try again")
            }
            (_, Some(code::BUSY | code::LOCKED)) => (ErrorKind::Unavailable, BUSY),
            (_, Some(code::FULL)) => (ErrorKind::Unavailable, "the disk of the database is full"),
            (_, Some(code::IOERR)) => (
                ErrorKind::Unavailable,
                "the database's file can't be read or written now",
            ),
            (_, Some(code::CANTOPEN)) => (
                ErrorKind::Unavailable,
                "the database's file can't be opened now",
            ),
            (_, Some(code::READONLY)) => (
                ErrorKind::Unavailable,
                "the database's file can't be written now",
            ),
            (_, Some(code::NOMEM | code::INTERRUPT)) => {
                (ErrorKind::Unavailable, "the database can't answer now")
            }
            (_, Some(code::TOOBIG)) => {
                (ErrorKind::TooLarge, "a value is too large for the database")
            }
            (_, Some(code::CONSTRAINT)) => (
                ErrorKind::Duplicate,
                "a constraint of the database refused this",
            ),
            (None, _) => (
                ErrorKind::Unavailable,
                "the connection to the database was lost; try again",
            ),
            _ => return Error::internal(self.source),
        };
        Error::new(kind, message).with_source(self.source)
    }

    fn is_conflict(&self) -> bool {
        self.code == Some(code::BUSY_SNAPSHOT)
    }
}

impl SqliteFault {
    fn primary(&self) -> Option<i32> {
        self.code.map(|code| code & 0xff)
    }

    /// The columns in `UNIQUE constraint failed: posts.slug, posts.blog`, with their table's name.
    fn columns(&self) -> &str {
        let error = self.source.as_database_error();
        let message = error.map_or("", DatabaseError::message);
        let columns = message.split_once("failed: ");
        columns.map_or("", |(_, columns)| columns)
    }

    /// Whether what failed is the key of several fields, whatever the order of its columns in the table.
    fn is_of_key(&self, layout: &Layout) -> bool {
        let places = layout.key.places();
        let before = format!("{}.", layout.collection);
        let mut left = self.columns().to_owned();
        // A name may have anything in it, so names are taken out one by one, the longest first.
        let mut names: Vec<String> = places
            .iter()
            .map(|place| format!("{before}{}", layout.column(*place)))
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in &names {
            left = left.replacen(name.as_str(), "", 1);
        }
        places.len() > 1 && left == ", ".repeat(places.len() - 1)
    }

    /// The field in `UNIQUE constraint failed: posts.slug, posts.blog`: the first one.
    fn field(&self, layout: &Layout) -> String {
        let columns = self.columns();
        let before = format!("{}.", layout.collection);
        let first = columns.strip_prefix(&before).unwrap_or(columns);
        // A field's name may be the beginning of another's, so the longest that fits is meant.
        let fits = |name: &str| {
            first == name
                || first
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with(", "))
        };
        let found = (0..layout.fields.len())
            .filter(|place| fits(layout.column(*place)))
            .max_by_key(|place| layout.column(*place).len())
            .and_then(|place| layout.fields.get(place));
        let key = || layout.fields.get(*layout.key.places().first()?);
        found
            .or_else(key)
            .map_or_else(String::new, |field| field.name.to_string())
    }
}

/// What is said when a lock could not be had in time.
const BUSY: &str = "the database is locked by another writer; try again";

/// A writer had to wait too long for its turn.
pub(crate) fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, BUSY)
}

/// The store was closed, or the runtime it lives in has ended.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Unavailable, "the store is closed")
}
