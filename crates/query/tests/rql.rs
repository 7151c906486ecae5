//! The example `rql`, run as a person would, on a table of queries.
//!
//! `rql/vectors.tsv` has a query a line: what is asked of it, the query, what is expected. `ast` and `text` are without data; `ids`, `answer` and
//! `refused` run over `rql/rows.json`, where `ids` are those of the rows that are found.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

const VECTORS: &str = include_str!("rql/vectors.tsv");
const PARAMS: &str = r#"[[7,"b"],"x"]"#;

/// One line of the table.
struct Vector {
    asked: &'static str,
    query: &'static str,
    expected: &'static str,
}

fn vectors() -> Vec<Vector> {
    let lines = VECTORS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.split('\t');
            let mut part = || parts.next().unwrap_or_else(|| panic!("too short: {line}"));
            Vector {
                asked: part(),
                query: part(),
                expected: part(),
            }
        })
        .collect()
}

/// What the example prints for each query.
fn answers(queries: &[&str], args: &[&str]) -> Vec<Json> {
    let mut child = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--package",
            "larder-query",
            "--example",
            "rql",
            "--",
        ])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The table is larger than a pipe holds, so it is written beside the reading.
    let mut input = child.stdin.take().unwrap();
    let text = queries
        .iter()
        .map(|query| format!("{query}\n"))
        .collect::<String>();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), queries.len());
    answers
}

fn failure(expected: &str, answer: &Json) -> bool {
    let (kind, at) = expected.split_once(' ').unwrap();
    let error = &answer["error"];
    let said = error["message"]
        .as_str()
        .is_some_and(|message| !message.is_empty());
    said && error["kind"] == kind && error["at"] == json!(at.parse::<u64>().unwrap())
}

/// Whether numbers are equal by value, and all else exactly.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

fn check(chosen: &[&str], args: &[&str]) {
    let vectors: Vec<Vector> = vectors()
        .into_iter()
        .filter(|vector| chosen.contains(&vector.asked))
        .collect();
    let queries: Vec<&str> = vectors.iter().map(|vector| vector.query).collect();
    let mut wrong = Vec::new();
    for (vector, answer) in vectors.iter().zip(answers(&queries, args)) {
        let expected = vector.expected;
        let right = match vector.asked {
            "ast" => same(&answer["ast"], &serde_json::from_str(expected).unwrap()),
            "text" => answer["text"] == expected,
            "ids" => {
                let ids: Json = answer["rows"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|row| row["id"].clone())
                    .collect();
                answer["rows"].is_array() && same(&ids, &serde_json::from_str(expected).unwrap())
            }
            "answer" => same(&answer, &serde_json::from_str(expected).unwrap()),
            _ => failure(expected, &answer),
        };
        if !right {
            wrong.push(format!(
                "{}\n  expected {expected}\n  but it is {answer}",
                vector.query
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        queries.len(),
        wrong.join("\n")
    );
}

#[test]
fn trees_and_texts() {
    check(&["ast", "text", "error"], &["--params", PARAMS]);
}

#[test]
fn texts_read_back_the_same() {
    let queries: Vec<&str> = vectors().iter().map(|vector| vector.query).collect();
    let first = answers(&queries, &["--params", PARAMS]);
    let texts: Vec<&str> = first
        .iter()
        .filter_map(|answer| answer["text"].as_str())
        .collect();
    assert!(texts.len() > 100);
    for (text, again) in texts.iter().zip(answers(&texts, &[])) {
        assert_eq!(again["text"], *text);
    }
}

#[test]
fn answers_over_rows() {
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rql/rows.json");
    check(
        &["ids", "answer", "refused"],
        &["--data", rows.to_str().unwrap()],
    );
}
