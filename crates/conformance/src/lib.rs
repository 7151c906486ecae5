//! The scenarios that every larder store, and every stack of wrappers over one, must pass.
//!
//! A scenario is a row: a name, what it needs of the store, and an async function that panics where the store is wrong.
//! A backend joins with a [`Setup`] and a test target without libtest (`harness = false`):
//!
//! ```no_run
//! use std::process::ExitCode;
//! use std::sync::Arc;
//!
//! use larder_conformance::{Opening, Setup};
//! use larder_core::MemoryStore;
//!
//! struct Memory;
//!
//! impl Setup for Memory {
//!     fn name(&self) -> &str {
//!         "memory"
//!     }
//!
//!     fn open(&self) -> Opening<'_> {
//!         Box::pin(async { Ok(Arc::new(MemoryStore::new()) as _) })
//!     }
//!
//!     fn expected_ignored(&self) -> &[&str] {
//!         &["schema::a_new_field_gets_its_default", "schema::records_survive_reopening", "decimals::decimals_survive_reopening",
//!           "commits::another_process", "commits::going_on_after_reopening"]
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     larder_conformance::main(Memory)
//! }
//! ```
//!
//! What a store can't do is in its [`Capability`](larder_core::store::Capability). Scenarios that need it are **shown as
//! ignored**, and the run fails unless exactly those were expected: a capability can't be lost, or gained, unnoticed.
//!
//! # Decisions that the rows pin down
//! - After a write that missed, the rest of its batch is not tried: outcomes end with the first [`Missed`].
//! - Unique values are checked write by write, so two records swap theirs by way of a third value.
//! - The sign of a zero need not be kept; every other float comes back bit by bit.
//! - Of values that are the same to a filter (`1` and `1.0` in a JSON field) a group may show any one.
//! - A bound on what is looked at may be kept by refusing sooner than at the record that is one too many, never later.
//! - Of two commits that met in no record and overlapped in time, either may be told first.
//! - A listener that falls behind by 10,000 records and more may be told that it lost; one that is told all of them is right too.
//! - A transaction that must wait for another one may: the rows judge what was kept, not who waited.
//!
//! [`Missed`]: larder_core::store::Outcome::Missed

mod bench;
mod cli;
mod harness;
mod pushdown;
mod scenarios;
mod things;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use larder_core::Result;
use larder_core::store::Store;
pub use pushdown::{Finding, Served, pushdown};

/// A store that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn Store>>> + 'a>>;

/// How to get the store that is to be tested.
pub trait Setup {
    /// The name of the store, for messages.
    fn name(&self) -> &str;

    /// Opens a new store without any model. Every scenario gets its own.
    fn open(&self) -> Opening<'_>;

    /// Opens the store again that [`open`](Self::open) gave last, with what was written to it. None if it keeps nothing.
    fn reopen(&self) -> Option<Opening<'_>> {
        None
    }

    /// The store below the one that [`open`](Self::open) gave last, where that one takes no writes: the scenarios that only read
    /// are filled through it, and all others do not apply. None for stores that take writes.
    fn filler(&self) -> Option<Arc<dyn Store>> {
        None
    }

    /// The names of all scenarios that do not apply to this store.
    fn expected_ignored(&self) -> &[&str] {
        &[]
    }
}

/// The names of all scenarios, in the order in which they run: for a setup that works out what does not apply to it.
pub fn names() -> Vec<String> {
    scenarios::all().into_iter().map(|row| row.name).collect()
}

/// As [`main`], for several stores one after the other: a store, say, and each wrapper around it.
pub fn main_of(setups: &[&dyn Setup]) -> ExitCode {
    let cli = cli::Cli::parse(std::env::args().skip(1));
    let mut well = true;
    for setup in setups {
        well &= matches!(harness::run(*setup, &cli, &mut std::io::stdout()), Ok(true));
    }
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(101)
    }
}

/// Runs the scenarios that the command line asks for, and prints what libtest would.
///
/// Understood: parts of names, `--exact`, `--skip`, `--list`, `--ignored`, `--include-ignored`; other options of libtest
/// are taken and change nothing. Fails if a scenario failed, or if others were ignored than the setup expects.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a test's `main` has no other use for it"
)]
pub fn main(setup: impl Setup) -> ExitCode {
    main_of(&[&setup])
}
