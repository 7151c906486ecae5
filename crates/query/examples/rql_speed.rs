//! What parsing texts and running queries cost: one side of `cargo xtask bench --query`.
//!
//! Reads a file with `{"texts":[..],"queries":[..],"rows":[..]}` and prints, for each text, how often a CPU-second parses it, and for each query
//! how often a CPU-second parses and runs it over the rows. CPU time is the kernel's account of this thread (Linux).
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::hint::black_box;

use larder_query::{Answer, Query, Tree, Value, eval};

/// CPU time that one measurement takes, in nanoseconds. The account is kept in steps of some milliseconds.
const SLICE: u64 = 400_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("the file with the work is missing")?;
    let work: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let list = |name: &str| -> Result<&[Value], String> {
        let list = work.get(name).and_then(Value::as_array);
        list.ok_or(format!("no list `{name}` in the work"))
    };
    let rows = list("rows")?;
    let mut parse = Vec::new();
    for text in list("texts")?.iter().filter_map(Value::as_str) {
        Tree::parse(text)?;
        parse.push(rate(|| drop(black_box(Tree::parse(black_box(text)))))?);
    }
    let mut run = Vec::new();
    let mut found = Vec::new();
    for text in list("queries")?.iter().filter_map(Value::as_str) {
        let Answer::Rows(answer) = eval(&Query::parse(text)?, rows)? else {
            return Err("a query of the work must give a list".into());
        };
        found.push(
            answer
                .rows
                .iter()
                .filter_map(|row| row.get("id"))
                .cloned()
                .collect::<Value>(),
        );
        run.push(rate(|| {
            drop(black_box(
                Query::parse(text).map(|query| eval(&query, black_box(rows))),
            ));
        })?);
    }
    let found = serde_json::to_string(&Value::from(found))?;
    println!(r#"{{"parse":{parse:?},"run":{run:?},"found":{found}}}"#);
    Ok(())
}

/// How often a CPU-second does something.
fn rate(mut work: impl FnMut()) -> Result<f64, Box<dyn Error>> {
    let mut batch = 1_u64;
    loop {
        let before = cpu()?;
        for _ in 0..batch {
            work();
        }
        let used = cpu()? - before;
        if used >= SLICE {
            return Ok(batch as f64 * 1e9 / used as f64);
        }
        // Enough for a whole slice, and some more; at first the account may not have moved at all.
        batch = match used {
            0..10_000_000 => batch * 4,
            used => batch * SLICE / used + batch / 8 + 1,
        };
    }
}

/// Nanoseconds that this thread has been on a processor.
fn cpu() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let on_cpu = text
        .split_ascii_whitespace()
        .next()
        .ok_or("an empty schedstat")?;
    Ok(on_cpu.parse()?)
}
