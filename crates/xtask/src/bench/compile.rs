//! What larder costs the compiler, in CPU-seconds of cargo and all that it starts.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use self::sources::{edit, write_crates};
use super::report;
use crate::{Result, paths};

mod sources;

const MODELS: usize = 100;
const ROUNDS: usize = 7;
const COLD_ROUNDS: usize = 3;

pub(super) fn run() -> Result<()> {
    let directory = paths::target()?.join("compile");
    let target = directory.join("target");
    cold(&target)?;
    write_crates(&directory)?;
    paths::succeed(cargo(&directory, &target).args(["build", "--workspace"]))?;
    rebuild(&directory, &target)?;
    structs(&directory, &target)
}

fn cold(target: &Path) -> Result<()> {
    let mut taken = Vec::new();
    for _ in 0..COLD_ROUNDS {
        if target.exists() {
            fs::remove_dir_all(target)?;
        }
        let mut build = cargo(paths::root(), target);
        taken.push(costs(build.args(["build", "--package", "quickstart"]))?.0);
    }
    println!(
        "quickstart, cold dev build: {:.1} CPU-seconds; all rounds: {taken:.1?}",
        report::median(taken.clone())
    );
    Ok(())
}

fn rebuild(directory: &Path, target: &Path) -> Result<()> {
    let edited = directory.join("quickstart/src/main.rs");
    let mut taken = Vec::new();
    for round in 0..ROUNDS {
        edit(&edited, round)?;
        let mut build = cargo(directory, target);
        taken.push(costs(build.args(["build", "--package", "quickstart"]))?);
    }
    println!(
        "quickstart, rebuilt after a field was added to a model: {:.2} CPU-seconds, {:.2} s",
        report::median(taken.iter().map(|cost| cost.0).collect()),
        report::median(taken.iter().map(|cost| cost.1).collect()),
    );
    Ok(())
}

/// The three crates take turns, so that what else the machine does falls on all of them.
fn structs(directory: &Path, target: &Path) -> Result<()> {
    let mut rounds: Vec<[f64; 3]> = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = [0.0; 3];
        for (taken, name) in round.iter_mut().zip(["plain", "used", "models"]) {
            fs::File::options()
                .append(true)
                .open(directory.join(name).join("src/lib.rs"))?
                .set_modified(std::time::SystemTime::now())?;
            let mut build = cargo(directory, target);
            // A first build, not one that profits from the last.
            build
                .env("CARGO_INCREMENTAL", "0")
                .args(["build", "--package", name]);
            *taken = costs(&mut build)?.0;
        }
        rounds.push(round);
    }
    let median = |of: &dyn Fn(&[f64; 3]) -> f64| report::median(rounds.iter().map(of).collect());
    println!(
        "{MODELS} structs of ten fields: plain {:.2}, used {:.2}, models {:.2} CPU-seconds",
        median(&|round| round[0]),
        median(&|round| round[1]),
        median(&|round| round[2]),
    );
    println!(
        "larder's part, round by round: {:.2} CPU-seconds beyond plain, {:.2} beyond used",
        median(&|round| round[2] - round[0]),
        median(&|round| round[2] - round[1]),
    );
    Ok(())
}

fn cargo(directory: &Path, target: &Path) -> Command {
    let mut cargo = paths::cargo();
    cargo
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", target)
        .args(["--quiet", "--offline"]);
    cargo
}

/// Runs a command; its CPU-seconds and its seconds.
fn costs(command: &mut Command) -> Result<(f64, f64)> {
    let (before, begun) = (children()?, Instant::now());
    paths::succeed(command)?;
    Ok((children()? - before, begun.elapsed().as_secs_f64()))
}

/// The CPU-seconds of all processes that this one started and that have ended, and of theirs.
fn children() -> Result<f64> {
    /// Linux counts them in hundredths of a second.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold spaces; behind it `cutime` and `cstime` are the 14th and 15th.
    let (_, rest) = stat.rsplit_once(')').ok_or("a stat without a name")?;
    let ticks: Vec<u64> = rest
        .split_ascii_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / TICKS)
}
