//! SQL stores of larder, through sqlx: SQLite (feature `sqlite`), PostgreSQL (feature `postgres`), MySQL and MariaDB (feature `mysql`). The
//! statements are written once, and what databases disagree on is asked of a dialect.
//!
//! | module | idea |
//! | --- | --- |
//! | `dialect` | what differs between databases: quoting, types, JSON, comparing letters |
//! | `table`, `tables` | what is computed once a layout |
//! | `shape` | columns that others have declared: what is written around them, and which values they take |
//! | `statement` | a layout and what is asked for, as SQL text and bound values |
//! | `driver` | running statements and reading rows, whichever database sqlx speaks to |
//! | `read`, `batch`, `finish`, `row`, `prepare` | what every store does with a connection |
//! | `sqlite` | the SQLite store: one writer, many readers, group commit, transactions |
//! | `pool` | a store in a server: a pool of connections, transactions, what is tried again |
//! | `postgres` | PostgreSQL's addresses, rows, catalogue and faults |
//! | `plain` | writes where statements return no rows |
//! | `mysql` | the MySQL store, also for MariaDB: a pool |
//!
//! # The SQLite store
//!
//! One file in WAL mode with `synchronous=FULL`: what was acknowledged survives `kill -9` and a power cut. Other processes
//! may use the file at the same time. Foreign keys are off, since relations are larder's own.
//!
//! * **Tables**: a column for every field (scalars in a type of their own, everything else as JSON text) and `_version`.
//!   The columns' types are in `dialect/sqlite.rs`, what happens to a file that is there already in `schema.rs`.
//! * **Reads** go through a few read-only connections, each read in one statement, the total of a page included. What SQL can't
//!   decide (patterns, areas, rests of documents) is tested in memory as rows come. Where a read is bounded
//!   (`Select::look_at`) and no index decides it, a statement before it asks how much there is to look at.
//! * **Conditions of writes** that SQL can't decide are tested on the record before, in one transaction with the write.
//! * **Changes** that depend on the old value (sums, lists) are one statement where SQLite makes them exactly. Where it can't, or
//!   may have been kept from it, the record is read, changed in memory and written, in one transaction.
//! * **Statements** are said at the level TRACE through `tracing`, target `larder::sql`; they hold no values. So are the commands of
//!   transactions, as `command` and not as `sql`.
//! * **Writes** go through one connection that takes all that wait into one commit, and answers after it.
//! * **Transactions** borrow that connection. While one is open, other writes wait, `busy_timeout` at the most; a handler
//!   that writes past its own open transaction waits for itself and is told that the database is locked.
//!
//! # The PostgreSQL store
//!
//! PostgreSQL 12 or later, in the first schema of `search_path`. The columns' types are in `dialect/postgres.rs`.
//!
//! * **Reads** are one statement on any connection of the pool, made once more if the connection was dead. More than one stand in a
//!   transaction that sees one state.
//! * **Writes** are one statement where one will do; a batch of several is a transaction, and is run again if it lost a race.
//! * **Changes** that depend on the old value are one statement too, but for sums near the ends of what can be held and for lists that
//!   only the memory can compare exactly: these are read, locked, changed in memory and written, in one transaction.
//! * **Transactions** are `REPEATABLE READ`: one that was overtaken by another writer of the same record fails with `Conflict`.
//! * **Finished in memory**, under the bound of what is looked at: patterns that are more than a prefix, areas, and what sorts or groups
//!   by whole JSON documents.
//!
//! # Errors of PostgreSQL
//!
//! | SQLSTATE | kind |
//! | --- | --- |
//! | 23505 (unique) | `Duplicate`, with the field (the first one of an index over several) |
//! | 23502 (not null), 22xxx (out of range, too long), 54000 of an index; other 23xxx | `Invalid`, with the field where PostgreSQL says which; `Duplicate` for 23P01 |
//! | 40001, 40P01 | `Conflict` |
//! | 57014 (a timeout), 55P03, 53xxx, 57Pxx, 58xxx, 08xxx, 25006, a lost connection, no free one | `Unavailable` |
//! | other 54xxx | `TooLarge` |
//! | an address that can't be opened, a table that does not fit | `Setup` |
//! | anything else, such as 42P01 for a table that was dropped | `Internal`, the cause in the log |
//!
//! # Errors of SQLite
//!
//! | fault | kind |
//! | --- | --- |
//! | a taken key or unique value (`SQLITE_CONSTRAINT_PRIMARYKEY`, `_UNIQUE`, `_ROWID`) | `Duplicate`, with the field (the first one of a unique index over several) |
//! | null in a column that has none (`SQLITE_CONSTRAINT_NOTNULL`), a value that a column can't hold | `Invalid`, with the field |
//! | `SQLITE_BUSY`, `SQLITE_LOCKED`, and a wait for a connection that was too long | `Unavailable` |
//! | `SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_CANTOPEN`, `SQLITE_READONLY`, `SQLITE_NOMEM`, `SQLITE_INTERRUPT` | `Unavailable` |
//! | a lost connection, a closed store | `Unavailable` |
//! | `SQLITE_BUSY_SNAPSHOT` | `Conflict` |
//! | `SQLITE_TOOBIG` | `TooLarge` |
//! | more bound values than SQLite takes (32,766) | `Unsupported` |
//! | an address that can't be opened, a table that does not fit | `Setup` |
//! | anything else | `Internal`, the cause in the log |
//!
//! # The MySQL store
//!
//! MariaDB 10.5 or later, or MySQL 8.0.17 or later, behind the feature `mysql`. The columns' types are in `dialect/mysql.rs`.
//!
//! * **Writes**: no `UPDATE` returns rows there, so some writes are two statements in a short transaction; which, is in `plain.rs`.
//! * **Transactions** see one state from their first read on, and fail with `Conflict` when somebody else has changed a record that
//!   they write (`innodb_snapshot_isolation`, MariaDB 10.6.18 or 10.11.8 and later). Other servers lock what a transaction reads.
//! * **JSON** other than null, and equality without the case of letters, is tested in memory.
//! * **`prepare`** holds a lock of the server by the database's name. What it defines is kept at once, statement by statement: where
//!   it is interrupted, the next one goes on.
//!
//! | fault | kind |
//! | --- | --- |
//! | a taken key or unique value (1062) | `Duplicate`, with the field |
//! | too long (1406), out of range (1264), null (1048), of another type (1366) | `Invalid`, with the field |
//! | a deadlock (1213), a record that somebody else has changed (1020) | `Conflict` |
//! | a lock that was not to be had in 5 s (1205) | `Unavailable` |
//! | a lost connection, a server that ends, too many connections (1040), a full disk, read-only, too slow (1969) | `Unavailable` |
//! | a packet or record that is too large (1153, 1118) | `TooLarge` |
//! | an address that can't be opened, a table that does not fit | `Setup` |
//! | anything else | `Internal`, the cause in the log |

mod batch;
mod change;
mod dialect;
mod driver;
mod finish;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod plain;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod prepare;
mod read;
mod row;
mod schema;
#[cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "each database has columns of its own")
)]
mod shape;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod table;
mod tables;

#[cfg(feature = "mysql")]
pub use mysql::{MySqlBuilder, MySqlStore};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresBuilder, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteBuilder, SqliteStore};
