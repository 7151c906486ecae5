//! Runs rows one after the other, each on a fresh store, and prints as libtest does.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use larder_core::store::{Capability, Hears};
use tokio::runtime::{Builder, Runtime};

use crate::Setup;
use crate::bench::Bench;
use crate::cli::Cli;
use crate::scenarios::{Scenario, all};

/// After this a scenario is held to hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// The row that compares what was ignored with what was expected to be.
const IGNORED: &str = "expected_ignored";

/// The topics whose rows write nothing but what they then read.
const READS: [&str; 9] = [
    "reads::",
    "filters::",
    "text::",
    "scans::",
    "inside::",
    "joins::",
    "after::",
    "groups::",
    "bounds::",
];

/// What a scenario needs of a store beyond reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Transactions,
    Unique,
    Reopen,
    AssignedKeys,
    /// The character U+0000 in texts.
    NulInText,
    /// What is committed is told.
    Tells,
    /// With what was there before.
    OldRows,
    /// Also from a position on.
    Resume,
    /// Also what other processes commit.
    AllProcesses,
}

fn has(need: Need, capability: &Capability, setup: &dyn Setup) -> bool {
    match need {
        Need::Transactions => capability.transactions,
        Need::Unique => capability.unique,
        Need::AssignedKeys => capability.assigned_keys,
        Need::NulInText => capability.nul_in_text,
        Need::Reopen => setup.reopen().is_some(),
        Need::Tells => capability.changes.is_some(),
        Need::OldRows => capability.changes.is_some_and(|tells| tells.old_rows),
        Need::Resume => capability.changes.is_some_and(|tells| tells.resume),
        Need::AllProcesses => capability
            .changes
            .is_some_and(|tells| tells.hears == Hears::AllProcesses),
    }
}

pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Prints the names of all rows.
fn list(rows: &[Scenario], out: &mut dyn Write) -> io::Result<bool> {
    for row in rows {
        writeln!(out, "{}: test", row.name)?;
    }
    let tests = rows.len() + 1;
    writeln!(out, "{IGNORED}: test\n\n{tests} tests, 0 benchmarks")?;
    Ok(true)
}

/// Runs all rows that were asked for; true if all is well.
pub(crate) fn run(setup: &dyn Setup, cli: &Cli, out: &mut dyn Write) -> io::Result<bool> {
    let rows = all();
    if cli.list {
        return list(&rows, out);
    }
    let start = Instant::now();
    let asked: Vec<&Scenario> = rows.iter().filter(|row| cli.wants(&row.name)).collect();
    let check = cli.wants(IGNORED) && !cli.only_ignored();
    writeln!(
        out,
        "\nrunning {} tests on {}",
        asked.len() + usize::from(check),
        setup.name()
    )?;
    let capability = match runtime()?.block_on(setup.open()) {
        Ok(store) => store.capability(),
        Err(error) => {
            writeln!(out, "the store can't be opened: {error:?}")?;
            return Ok(false);
        }
    };
    let filled = setup.filler().is_some();
    let applies = |row: &Scenario| {
        let reads = || filled && READS.iter().any(|topic| row.name.starts_with(topic));
        (capability.writes || reads())
            && row.needs.iter().all(|need| has(*need, &capability, setup))
    };
    let (mut passed, mut failed, mut ignored) = (0, Vec::new(), 0);
    for row in asked {
        let verdict = if !applies(row) {
            ignored += 1;
            "ignored"
        } else if cli.only_ignored() {
            continue;
        } else if succeeds(setup, row)? {
            passed += 1;
            "ok"
        } else {
            failed.push(row.name.clone());
            "FAILED"
        };
        writeln!(out, "test {} ... {verdict}", row.name)?;
    }
    if check {
        let found = rows.iter().filter(|row| !applies(row));
        let found: Vec<&str> = found.map(|row| row.name.as_str()).collect();
        let verdict = if as_expected(&found, setup.expected_ignored(), out)? {
            passed += 1;
            "ok"
        } else {
            failed.push(IGNORED.to_owned());
            "FAILED"
        };
        writeln!(out, "test {IGNORED} ... {verdict}")?;
    }
    summary(
        out,
        passed,
        &failed,
        ignored,
        rows.len() + 1,
        start.elapsed(),
    )?;
    Ok(failed.is_empty())
}

fn summary(
    out: &mut dyn Write,
    passed: usize,
    failed: &[String],
    ignored: usize,
    all: usize,
    took: Duration,
) -> io::Result<()> {
    if !failed.is_empty() {
        writeln!(out, "\nfailures:")?;
        for name in failed {
            writeln!(out, "    {name}")?;
        }
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    let filtered = all - passed - failed.len() - ignored;
    writeln!(
        out,
        "\ntest result: {verdict}. {passed} passed; {} failed; {ignored} ignored; 0 measured; {filtered} filtered out; \
         finished in {:.2}s\n",
        failed.len(),
        took.as_secs_f64(),
    )
}

/// Runs one row in a runtime of its own. A panic has been printed by the panic hook.
fn succeeds(setup: &dyn Setup, row: &Scenario) -> io::Result<bool> {
    let runtime = runtime()?;
    let scenario = async {
        let store = setup
            .open()
            .await
            .unwrap_or_else(|error| panic!("the store can't be opened: {error:?}"));
        let bench = Bench::new(setup, store).await;
        if tokio::time::timeout(PATIENCE, (row.run)(bench))
            .await
            .is_err()
        {
            panic!("nothing happened for {PATIENCE:?}");
        }
    };
    Ok(catch_unwind(AssertUnwindSafe(|| runtime.block_on(scenario))).is_ok())
}

fn as_expected(found: &[&str], expected: &[&str], out: &mut dyn Write) -> io::Result<bool> {
    let mut right = true;
    for name in found.iter().filter(|name| !expected.contains(name)) {
        writeln!(
            out,
            "`{name}` was ignored, and the setup does not expect that"
        )?;
        right = false;
    }
    for name in expected.iter().filter(|name| !found.contains(name)) {
        writeln!(
            out,
            "`{name}` should have been ignored, but it applies (or there is no such scenario)"
        )?;
        right = false;
    }
    Ok(right)
}

#[cfg(test)]
mod mutants;
#[cfg(test)]
mod tests;
