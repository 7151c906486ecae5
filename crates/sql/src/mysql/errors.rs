//! What the faults of MySQL and MariaDB mean in larder's terms. The table is in the crate's documentation.

use std::sync::Arc;

use larder_core::{Error, ErrorKind, FieldError, Layout};
use larder_query::CompactString;
use sqlx::mysql::MySqlDatabaseError;

use crate::dialect::MySql;
use crate::table::Table;

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
}

/// A fault of the driver.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The database's number; none if it was not reached.
    number: Option<u16>,
    source: Arc<sqlx::Error>,
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let database = error.as_database_error();
        let number = database
            .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
            .map(MySqlDatabaseError::number);
        Self {
            number,
            source: Arc::new(error),
        }
    }
}

impl Fault {
    fn is(&self, numbers: &[u16]) -> bool {
        self.number.is_some_and(|number| numbers.contains(&number))
    }

    /// Whether the user or the password was refused.
    pub(crate) fn is_refusal(&self) -> bool {
        self.is(&number::NO_ACCESS)
    }

    /// Whether there is no such database.
    pub(crate) fn is_no_database(&self) -> bool {
        self.is(&[number::NO_DATABASE])
    }

    /// Whether the database may have rolled back the transaction that the statement was in.
    pub(crate) fn ends_transaction(&self) -> bool {
        self.ends_connection()
            || self.is(&[number::DEADLOCK, number::RECORD_CHANGED, number::LOCK_WAIT])
            || self.is(&number::INTERRUPTED)
            || self.is(&[number::DISK_FULL, number::TABLE_FULL])
    }

    /// Whether the connection itself can't be used any more.
    pub(crate) fn ends_connection(&self) -> bool {
        self.number.is_none() || self.is(&number::SHUTDOWN) || self.is(&number::NETWORK) || self.is(&number::PACKET_TOO_LARGE)
    }

    /// Whether the key is taken, and not another unique value.
    pub(crate) fn is_taken_key(&self, layout: &Layout) -> bool {
        self.is(&number::DUPLICATE) && self.index(layout) == Some("PRIMARY")
    }

    /// The error for the caller. The table tells the fields' names.
    pub(crate) fn into_error(self, table: &Table<MySql>) -> Error {
        let layout = &table.layout;
        let fault = |fault: &Self, message: &str, code| {
            let error = fault.field(layout).map(|field| refused(field, message, code));
            error.map(|error| error.with_source(fault.source.clone()))
        };
        let found = if self.is(&number::DUPLICATE) {
            self.duplicate(table)
        } else if self.is(&number::NOT_NULL) {
            fault(&self, "is required", "required")
        } else if self.is(&[number::TOO_LONG]) {
            fault(&self, "is too long for its column in the database", "max_length")
        } else if self.is(&number::OUT_OF_RANGE) {
            fault(&self, "is out of the range of its column in the database", "range")
        } else if self.is(&number::NO_SUCH_VALUE) {
            fault(&self, "can't be held by its column in the database", "type")
        } else {
            None
        };
        found.unwrap_or_else(|| self.into_plain())
    }

    /// The error for the caller, where no value of a table can be at fault.
    pub(crate) fn into_plain(self) -> Error {
        let unavailable = |message| (ErrorKind::Unavailable, message);
        let Some(number) = self.number else {
            let (kind, message) = unavailable(match &*self.source {
                sqlx::Error::PoolTimedOut => "all connections to the database are busy; try again",
                _ => "the connection to the database was lost; try again",
            });
            return Error::new(kind, message).with_source(self.source);
        };
        let (kind, message) = match number {
            number::DEADLOCK | number::RECORD_CHANGED | number::LOCK_WAIT => {
                (ErrorKind::Conflict, "another write was first; try again")
            }
            number::DISK_FULL | number::TABLE_FULL => unavailable("the disk of the database is full"),
            number::TOO_MANY_VALUES => (ErrorKind::Unsupported, "too many values for one statement"),
            number::ROW_TOO_LARGE => (ErrorKind::TooLarge, "a record is too large for the database"),
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
            _ if self.is(&number::NO_ACCESS) => unavailable("the database refuses the user or the password"),
            _ if self.is(&number::DUPLICATE) || self.is(&number::FOREIGN_KEY) || number == number::CHECK => {
                (ErrorKind::Duplicate, "a constraint of the database refused this")
            }
            _ => return Error::internal(self.source),
        };
        Error::new(kind, message).with_source(self.source)
    }

    fn message(&self) -> &str {
        self.source.as_database_error().map_or("", |error| error.message())
    }

    /// The index in `Duplicate entry 'x' for key 'PRIMARY'`, or `'posts.PRIMARY'`.
    fn index(&self, layout: &Layout) -> Option<&str> {
        // A value may say the same, but it stands before.
        let (_, name) = self.message().rsplit_once("for key '")?;
        let name = name.strip_suffix('\'')?;
        let bare = name.strip_prefix(layout.collection.as_str());
        Some(bare.and_then(|name| name.strip_prefix('.')).unwrap_or(name))
    }

    fn duplicate(&self, table: &Table<MySql>) -> Option<Error> {
        let layout = &table.layout;
        let name = self.index(layout)?;
        if name == "PRIMARY" {
            return Some(layout.duplicate_key().with_source(self.source.clone()));
        }
        let field = table.field_of_index(name)?;
        Some(Error::duplicate(&field).with_source(self.source.clone()))
    }

    /// The field in `Data too long for column 'name' at row 1`, or ``for column `test`.`posts`.`name` at row 1``.
    fn field(&self, layout: &Layout) -> Option<CompactString> {
        let message = self.message();
        let is_named = |name: &str| {
            let quoted = format!("'{name}'");
            let escaped = format!(".`{}`", name.replace('`', "``"));
            // At the end, because a value may stand before it.
            let before = message.rsplit_once(" at row ").map_or(message, |(before, _)| before);
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

fn refused(field: CompactString, message: &str, code: &'static str) -> Error {
    Error::invalid(vec![FieldError {
        pointer: format!("/{field}"),
        field: field.to_string(),
        message: message.to_owned(),
        code,
    }])
}

/// The store was closed.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Unavailable, "the store is closed")
}
