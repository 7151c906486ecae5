use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use larder_core::MemoryStore;

use super::*;
use crate::Opening;

/// A store in memory that says so if it could be reopened.
struct Memory {
    keeps: bool,
    expected: &'static [&'static str],
    last: Mutex<MemoryStore>,
}

impl Memory {
    fn new(keeps: bool, expected: &'static [&'static str]) -> Self {
        Self {
            keeps,
            expected,
            last: Mutex::default(),
        }
    }
}

impl Setup for Memory {
    fn name(&self) -> &str {
        "memory"
    }

    fn open(&self) -> Opening<'_> {
        let store = MemoryStore::new();
        *self.last.lock().unwrap() = store.clone();
        Box::pin(async { Ok(Arc::new(store) as _) })
    }

    fn reopen(&self) -> Option<Opening<'_>> {
        let store = self.last.lock().unwrap().clone();
        self.keeps
            .then(|| -> Opening<'_> { Box::pin(async { Ok(Arc::new(store) as _) }) })
    }

    fn expected_ignored(&self) -> &[&str] {
        self.expected
    }
}

fn outcome(setup: &Memory, args: &[&str]) -> (bool, String) {
    let mut out = Vec::new();
    let cli = Cli::parse(args.iter().map(|arg| (*arg).to_owned()));
    let right = run(setup, &cli, &mut out).unwrap();
    (right, String::from_utf8(out).unwrap())
}

const REOPENED: &[&str] = &[
    "schema::records_survive_reopening",
    "schema::a_new_field_gets_its_default",
    "decimals::decimals_survive_reopening",
    "commits::another_process",
    "commits::going_on_after_reopening",
];

#[test]
fn names_are_distinct_and_many() {
    let rows = all();
    let names: HashSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), rows.len());
    assert!(rows.len() >= 65, "{}", rows.len());
}

#[test]
fn what_does_not_apply_is_shown_as_ignored() {
    let (right, text) = outcome(&Memory::new(false, REOPENED), &["schema", IGNORED]);
    assert!(right, "{text}");
    assert!(
        text.contains("test schema::records_survive_reopening ... ignored\n"),
        "{text}"
    );
    assert!(
        text.contains("test schema::preparing_twice_is_harmless ... ok\n"),
        "{text}"
    );
    assert!(
        text.contains("test result: ok. 6 passed; 0 failed; 2 ignored; 0 measured; "),
        "{text}"
    );
}

#[test]
fn an_unexpected_gap_fails_and_so_does_a_closed_one() {
    let (right, text) = outcome(&Memory::new(false, &[]), &[IGNORED]);
    assert!(
        !right
            && text.contains("the setup does not expect that")
            && text.contains("FAILED. 0 passed; 1 failed"),
        "{text}"
    );
    let (right, text) = outcome(&Memory::new(true, REOPENED), &[IGNORED]);
    assert!(
        !right && text.contains("should have been ignored"),
        "{text}"
    );
}

#[test]
fn a_list_of_names() {
    let (right, text) = outcome(&Memory::new(true, &[]), &["--list"]);
    assert!(right && text.contains("reads::by_key: test\n"), "{text}");
}
