//! What the words of a query cost.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::callgrind;
use super::server::scratch;
use crate::{Result, paths};

/// Requests of the short run and of the long one, whose difference is requests only.
const SHORT: u64 = 100;
const LONG: u64 = 400;

/// The stores, and their URLs.
fn stores() -> Result<[(&'static str, String); 2]> {
    let file = scratch()?.join("lists.db");
    Ok([
        ("memory", "memory:".to_owned()),
        ("SQLite", format!("sqlite:{}", file.display())),
    ])
}

fn lists(what: &str, url: &str, count: &str) -> Result<Command> {
    clean(url)?;
    let mut command = Command::new(paths::target()?.join("release/lists"));
    command.args([what, url, count]);
    Ok(command)
}

/// Removes the file that a run before has left.
fn clean(url: &str) -> Result<()> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        for end in ["", "-wal", "-shm"] {
            let file = format!("{file}{end}");
            if Path::new(&file).exists() {
                fs::remove_file(file)?;
            }
        }
    }
    Ok(())
}

/// A list whose query has ten conditions beside a handler that has the same query ready, in instructions of one request.
pub(super) fn terms() -> Result<()> {
    println!("| list by ten conditions | fixed handler | query | query / fixed | target |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (name, url) in stores()? {
        paths::succeed(lists("same", &url, "1")?.stdout(Stdio::null()))?;
        let fixed = instructions("fixed", &url)?;
        let asked = instructions("asked", &url)?;
        println!(
            "| {name} | {fixed:.0} | {asked:.0} | **{:.3}** | 1.05 |",
            asked / fixed
        );
    }
    Ok(())
}

fn instructions(what: &str, url: &str) -> Result<f64> {
    let total = |count: u64| -> Result<u64> {
        clean(url)?;
        let out = scratch()?.join("lists.callgrind");
        let mut argument = std::ffi::OsString::from("--callgrind-out-file=");
        argument.push(&out);
        paths::succeed(
            Command::new("valgrind")
                .arg("--tool=callgrind")
                .arg(argument)
                .arg(paths::target()?.join("release/lists"))
                .args([what, url, &count.to_string()])
                .stderr(Stdio::null()),
        )?;
        let total = callgrind::total(&fs::read_to_string(&out)?);
        fs::remove_file(&out)?;
        total
    };
    Ok((total(LONG)? as f64 - total(SHORT)? as f64) / (LONG - SHORT) as f64)
}
