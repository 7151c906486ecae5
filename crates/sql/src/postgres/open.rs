//! The URL of a database, and what is said where it leads nowhere.
//!
//! Nothing of what a URL holds is repeated before it was understood: any part of it may be a password with a character in it that
//! should have been written as `%3F` or the like.

use std::io;
use std::time::Duration;

use larder_core::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgDatabaseError};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::time::timeout;

use crate::pool::tls;

const FORM: &str = "write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with signs such as `@`, `/`, `?` and `#` in a password as \
                    `%40`, `%2F`, `%3F` and `%23`";

/// Parameters that sqlx reads. Others it would pass over, and print.
const PARAMETERS: [&str; 16] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "application_name",
    "options",
];

const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// The first version with all that is asked of it.
const OLDEST: i32 = 120_000;

/// What a URL says.
pub(super) fn options(url: &str, statement_timeout: Duration) -> Result<PgConnectOptions> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("postgres" | "postgresql")) {
        return Err(Error::setup(format!(
            "that is no address of a PostgreSQL database: {FORM}"
        )));
    }
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    for parameter in parameters.split('&').filter(|one| !one.is_empty()) {
        let name = parameter
            .split_once('=')
            .map_or(parameter, |(name, _)| name);
        let known = PARAMETERS.contains(&name)
            || ["user", "password"].contains(&name)
            || name.starts_with("options[")
            || name.starts_with("options%5B");
        let value = parameter.split_once('=').map_or("", |(_, value)| value);
        if matches!(name, "sslmode" | "ssl-mode") && !SSL_MODES.contains(&value) {
            return Err(Error::setup(format!(
                "`sslmode` in the URL of the PostgreSQL database is one of: {}",
                SSL_MODES.join(", ")
            )));
        }
        if !known {
            return Err(Error::setup(format!(
                "the URL of the PostgreSQL database has a parameter that is not understood; these are: {}. Or {FORM}",
                PARAMETERS.join(", ")
            )));
        }
    }
    let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| {
        Error::setup(format!(
            "the URL of the PostgreSQL database can't be read: {error}; {FORM}"
        ))
    })?;
    let timeout = statement_timeout.as_millis().to_string();
    Ok(options
        .options([
            ("statement_timeout", timeout.as_str()),
            // What was left open by an app that hangs holds its locks.
            ("idle_in_transaction_session_timeout", "60000"),
            // Definitions are written for this.
            ("standard_conforming_strings", "on"),
            ("timezone", "UTC"),
        ])
        .statement_cache_capacity(256)
        .disable_statement_logging())
}

/// Connects once, and looks whether the database is fit.
pub(super) async fn check(options: &PgConnectOptions, limit: Duration) -> Result<()> {
    let place = place(options);
    let tried = async {
        let mut conn = options.connect().await?;
        let sql = "SELECT current_setting('server_encoding'), current_setting('server_version_num')::int4, current_schema()::text";
        let row = sqlx::query(sql)
            .persistent(false)
            .fetch_one(&mut conn)
            .await?;
        let found: (String, i32, Option<String>) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        conn.close().await?;
        Ok(found)
    };
    let (encoding, version, schema) = match timeout(limit, tried).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(refused(options, &place, error)),
        Err(_) => {
            return Err(Error::setup(format!(
                "{place}: no answer within {} s. Is that the right host and port, and does a firewall let it through?",
                limit.as_secs()
            )));
        }
    };
    if encoding != "UTF8" {
        return Err(Error::setup(format!(
            "{place}: the database has the encoding {encoding}, and texts need UTF8: create it with \
             `CREATE DATABASE .. ENCODING 'UTF8' TEMPLATE template0`"
        )));
    }
    if version < OLDEST {
        let version = version / 10_000;
        return Err(Error::setup(format!(
            "{place}: this is PostgreSQL {version}, and it takes 12 or later"
        )));
    }
    if schema.is_none() {
        return Err(Error::setup(format!(
            "{place}: `search_path` names no schema that is there: run `CREATE SCHEMA ..`, or set another with \
             `?options[search_path]=NAME`"
        )));
    }
    Ok(())
}

/// Where a connection goes, without the password.
fn place(options: &PgConnectOptions) -> String {
    let (user, host) = (options.get_username(), options.get_host());
    let database = options.get_database().unwrap_or(user);
    format!("postgres://{user}@{host}:{}/{database}", options.get_port())
}

/// Why a connection could not be made, and what to do about it.
fn refused(options: &PgConnectOptions, place: &str, error: sqlx::Error) -> Error {
    let (user, host) = (options.get_username(), options.get_host());
    let code = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        .map(PgDatabaseError::code);
    let of_tls = tls::refused(&error, host, "sslrootcert", "sslmode");
    let said = match (&error, code) {
        _ if of_tls.is_some() => of_tls.unwrap_or_default(),
        (_, Some("28P01")) => format!(
            "the server does not take the password of `{user}`. It comes from the URL, else from PGPASSWORD or ~/.pgpass"
        ),
        (_, Some("28000")) => format!(
            "the server does not let `{user}` in from here: see its `pg_hba.conf`, and whether it wants TLS (`?sslmode=require`)"
        ),
        (_, Some("3D000")) => {
            let database = options.get_database().unwrap_or(user);
            format!(
                "there is no database `{database}`: run `CREATE DATABASE \"{database}\"`, or name another"
            )
        }
        (sqlx::Error::Io(io), _) if io.kind() == io::ErrorKind::ConnectionRefused => format!(
            "nothing listens at port {} of `{host}`: is PostgreSQL running there?",
            options.get_port()
        ),
        (sqlx::Error::Io(io), _) => {
            format!("`{host}` can't be reached: {io}. Is the name of the host right?")
        }
        _ => error.to_string(),
    };
    Error::setup(format!("{place}: {said}")).with_source(error)
}
