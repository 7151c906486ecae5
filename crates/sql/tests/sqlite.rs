//! The SQLite store by itself: files, `prepare`, group commit, transactions. What every store must do is tested by the
//! conformance suite.

#[path = "sqlite/existing.rs"]
mod existing;
#[path = "sqlite/open.rs"]
mod open;
#[path = "sqlite/prepare.rs"]
mod prepare;
#[path = "sqlite/read.rs"]
mod read;
#[path = "sqlite/support.rs"]
mod support;
#[path = "sqlite/transaction.rs"]
mod transaction;
#[path = "sqlite/write.rs"]
mod write;
