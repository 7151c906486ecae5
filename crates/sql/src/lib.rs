//! SQL stores of larder, through sqlx. Today that is SQLite; the statements are written once, and what databases disagree
//! on is asked of a dialect.
//!
//! | module | idea |
//! | --- | --- |
//! | `dialect` | what differs between databases: quoting, types, JSON, comparing letters |
//! | `table` | what is computed once a layout |
//! | `statement` | a layout and what is asked for, as SQL text and bound values |
//! | `sqlite` | the SQLite store: one writer, many readers, group commit, transactions, `prepare` |
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
//! * **Statements** are said at the level TRACE through `tracing`, target `larder::sql`; they hold no values.
//! * **Writes** go through one connection that takes all that wait into one commit, and answers after it.
//! * **Transactions** borrow that connection. While one is open, other writes wait, `busy_timeout` at the most; a handler
//!   that writes past its own open transaction waits for itself and is told that the database is locked.
//!
//! # Errors
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

mod dialect;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod table;

#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteBuilder, SqliteStore};
