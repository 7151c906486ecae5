//! What PostgreSQL's faults mean in larder's terms. The table is in the crate's documentation.

use std::sync::Arc;

use larder_core::{Error, ErrorKind, FieldError, Index, Kind, Layout};
use sqlx::postgres::PgDatabaseError;

use crate::dialect::Postgres;
use crate::driver::Fault;
use crate::schema::ddl;
use crate::table::Table;

/// SQLSTATE codes, as PostgreSQL's appendix A names them.
mod code {
    pub(super) const NOT_NULL_VIOLATION: &str = "23502";
    pub(super) const UNIQUE_VIOLATION: &str = "23505";
    pub(super) const EXCLUSION_VIOLATION: &str = "23P01";
    pub(super) const SERIALIZATION_FAILURE: &str = "40001";
    pub(super) const DEADLOCK_DETECTED: &str = "40P01";
    pub(super) const IN_FAILED_TRANSACTION: &str = "25P02";
    pub(super) const READ_ONLY_TRANSACTION: &str = "25006";
    pub(super) const IDLE_IN_TRANSACTION: &str = "25P03";
    pub(super) const NO_SUCH_STATEMENT: &str = "26000";
    pub(super) const FEATURE_NOT_SUPPORTED: &str = "0A000";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    pub(super) const QUERY_CANCELED: &str = "57014";
    pub(super) const DISK_FULL: &str = "53100";
    pub(super) const PROGRAM_LIMIT_EXCEEDED: &str = "54000";

    // Classes: the first two characters.
    pub(super) const CONNECTION: &str = "08";
    pub(super) const DATA: &str = "22";
    pub(super) const INTEGRITY: &str = "23";
    pub(super) const RESOURCES: &str = "53";
    pub(super) const LIMIT: &str = "54";
    pub(super) const OPERATOR_INTERVENTION: &str = "57";
    pub(super) const SYSTEM: &str = "58";
}

/// A fault of the driver.
#[derive(Clone, Debug)]
pub(crate) struct PostgresFault(Arc<sqlx::Error>);

impl From<sqlx::Error> for PostgresFault {
    fn from(error: sqlx::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl PostgresFault {
    fn error(&self) -> Option<&PgDatabaseError> {
        self.0.as_database_error()?.try_downcast_ref()
    }

    fn code(&self) -> &str {
        self.error().map_or("", PgDatabaseError::code)
    }

    fn class(&self) -> &str {
        self.code().get(..2).unwrap_or_default()
    }

    /// The fault for the log. What the server adds in detail is left out: it shows the values of the row.
    fn source(&self) -> Box<dyn std::error::Error + Send + Sync> {
        match self.error() {
            Some(error) => {
                let table = error.table().map(|table| format!(", table `{table}`"));
                let table = table.unwrap_or_default();
                format!("{} (SQLSTATE {}{table})", error.message(), error.code()).into()
            }
            None => Box::new(Arc::clone(&self.0)),
        }
    }

    /// Whether a value was not one of its type.
    pub(super) fn is_of_data(&self) -> bool {
        self.class() == code::DATA
    }

    /// Whether the server was not reached, or not understood.
    fn is_of_connection(&self) -> bool {
        matches!(
            *self.0,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::PoolClosed
        )
    }

    /// The index that a constraint, or a message, names.
    fn index<'l>(&self, layout: &'l Layout) -> Option<&'l Index> {
        let error = self.error()?;
        let table = Table::<Postgres>::new(Arc::new(layout.clone()), None);
        layout.indexes.iter().find(|index| {
            let (name, _) = ddl::index(&table, index);
            error.constraint() == Some(&*name) || error.message().contains(&format!("\"{name}\""))
        })
    }

    /// The fields of a unique index that somebody else made, as `Key (a, b)=(1, 2) already exists.` names its columns. What is
    /// around the parentheses is in the language of the server.
    fn columns(&self, layout: &Layout) -> Vec<usize> {
        let detail = self.error().and_then(PgDatabaseError::detail);
        let columns = detail
            .and_then(|detail| detail.split_once('('))
            .and_then(|(_, rest)| rest.split_once(")=("))
            .map_or("", |(columns, _)| columns);
        let named = |name: &str| {
            let name = match name
                .strip_prefix('"')
                .and_then(|name| name.strip_suffix('"'))
            {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => name.to_owned(),
            };
            (0..layout.fields.len()).find(|place| layout.column(*place) == name)
        };
        columns.split(", ").filter_map(named).collect()
    }

    fn duplicate(&self, layout: &Layout) -> Error {
        if let Some(index) = self.index(layout) {
            let first = index.fields.first().and_then(|at| layout.fields.get(*at));
            return Error::duplicate(first.map_or("", |field| &field.name));
        }
        let columns = self.columns(layout);
        let keys = layout.key.places();
        let is_key = columns.len() == keys.len() && columns.iter().all(|at| keys.contains(at));
        match columns.first().and_then(|place| layout.fields.get(*place)) {
            Some(field) if !is_key => Error::duplicate(&field.name),
            _ => layout.duplicate_key(),
        }
    }

