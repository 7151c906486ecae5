//! Tries queries: reads one a line from standard input and prints one line of JSON for each.
//!
//! ```sh
//! echo 'price=lt=10&sort(-price)' | cargo run -q -p larder-query --example rql
//! echo 'price=lt=$1&sum(price)' | cargo run -q -p larder-query --example rql -- --data rows.json --params '[10]'
//! ```
//!
//! Without `--data`: the tree and its canonical text, `{"ast":..,"text":".."}`. With it: `{"rows":[..]}`, with `total`, `start` and `end` (the place
//! of the last row) where `limit` has a third argument, or `{"value":..}`. What can't be read or run: `{"error":{"kind":..,"at":byte,"message":..}}`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal"
)]

use std::error::Error;
use std::io::{BufRead, Write};
use std::process::ExitCode;

use larder_query::{Answer, Limits, ParseError, Query, Range, Tree, Value};
use serde_json::json;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rql: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
#[derive(Default)]
struct Options {
    rows: Option<Vec<Value>>,
    params: Value,
}

fn run() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        while line.pop_if(|byte| matches!(byte, b'\n' | b'\r')).is_some() {}
        writeln!(output, "{}", answer(&line, &options))?;
        output.flush()?;
    }
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut next = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--data" => {
                let path = next()?;
                let text =
                    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
                let data: Value = serde_json::from_str(&text)?;
                match data {
                    Value::Array(rows) => options.rows = Some(rows.into_vec()),
                    _ => return Err(format!("{path} is no JSON array").into()),
                }
            }
            "--params" => options.params = serde_json::from_str(&next()?)?,
            _ => {
                return Err(format!(
                    "unknown option {arg}; there are --data FILE and --params JSON"
                )
                .into());
            }
        }
    }
    Ok(options)
}

fn answer(line: &[u8], options: &Options) -> String {
    let Ok(text) = std::str::from_utf8(line) else {
        return error("encoding", 0, "this line is not UTF-8 text");
    };
    let tree = Tree::parse_with(text, &Limits::WIDE)
        .and_then(|tree| tree.fill(|names| param(&options.params, names)));
    let tree = match tree {
        Ok(tree) => tree,
        Err(fault) => return refused(&fault),
    };
    let Some(rows) = &options.rows else {
        let text = serde_json::Value::from(tree.to_string());
        return format!(r#"{{"ast":{},"text":{text}}}"#, tree.to_json());
    };
    let query = match Query::of_tree(&tree) {
        Ok(query) => query,
        Err(fault) => return refused(&fault),
    };
    match larder_query::eval(&query, rows) {
        Ok(answer) => found(answer),
        Err(fault) => {
            let at = tree
                .root()
                .children()
                .find(|term| matches!(term.name(), Some("one" | "recurse")));
            error(
                fault.name(),
                at.map_or(0, |term| term.span().start),
                &fault.to_string(),
            )
        }
    }
}

/// `$1` is the first of a list; `$name` and `$name.path` are found in an object.
fn param(params: &Value, names: &[String]) -> Option<Value> {
    let mut value = params;
    for (depth, name) in names.iter().enumerate() {
        value = match value {
            Value::Array(items) if depth == 0 => {
                items.get(name.parse::<usize>().ok()?.checked_sub(1)?)?
            }
            Value::Object(object) => object.get(name)?,
            _ => return None,
        };
    }
    Some(value.clone())
}

fn found(answer: Answer) -> String {
    // Straight to text: a map of serde_json would sort the names.
    let text = |value: &Value| serde_json::to_string(value).unwrap_or_default();
    match answer {
        Answer::Value(value) => format!(r#"{{"value":{}}}"#, text(&value)),
        Answer::Rows(found) => {
            let rows = text(&Value::from(found.rows));
            match found.range {
                None => format!(r#"{{"rows":{rows}}}"#),
                Some(Range { total, start, end }) => {
                    format!(r#"{{"rows":{rows},"total":{total},"start":{start},"end":{end}}}"#)
                }
            }
        }
    }
}

fn refused(fault: &ParseError) -> String {
    error(fault.kind.name(), fault.span.start, &fault.message)
}

fn error(kind: &str, at: usize, message: &str) -> String {
    json!({"error": {"kind": kind, "at": at, "message": message}}).to_string()
}
