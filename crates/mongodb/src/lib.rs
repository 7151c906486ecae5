//! The MongoDB store of larder, through the official driver.
//!
//! | module | idea |
//! | --- | --- |
//! | `open` | an address, and what is said when it is wrong |
//! | `names`, `encode`, `decode` | names and values as documents have them |
//! | `form`, `nested` | values as other programs store them |
//! | `table`, `indexes` | what is computed once a layout |
//! | `filter` | filters as conditions, and what of them MongoDB does not decide |
//! | `source`, `order`, `ask` | a read: joins, order and place, what is left to the memory |
//! | `read`, `group`, `run` | reads at work |
//! | `write` | one write in one conditional command |
//! | `batch`, `transaction` | writes that belong together |
//! | `assigned` | keys that the store gives |
//! | `turns` | who may use the connections |
//! | `seen` | what no later read may be older than |
//! | `prepare` | collections and indexes, and what differs from the models |
//! | `changes` | what is committed, from a change stream |
//!
//! # Documents
//!
//! One document a record; `_id` is the key, of several fields a document of them in order. Other fields are called as their
//! columns, `_version` is the version. Null is left out.
//!
//! | kind | stored as |
//! | --- | --- |
//! | truth value | boolean |
//! | whole number, `u64` | 64-bit integer; above 2^63 a decimal of 128 bits, which sorts among them |
//! | float | double |
//! | decimal | text that sorts as the number does ([`larder_core::store::decimal`]) |
//! | text | string |
//! | bytes | binary |
//! | instant | 64-bit integer: microseconds since 1970 |
//! | date | date, at midnight UTC |
//! | UUID | binary of subtype 4 |
//! | JSON | as it is, numbers as above |
//!
//! Collections that another program has made are read as it stores ids, dates and decimals; which of its types serve which kind is in
//! `docs/guide/existing-tables.md`. Fields that the model does not name are left alone.
//!
//! In names `$`, `.`, `%` and zero bytes are `%24`, `%2E`, `%25` and `%00`. Why, is in `docs/design/0016-mongodb.md`.
//!
//! # What it promises
//!
//! * **Durable**: every write waits for the majority of the replica set. Reads see what the majority has, and one state of it; what was acknowledged to a store is
//!   seen by every later read of it, from a new primary too. (Another process that asks a primary which was only just elected may not see it
//!   for a moment.)
//! * **Conditional writes** are one command each. Several writes, and conditions that MongoDB can't decide, are a transaction.
//! * **Transactions** see the state of their first read. One that meets another writer fails with a `Conflict` at once; so it ends
//!   with a taken unique value.
//! * **Failover**: the driver finds the new primary and repeats what was under way; what takes longer than its patience (3 seconds)
//!   is `Unavailable`. A transaction that is lost before its commit was sent says so, and the pipeline runs the call again.
//! * **Connections**: one in eight is kept for transactions, so that writes which wait for one can't keep it from ending. Whoever waits
//!   for one for longer than the store's patience is told so (`Unavailable`), inside a transaction too.
//! * **Changes** are told from a change stream: everybody's, with the document before and after, each transaction as a whole.
//! * **Commands** are said at the level TRACE through `tracing`, target `larder::mongodb`, without their values.
//!
//! # Errors
//!
//! | fault | kind |
//! | --- | --- |
//! | `E11000`: a taken key or unique value | `Duplicate`, with the field (the first one of an index over several) |
//! | `WriteConflict`, `NoSuchTransaction`, the label `TransientTransactionError`, a snapshot that has gone | `Conflict` |
//! | no primary, a lost connection, a server that steps down or shuts down, a full disk, a time limit | `Unavailable` |
//! | a document beyond 16 MB | `TooLarge` |
//! | a change stream whose place in the log has gone, or whose collection was dropped | `Lost` |
//! | a value that no document can hold | `Invalid`, with the field |
//! | an address that can't be opened, a collection that does not fit | `Setup` |
//! | anything else | `Internal`, the cause in the log |

mod aborts;
mod ask;
mod assigned;
mod batch;
mod changes;
mod decode;
mod encode;
mod errors;
mod filter;
mod form;
mod group;
mod indexes;
mod listeners;
mod names;
mod nested;
mod open;
mod order;
mod prepare;
mod read;
mod run;
mod seen;
mod source;
mod store;
mod table;
mod transaction;
mod turns;
mod write;

pub use store::{MongoBuilder, MongoStore};
