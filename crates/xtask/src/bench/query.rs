//! The query language beside npm's `rql`: parsing texts, and running queries over rows in memory.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::report;
use crate::{Result, paths};

/// Texts of three sizes: one comparison, five terms, nested.
const TEXTS: [&str; 3] = [
    "eq(a,1)",
    "name=Joe&age=gt=18&status=in=(a,b,c)&sort(+name)&limit(100)",
    "and(or(eq(category,toys),eq(category,art)),or(lt(price,20),gt(rating,4)),or(eq(a,1),and(eq(b,2),or(eq(c,3),not(eq(d,4)))),eq(e,5)))",
];

/// Filter, sort and page; only what the published `rql` can run (its `in` and `contains` crash).
const QUERIES: [&str; 3] = [
    "category=books&price=lt=50&sort(-price,+name)&limit(20,0)",
    "price=gt=10&sort(+name)&limit(50)",
    "rating=ge=4&stock=ge=10&sort(-rating,+price)&limit(10,100)",
];

/// The same with an index on what they filter and sort by, and at the most twenty matches.
const INDEXED: [&str; 3] = [
    "eq(name,item%2077)",
    "price=ge=99.9&sort(-price)&limit(20,0)",
    "category=books&price=ge=99.6&sort(-price)&limit(20,0)",
];

const ROWS: u64 = 10_000;

/// Takes turns with Node for so many rounds, and prints the medians.
pub(super) fn run(rounds: usize) -> Result<()> {
    paths::succeed(paths::cargo().args([
        "build",
        "--release",
        "--package",
        "larder-query",
        "--example",
        "rql_speed",
    ]))?;
    paths::succeed(paths::cargo().args([
        "build",
        "--release",
        "--package",
        "larder-bench",
        "--bin",
        "indexed",
    ]))?;
    let target = paths::target()?;
    let npm = target.join("npm");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/query.js");
    install(&npm)?;
    let work = npm.join("work.json");
    fs::write(
        &work,
        json!({"texts": TEXTS, "queries": QUERIES, "indexed": INDEXED, "rows": rows()}).to_string(),
    )?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut run = output(Command::new(target.join("release/examples/rql_speed")).arg(&work))?;
        let indexed = output(Command::new(target.join("release/indexed")).arg(&work))?;
        run["indexed"] = indexed["run"].clone();
        run["found_indexed"] = indexed["found"].clone();
        ours.push(run);
        theirs.push(output(
            Command::new("node")
                .arg(&script)
                .arg(&work)
                .current_dir(&npm),
        )?);
    }
    let found = |runs: &[Value]| {
        runs.iter()
            .map(|run| [run["found"].clone(), run["found_indexed"].clone()])
            .collect::<Vec<_>>()
    };
    if found(&ours) != found(&theirs) {
        return Err("the two do not find the same rows".into());
    }
    println!("| per CPU-second | npm rql | larder | larder / npm | target |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (kind, texts, target) in [
        ("parse", TEXTS, 10),
        ("run", QUERIES, 3),
        ("indexed", INDEXED, 50),
    ] {
        for (at, text) in texts.iter().enumerate() {
            let median = |runs: &[Value]| {
                let rates = runs.iter().filter_map(|run| run[kind][at].as_f64());
                report::median(rates.collect())
            };
            let (ours, theirs) = (median(&ours), median(&theirs));
            let what = match kind {
                "parse" => format!("parse {} characters", text.len()),
                "run" => format!("`{text}`"),
                _ => format!("`{text}`, indexed"),
            };
            println!(
                "| {what} | {theirs:.0} | {ours:.0} | **{:.1}** | {target} |",
                ours / theirs
            );
        }
    }
    Ok(())
}

/// The published package, in a folder under `target`.
fn install(npm: &Path) -> Result<()> {
    if npm.join("node_modules/rql").exists() {
        return Ok(());
    }
    fs::create_dir_all(npm)?;
    fs::write(npm.join("package.json"), r#"{"private":true}"#)?;
    paths::succeed(
        Command::new("npm")
            .args(["install", "--silent", "rql@0.3.3"])
            .current_dir(npm),
    )
}

fn output(command: &mut Command) -> Result<Value> {
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!(
            "{} failed: {}",
            command.get_program().display(),
            output.status
        )
        .into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Things of a shop, the same in every run.
fn rows() -> Vec<Value> {
    let mut seed = 1_u64;
    let mut next = |below: u64| {
        seed = seed * 48_271 % 2_147_483_647;
        seed % below
    };
    let categories = ["books", "music", "toys", "garden"];
    (0..ROWS)
        .map(|id| {
            json!({
                "id": id,
                "name": format!("item {id}"),
                "category": categories[(id % 4) as usize],
                "price": next(10_000) as f64 / 100.0,
                "stock": next(50),
                "rating": next(5) + 1,
            })
        })
        .collect()
}