    /// The error for a value that an index has no room for; none if no index can be meant. Of the longest values PostgreSQL does not
    /// say which index it is.
    fn too_long(&self, layout: &Layout) -> Option<Error> {
        let is_long = |place: &usize| {
            let field = layout.fields.get(*place);
            field
                .is_some_and(|field| matches!(field.kind, Kind::Text | Kind::Bytes | Kind::Decimal))
        };
        let names: Vec<&str> = match self.index(layout) {
            Some(index) => index.fields.clone(),
            None => {
                let indexed = layout.indexes.iter().flat_map(|index| &index.fields);
                indexed.chain(layout.key.places()).copied().collect()
            }
        }
        .iter()
        .filter(|place| is_long(place))
        .filter_map(|place| layout.fields.get(*place))
        .map(|field| field.name.as_str())
        .collect();
        let (first, others) = names.split_first()?;
        let message = "is too long for an index of the database";
        Some(if others.iter().all(|name| name == first) {
            Self::of_field(first, message, "maxLength")
        } else {
            Self::of_field(
                "",
                &format!("one of `{}` {message}", names.join("`, `")),
                "maxLength",
            )
        })
    }

    fn of_field(field: &str, message: &str, code: &'static str) -> Error {
        Error::invalid(vec![FieldError {
            field: field.to_owned(),
            pointer: match field {
                "" => String::new(),
                field => format!("/{field}"),
            },
            message: message.to_owned(),
            code,
        }])
    }
}

impl Fault for PostgresFault {
    fn into_error(self, layout: &Layout) -> Error {
        let error = match (self.code(), self.class()) {
            (code::UNIQUE_VIOLATION, _) => self.duplicate(layout),
            (code::EXCLUSION_VIOLATION, _) => Error::new(ErrorKind::Duplicate, REFUSED),
            (code::NOT_NULL_VIOLATION, _) => {
                let column = self.error().and_then(PgDatabaseError::column);
                let field = (0..layout.fields.len())
                    .find(|place| Some(layout.column(*place)) == column)
                    .and_then(|place| layout.fields.get(place));
                let field = field.map_or("", |field| &field.name);
                Self::of_field(field, "is required", "required")
            }
            (_, code::INTEGRITY) => Self::of_field("", REFUSED, "constraint"),
            (_, code::DATA) => Self::of_field(
                "",
                "a value does not fit its column in the database",
                "range",
            ),
            (code::PROGRAM_LIMIT_EXCEEDED, _) => match self.too_long(layout) {
                Some(error) => error,
                None => return self.into_plain(),
            },
            _ => return self.into_plain(),
        };
        error.with_source(self.source())
    }

    fn into_plain(self) -> Error {
        let (kind, message) = match (self.code(), self.class()) {
            (code::SERIALIZATION_FAILURE | code::DEADLOCK_DETECTED, _) => {
                (ErrorKind::Conflict, "another write was first; try again")
            }
            (code::LOCK_NOT_AVAILABLE, _) => (
                ErrorKind::Unavailable,
                "the database is locked by somebody else; try again",
            ),
            (code::QUERY_CANCELED, _) => (
                ErrorKind::Unavailable,
                "the database took too long; try again",
            ),
            (code::DISK_FULL, _) => (ErrorKind::Unavailable, "the disk of the database is full"),
            (code::READ_ONLY_TRANSACTION, _) => {
                (ErrorKind::Unavailable, "the database can't be written now")
            }
            (code::IN_FAILED_TRANSACTION | code::IDLE_IN_TRANSACTION, _) => (
                ErrorKind::Unavailable,
                "the database ended this transaction: begin again",
            ),
            (_, code::CONNECTION) => (ErrorKind::Unavailable, LOST),
            (_, code::RESOURCES | code::OPERATOR_INTERVENTION | code::SYSTEM) => {
                (ErrorKind::Unavailable, "the database can't answer now")
            }
            (_, code::LIMIT) => (ErrorKind::TooLarge, "a value is too large for the database"),
            _ if self.is_of_connection() => (ErrorKind::Unavailable, LOST),
            _ => return Error::internal(self.source()),
        };
        Error::new(kind, message).with_source(self.source())
    }

    fn ends_transaction(&self) -> bool {
        let code = self.code();
        self.ends_connection()
            || code == code::SERIALIZATION_FAILURE
            || code == code::DEADLOCK_DETECTED
            || code == code::IN_FAILED_TRANSACTION
            || code.is_empty()
    }

    fn ends_connection(&self) -> bool {
        let stale = self.code() == code::FEATURE_NOT_SUPPORTED
            && self
                .error()
                .is_some_and(|error| error.message().contains("cached plan"));
        // After a failover the old address may lead to a server that takes no writes. A statement that is not known was prepared
        // on another connection behind a proxy; one that is stale, before somebody changed a column.
        stale
            || self.is_of_connection()
            || self.class() == code::CONNECTION
            || self.class() == code::OPERATOR_INTERVENTION && self.code() != code::QUERY_CANCELED
            || [
                code::READ_ONLY_TRANSACTION,
                code::IDLE_IN_TRANSACTION,
                code::NO_SUCH_STATEMENT,
            ]
            .contains(&self.code())
    }

    fn is_conflict(&self) -> bool {
        [code::SERIALIZATION_FAILURE, code::DEADLOCK_DETECTED].contains(&self.code())
    }
}

const LOST: &str = "the connection to the database was lost; try again";
const REFUSED: &str = "a constraint of the database refused this";
