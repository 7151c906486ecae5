//! Loading all flights into SQLite, through larder and by hand.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::server::scratch;
use super::{NOISE, ORDERS, report};
use crate::{Result, data, paths};

/// Rows of one `INSERT` that are tried; the hand-written side takes the best.
const SHAPES: [&str; 4] = ["1", "10", "50", "500"];

/// Who loads.
#[derive(Clone, Copy, Debug)]
enum Loader {
    Hand(&'static str),
    Larder,
}

/// Takes rounds until the control is quiet, and prints rows per CPU-second.
pub(super) fn run(rounds: usize) -> Result<ExitCode> {
    let csv = data::fetch()?.flights;
    let mut best = (0.0, SHAPES[0]);
    for shape in SHAPES {
        let rate = load(Loader::Hand(shape), &csv)?;
        println!("by hand, {shape:>3} rows a statement: {rate:.0} rows per CPU-second");
        if rate > best.0 {
            best = (rate, shape);
        }
    }
    let loaders = [Loader::Hand(best.1), Loader::Larder, Loader::Hand(best.1)];
    let mut rates: Vec<[f64; 3]> = Vec::new();
    let ratio = |rates: &[[f64; 3]], at: usize| {
        report::median(rates.iter().map(|rates| rates[at] / rates[0]).collect())
    };
    while rates.len() < rounds
        || ((ratio(&rates, 2) - 1.0).abs() > NOISE && rates.len() < 3 * rounds)
    {
        let mut round = [0.0; 3];
        for at in ORDERS[rates.len() % ORDERS.len()] {
            round[at] = load(loaders[at], &csv)?;
        }
        rates.push(round);
    }
    let rate = |at: usize| report::median(rates.iter().map(|rates| rates[at]).collect());
    println!(
        "| rows per CPU-second | hand | larder | control | larder / hand | control / hand | rounds |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    println!(
        "| load 336,776 flights | {:.0} | {:.0} | {:.0} | **{:.3}** | {:.3} | {} |",
        rate(0),
        rate(1),
        rate(2),
        ratio(&rates, 1),
        ratio(&rates, 2),
        rates.len()
    );
    Ok(ExitCode::SUCCESS)
}

/// Rows per CPU-second of one load into a new file, by a process of its own.
fn load(loader: Loader, csv: &Path) -> Result<f64> {
    let directory = scratch()?.join("load");
    fs::create_dir_all(&directory)?;
    let (how, rows) = match loader {
        Loader::Hand(shape) => ("hand", shape),
        Loader::Larder => ("larder", "0"),
    };
    let output = Command::new(paths::target()?.join("release/load"))
        .args([how, rows])
        .args([csv, &directory.join("flights.db")])
        .output()?;
    fs::remove_dir_all(&directory)?;
    if !output.status.success() {
        return Err(format!(
            "load {how} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let said = String::from_utf8(output.stdout)?;
    let (rows, seconds) = said.trim().split_once(' ').ok_or("load said nothing")?;
    Ok(rows.parse::<f64>()? / seconds.parse::<f64>()?)
}
