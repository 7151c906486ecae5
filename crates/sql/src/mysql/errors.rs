//! What the faults of MySQL and MariaDB mean in larder's terms. The table is in the crate's documentation.

use std::sync::Arc;

use larder_core::{Error, ErrorKind, FieldError, Layout};
use larder_query::CompactString;
use sqlx::mysql::MySqlDatabaseError;

use crate::driver;

/// Numbers of errors, the same in both databases where both have them.
mod number {
    pub(super) const DISK_FULL: u16 = 1021;
    pub(super) const OUT_OF_MEMORY: [u16; 3] = [1037, 1038, 1041];
    pub(super) const TOO_MANY_CONNECTIONS: [u16; 3] = [1040, 1203, 1226];
    pub(super) const NO_ACCESS: [u16; 4] = [1044, 1045, 1698, 4151];
    pub(super) const NO_DATABASE: u16 = 1049;
    pub(super) const NOT_NULL: [u16; 2] = [1048, 1364];
    pub(super) const SHUTDOWN: [u16; 4] = [1053, 1077, 1079, 1927];
    pub(super) const TABLE_FULL: u16 = 1114;
    pub(super) const UNKNOWN_VARIABLE: u16 = 1193;
    pub(super) const ROW_TOO_LARGE: u16 = 1118;
    pub(super) const RECORD_CHANGED: u16 = 1020;
    /// Of a connection: aborted, a packet that could not be read or written.
    pub(super) const NETWORK: [u16; 6] = [1152, 1158, 1159, 1160, 1161, 1184];
    pub(super) const PACKET_TOO_LARGE: [u16; 2] = [1153, 1301];
    pub(super) const LOCK_WAIT: u16 = 1205;
    pub(super) const DEADLOCK: u16 = 1213;
    pub(super) const READ_ONLY: [u16; 2] = [1290, 1836];
    pub(super) const INTERRUPTED: [u16; 4] = [1317, 1969, 3024, 1028];
    pub(super) const TOO_MANY_VALUES: u16 = 1390;
    pub(super) const TOO_LONG: u16 = 1406;
    pub(super) const OUT_OF_RANGE: [u16; 2] = [1264, 1690];
    pub(super) const NO_SUCH_VALUE: [u16; 4] = [1265, 1292, 1366, 4025];
    pub(super) const DUPLICATE: [u16; 4] = [1022, 1062, 1169, 1586];
    pub(super) const FOREIGN_KEY: [u16; 4] = [1216, 1217, 1451, 1452];
    pub(super) const CHECK: u16 = 3819;
    pub(super) const INSECURE: u16 = 3159;
}

/// A fault of the driver.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The database's number; none if it was not reached.
    number: Option<u16>,
    /// The first column of the index that refused a value.
    column: Option<String>,
    source: Arc<sqlx::Error>,
}

/// Why a database could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The user or the password.
    User,
    /// There is no such database.
    Database,
    /// That it is without TLS.
    Plain,
    /// Something else.
    Other,
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self {
            number: number_of(&error),
            column: None,
            source: Arc::new(error),
        }
    }
}

impl Fault {
    fn is(&self, numbers: &[u16]) -> bool {
        self.number.is_some_and(|number| numbers.contains(&number))
    }

    /// Why a database could not be opened.
    pub(crate) fn meaning(error: &sqlx::Error) -> Refusal {
        match number_of(error) {
            Some(number::NO_DATABASE) => Refusal::Database,
            Some(number::INSECURE) => Refusal::Plain,
            // A user without any right to a database is told that, whether or not it is there.
            Some(number) if number::NO_ACCESS.contains(&number) => Refusal::User,
            _ => Refusal::Other,
        }
    }

    /// Whether the server has no variable of this name.
    pub(crate) fn is_unknown_variable(error: &sqlx::Error) -> bool {
        number_of(error) == Some(number::UNKNOWN_VARIABLE)
    }

    /// The same, with the first column of the index that is at fault.
    pub(crate) fn on(self, column: Option<String>) -> Self {
        Self { column, ..self }
    }

    /// The index that refused a value, in `Duplicate entry 'x' for key 'PRIMARY'`, or `'posts.PRIMARY'`.
    pub(crate) fn index(&self, layout: &Layout) -> Option<&str> {
        if !self.is(&number::DUPLICATE) {
            return None;
        }
        // A value may say the same, but it stands before.
        let (_, name) = self.message().rsplit_once("for key '")?;
        let name = name.strip_suffix('\'')?;
        let bare = name.strip_prefix(layout.collection.as_str());
        Some(bare.and_then(|name| name.strip_prefix('.')).unwrap_or(name))
    }

    fn message(&self) -> &str {
        self.source
            .as_database_error()
            .map_or("", |error| error.message())
    }

    fn duplicate(&self, layout: &Layout) -> Option<Error> {
        if self.index(layout)? == "PRIMARY" {
            return Some(layout.duplicate_key().with_source(self.source.clone()));
        }
        let column = self.column.as_deref()?;
        let place = (0..layout.fields.len()).find(|place| layout.column(*place) == column)?;
        let field = &layout.fields.get(place)?.name;
        Some(Error::duplicate(field).with_source(self.source.clone()))
    }

