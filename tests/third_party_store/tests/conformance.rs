//! The journal against the conformance suite.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use larder_conformance::{Opening, Setup};
use larder_core::{Error, Result};
use tempfile::TempDir;
use third_party_store::Journal;

/// Keeps the folder of the last journal.
#[derive(Default)]
struct Journals(Mutex<Option<TempDir>>);

impl Journals {
    fn path(&self, new: bool) -> Result<PathBuf> {
        let mut folder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if new {
            *folder = Some(TempDir::new().map_err(Error::internal)?);
        }
        let path = folder.as_ref().map(|folder| folder.path().join("journal"));
        Ok(path.unwrap_or_default())
    }
}

impl Setup for Journals {
    fn name(&self) -> &str {
        "journal"
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Arc::new(Journal::open(&self.path(true)?)?) as _) })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        Some(Box::pin(async {
            Ok(Arc::new(Journal::open(&self.path(false)?)?) as _)
        }))
    }

    fn expected_ignored(&self) -> &[&str] {
        LACKING
    }
}

/// What the journal lacks: transactions, keys that the store gives, and telling what is committed.
const LACKING: &[&str] = &[
    "changes::in_a_transaction",
    "changes::a_refused_change_leaves_a_transaction",
    "changes::two_transactions_add",
    "transactions::commit_keeps",
    "transactions::abort_drops",
    "transactions::dropping_drops",
    "transactions::an_empty_one",
    "transactions::own_writes_are_read",
    "transactions::own_writes_in_lists",
    "transactions::others_do_not_see_it",
    "transactions::it_sees_one_state",
    "transactions::a_miss_leaves_it_usable",
    "transactions::conditions_see_own_writes",
    "transactions::versions_inside",
    "transactions::two_writers_of_one_record",
    "transactions::read_then_write_loses_nothing",
    "transactions::one_after_the_other",
    "transactions::writers_of_other_records",
    "transactions::deleted_by_another",
    "transactions::unique_inside",
    "transactions::a_unique_value_moves",
    "transactions::two_takers_of_one_value",
    "transactions::two_creators_of_one_key",
    "snapshots::joins_see_own_writes",
    "snapshots::joins_see_one_state",
    "snapshots::places_see_own_writes",
    "snapshots::groups_see_own_writes",
    "snapshots::bounds_hold",
    "cancel::a_begin_never_polled",
    "cancel::a_begin_dropped_midway",
    "cancel::a_write_inside_dropped_midway",
    "cancel::a_commit_dropped_midway",
    "commits::every_write_is_told",
    "commits::a_miss_tells_nothing",
    "commits::one_after_the_other",
    "commits::writers_of_one_record",
    "commits::nothing_from_before",
    "commits::other_models_are_not_told",
    "commits::a_model_that_nobody_prepared",
    "commits::a_wait_that_is_dropped_loses_nothing",
    "commits::dropped_feeds",
    "commits::several_listeners",
    "commits::a_slow_listener",
    "commits::a_position_of_no_store",
    "commits::old_rows",
    "commits::every_kind_of_value",
    "commits::nothing_before_the_commit",
    "commits::a_rollback_tells_nothing",
    "commits::a_transaction_is_one",
    "commits::it_is_told_as_a_whole_of_two_models",
    "commits::the_order_is_of_commits",
    "commits::whoever_is_dropped_midway",
    "commits::going_on_after_a_position",
    "commits::going_on_after_each_position",
    "commits::another_process",
    "commits::going_on_after_reopening",
    "keys::in_a_transaction",
    "tables::the_store_gives_keys",
    "tables::given_keys_never_come_again",
    "tables::keys_given_in_a_transaction",
];

fn main() -> ExitCode {
    larder_conformance::main(Journals::default())
}
