//! The address of a database, and what each connection is told first.

use larder_core::{Error, Result};
use sqlx::ConnectOptions;
use sqlx::mysql::MySqlConnectOptions;

/// What may stand behind the `?` of an address.
const PARAMETERS: [&str; 6] = [
    "ssl-mode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "socket",
    "statement-cache-capacity",
];

/// How many prepared statements a connection keeps: a server has 16,382 for all of its clients.
const STATEMENTS: usize = 128;

/// The choices of a session: values that do not fit are refused, times are UTC, a key of 0 is the number 0, long texts sort by
/// their first 65,536 bytes (the server takes 1,024 unless told), and no statement takes
/// longer than 30 seconds.
pub(crate) const SESSION: &str = "SET NAMES utf8mb4, \
     sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO', \
     time_zone = '+00:00', innodb_lock_wait_timeout = 5, autocommit = 1, max_sort_length = 65536 \
     /*M! , max_statement_time = 30 */ /*!80000 , max_execution_time = 30000 */";

/// A change of a large table may take long.
pub(crate) const UNTIMED: &str =
    "SET SESSION /*M! max_statement_time = 0 */ /*!80000 max_execution_time = 0 */";

/// What [`SESSION`] says.
pub(crate) const TIMED: &str =
    "SET SESSION /*M! max_statement_time = 30 */ /*!80000 max_execution_time = 30000 */";

/// In a transaction a write of a record fails that somebody else has changed since the first read.
pub(crate) const SNAPSHOT: &str = "SET SESSION innodb_snapshot_isolation = ON; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/// In a transaction nobody else changes what it has read.
pub(crate) const SERIALIZABLE: &str = "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE";

/// The lock of the one who prepares this database: the server knows locks by names for all of its databases.
pub(crate) const LOCK: &str = "SELECT GET_LOCK(CONCAT('larder:', MD5(DATABASE())), 60)";

/// Gives it back.
pub(crate) const UNLOCK: &str = "SELECT RELEASE_LOCK(CONCAT('larder:', MD5(DATABASE())))";

/// An address that was understood.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) options: MySqlConnectOptions,
    /// The address without its password and what stands behind `?`.
    pub(crate) shown: String,
}

impl Address {
    /// Reads `mysql://user:password@host:port/database`; `mariadb:` is the same.
    ///
    /// # Errors
    /// `Setup`, without the password.
    pub(crate) fn of(url: &str) -> Result<Self> {
        let form = "write `mysql://USER:PASSWORD@HOST:3306/DATABASE`";
        let rest = url
            .strip_prefix("mysql://")
            .or_else(|| url.strip_prefix("mariadb://"));
        let Some(rest) = rest else {
            let message = format!("this is no address of a MySQL or MariaDB database: {form}");
            return Err(Error::setup(message));
        };
        let shown = shown(rest);
        if let Some((_, parameters)) = rest.split_once('?') {
            check(&shown, parameters)?;
        }
        let options: MySqlConnectOptions = format!("mysql://{rest}").parse().map_err(|error: sqlx::Error| {
            let message = format!(
                "`{shown}` can't be read: {error}. Signs such as `@`, `/` and `#` in a password are written `%40`, `%2F` and `%23`; {form}"
            );
            Error::setup(message)
        })?;
        if options.get_database().is_none_or(str::is_empty) {
            return Err(Error::setup(format!("`{shown}` names no database: {form}")));
        }
        let options = options
            // Larder sets its own.
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None)
            .set_names(false)
            .disable_statement_logging();
        let options = if rest.contains("statement-cache-capacity=") {
            options
        } else {
            options.statement_cache_capacity(STATEMENTS)
        };
        Ok(Self { options, shown })
    }
}

/// An address without its password, whatever signs are in that.
fn shown(rest: &str) -> String {
    let place = |rest: &str| {
        rest.split_once('?')
            .map_or(rest, |(place, _)| place)
            .to_owned()
    };
    match rest.rsplit_once('@') {
        None => format!("mysql://{}", place(rest)),
        Some((before, behind)) => {
            let user = before
                .split([':', '@', '/', '?'])
                .next()
                .unwrap_or_default();
            format!("mysql://{user}@{}", place(behind))
        }
    }
}

/// Refuses what the driver would pass over in silence. What is not understood is not repeated: it may be the rest of a password.
fn check(shown: &str, parameters: &str) -> Result<()> {
    for parameter in parameters.split('&').filter(|one| !one.is_empty()) {
        let name = parameter
            .split_once('=')
            .map_or(parameter, |(name, _)| name);
        if PARAMETERS.contains(&name) {
            continue;
        }
        let hint = match larder_query::nearest(name, PARAMETERS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", PARAMETERS.join(", ")),
        };
        return Err(Error::setup(format!(
            "`{shown}` has an option that is not understood; {hint} A `?` in a password is written `%3F`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_the_password() {
        for scheme in ["mysql", "mariadb"] {
            let url = format!("{scheme}://ann:s%40cret@db.example:3307/blog?ssl-mode=REQUIRED");
            let address = Address::of(&url).unwrap();
            assert_eq!(address.shown, "mysql://ann@db.example:3307/blog");
            let options = address.options;
            assert_eq!(
                (options.get_host(), options.get_port()),
                ("db.example", 3307)
            );
            assert_eq!(
                (options.get_username(), options.get_database()),
                ("ann", Some("blog"))
            );
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        for (url, part) in [
            (
                "mysql:blog",
                "write `mysql://USER:PASSWORD@HOST:3306/DATABASE`",
            ),
            (
                "mysql://ann:hidden@localhost",
                "`mysql://ann@localhost` names no database",
            ),
            ("mysql://ann:hidden@localhost/", "names no database"),
            ("mysql://ann:hidden@localhost:port/blog", "can't be read"),
            (
                "mysql://ann:hid/hidden@localhost/blog",
                "`mysql://ann@localhost/blog` can't be read",
            ),
            (
                "mysql://ann:hid?hidden@localhost/blog",
                "`mysql://ann@localhost/blog`",
            ),
            (
                "mysql://ann:hidden@localhost/blog?sslmode=off",
                "did you mean `ssl-mode`?",
            ),
            (
                "mysql://ann:hidden@localhost/blog?charset=latin1",
                "known are ssl-mode",
            ),
        ] {
            let error = Address::of(url).err().unwrap();
            assert!(error.message().contains(part), "{url}: {}", error.message());
            assert!(!format!("{error:?}").contains("hidden"), "{url}: {error:?}");
        }
    }
}