    /// The field in `Data too long for column 'name' at row 1`, or ``for column `test`.`posts`.`name` at row 1``.
    fn field(&self, layout: &Layout) -> Option<CompactString> {
        let message = self.message();
        let is_named = |name: &str| {
            let quoted = format!("'{name}'");
            let escaped = format!(".`{}`", name.replace('`', "``"));
            // At the end, because a value may stand before it.
            let before = message
                .rsplit_once(" at row ")
                .map_or(message, |(before, _)| before);
            before.ends_with(&quoted)
                || before.ends_with(&escaped)
                || message.starts_with(&format!("Column {quoted} "))
                || message.starts_with(&format!("Field {quoted} "))
        };
        let named = (0..layout.fields.len()).filter(|place| is_named(layout.column(*place)));
        let longest = named.max_by_key(|place| layout.column(*place).len())?;
        layout.fields.get(longest).map(|field| field.name.clone())
    }
}

impl driver::Fault for Fault {
    fn ends_transaction(&self) -> bool {
        self.ends_connection()
            || self.is(&[number::DEADLOCK, number::RECORD_CHANGED, number::LOCK_WAIT])
            || self.is(&number::INTERRUPTED)
            || self.is(&[number::DISK_FULL, number::TABLE_FULL])
    }

    fn ends_connection(&self) -> bool {
        self.number.is_none()
            || self.is(&number::SHUTDOWN)
            || self.is(&number::NETWORK)
            || self.is(&number::PACKET_TOO_LARGE)
    }

    fn is_conflict(&self) -> bool {
        // Who has waited for a lock in vain does not wait again.
        self.is(&[number::DEADLOCK, number::RECORD_CHANGED])
    }

    fn is_taken_key(&self, layout: &Layout) -> bool {
        self.index(layout) == Some("PRIMARY")
    }

    fn into_error(self, layout: &Layout) -> Error {
        let fault = |fault: &Self, message: &str, code| {
            let error = fault
                .field(layout)
                .map(|field| refused(&field, message, code));
            error.map(|error| error.with_source(fault.source.clone()))
        };
        let found = if self.is(&number::DUPLICATE) {
            self.duplicate(layout)
        } else if self.is(&number::NOT_NULL) {
            fault(&self, "is required", "required")
        } else if self.is(&[number::TOO_LONG]) {
            fault(
                &self,
                "is too long for its column in the database",
                "maxLength",
            )
        } else if self.is(&number::OUT_OF_RANGE) {
            fault(
                &self,
                "is out of the range of its column in the database",
                "range",
            )
        } else if self.is(&number::NO_SUCH_VALUE) {
            fault(&self, "can't be held by its column in the database", "type")
        } else {
            None
        };
        found.unwrap_or_else(|| self.into_plain())
    }

    fn into_plain(self) -> Error {
        let unavailable = |message| (ErrorKind::Unavailable, message);
        let Some(number) = self.number else {
            let (kind, message) = unavailable(match &*self.source {
                sqlx::Error::PoolTimedOut => "all connections to the database are busy; try again",
                _ => "the connection to the database was lost; try again",
            });
            return Error::new(kind, message).with_source(self.source);
        };
        let (kind, message) = match number {
            number::DEADLOCK | number::RECORD_CHANGED => {
                (ErrorKind::Conflict, "another write was first; try again")
            }
            // Whoever has waited so long is told: to begin again by itself would be to wait again, twenty times.
            number::LOCK_WAIT => unavailable("the database is locked by somebody else; try again"),
            number::DISK_FULL | number::TABLE_FULL => {
                unavailable("the disk of the database is full")
            }
            number::TOO_MANY_VALUES => {
                (ErrorKind::Unsupported, "too many values for one statement")
            }
            number::ROW_TOO_LARGE => (
                ErrorKind::TooLarge,
                "a record is too large for the database",
            ),
            _ if self.is(&number::PACKET_TOO_LARGE) => {
                (ErrorKind::TooLarge, "a value is too large for the database")
            }
            _ if self.is(&number::TOO_MANY_CONNECTIONS) => {
                unavailable("the database has too many connections; try again")
            }
            _ if self.is(&number::READ_ONLY) => unavailable("the database takes no writes now"),
            _ if self.is(&number::SHUTDOWN) || self.is(&number::NETWORK) => {
                unavailable("the connection to the database was lost; try again")
            }
            _ if self.is(&number::OUT_OF_MEMORY) || self.is(&number::INTERRUPTED) => {
                unavailable("the database can't answer now")
            }
            _ if self.is(&number::NO_ACCESS) => {
                unavailable("the database refuses the user or the password")
            }
            _ if self.is(&number::DUPLICATE)
                || self.is(&number::FOREIGN_KEY)
                || number == number::CHECK =>
            {
                (
                    ErrorKind::Duplicate,
                    "a constraint of the database refused this",
                )
            }
            _ => return Error::internal(self.source),
        };
        Error::new(kind, message).with_source(self.source)
    }
}

fn number_of(error: &sqlx::Error) -> Option<u16> {
    let database = error.as_database_error()?;
    let ours = database.try_downcast_ref::<MySqlDatabaseError>();
    ours.map(MySqlDatabaseError::number)
}

fn refused(field: &str, message: &str, code: &'static str) -> Error {
    Error::invalid(vec![FieldError {
        pointer: format!("/{field}"),
        field: field.to_owned(),
        message: message.to_owned(),
        code,
    }])
}
