//! What each call sends to each database: the table in the guide's chapter on stores is made from the statements that are sent, and
//! each that is more than one has a reason there.
//!
//! `LARDER_STATEMENTS=overwrite cargo test -p larder-tests --all-features --test statements` writes it. The columns of servers that
//! are not there keep what the page has.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use calls::{CALLS, World};
use reasons::{REASONS, reason};

#[path = "../pushdown/stores.rs"]
#[allow(dead_code, reason = "the other page has more columns")]
mod stores;

mod calls;
mod reasons;

/// A database joins with its name here, a place to open it in `stores`, and a reason for each call that is more than one statement.
const COLUMNS: [&str; 3] = ["SQLite", "PostgreSQL", "MariaDB"];

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/stores.md");
const BEGIN: &str = "<!-- what a call sends: written by a test -->\n";
const END: &str = "<!-- end of what a call sends -->\n";

/// What stands in a cell that nobody has measured.
const UNKNOWN: &str = "-";

/// The cells of the table: what stands at a call in a column.
type Cells = BTreeMap<(String, String), String>;

/// The calls, and the statements of each, a word for each statement.
type Measured = Vec<(&'static str, Vec<String>)>;

/// The statements of each call; none where the server is not there. They are counted once for all tests: what two threads count at a time
/// each may miss of the other, as `tracing` learns of a place in the code when it is first come by.
fn measured(column: &'static str) -> Option<Measured> {
    static ALL: OnceLock<BTreeMap<&'static str, Option<Measured>>> = OnceLock::new();
    let all = ALL.get_or_init(|| COLUMNS.map(|column| (column, count(column))).into());
    all.get(column)?.clone()
}

fn count(column: &'static str) -> Option<Measured> {
    let setup = stores::setup(column)?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    Some(runtime.block_on(async {
        let world = World::new(setup.open().await.unwrap()).await;
        let mut all = Vec::with_capacity(CALLS.len());
        for call in CALLS {
            all.push((call, world.sent(call).await));
        }
        all
    }))
}

/// The cells of the page as it is.
fn parse(text: &str) -> Cells {
    let mut cells = Cells::new();
    let mut names = Vec::new();
    for line in text.lines() {
        let row = line.strip_prefix("| ");
        let row = row.and_then(|line| line.strip_suffix(" |"));
        let Some((call, rest)) = row.and_then(|row| row.split_once(" | ")) else {
            // The next table has other columns.
            names.clear();
            continue;
        };
        if call == "call" {
            names = rest.split(" | ").collect();
        }
        for (name, cell) in names.iter().zip(rest.split(" | ")) {
            if call != "call" && !call.starts_with("---") {
                cells.insert((call.to_owned(), (*name).to_owned()), cell.to_owned());
            }
        }
    }
    cells
}

fn render(cells: &Cells) -> String {
    let names = COLUMNS.join(" | ");
    let line = " --- |".repeat(COLUMNS.len() + 1);
    let mut text = format!("| call | {names} |\n|{line}\n");
    let cell = |call: &str, column: &str| {
        let cell = cells.get(&(call.to_owned(), column.to_owned()));
        cell.map_or(UNKNOWN, String::as_str).to_owned()
    };
    for call in CALLS {
        let row = COLUMNS.map(|column| cell(call, column)).join(" | ");
        writeln!(text, "| {call} | {row} |").unwrap();
    }
    text.push_str("\nWhere it is more than one statement, this is why:\n\n| where | call | why |\n| --- | --- | --- |\n");
    for (column, call, why) in REASONS {
        writeln!(text, "| {column} | {call} | {why} |").unwrap();
    }
    text
}

/// The page in three parts: what is before the table, the table, and what is behind it.
fn parts(page: &str) -> (&str, &str, &str) {
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (table, after) = rest.split_once(END).expect("where the table ends");
    (before, table, after)
}

#[test]
fn the_page_is_up_to_date() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, old, after) = parts(&page);
    let mut cells = parse(old);
    for column in COLUMNS {
        for (call, sent) in measured(column).into_iter().flatten() {
            let cell = format!("`{}`", sent.join("`, `"));
            cells.insert((call.to_owned(), column.to_owned()), cell);
        }
    }
    let new = render(&cells);
    if std::env::var("LARDER_STATEMENTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(PAGE, format!("{before}{BEGIN}{new}{END}{after}")).unwrap();
        return;
    }
    let lines = new
        .lines()
        .filter(|line| !old.lines().any(|other| other == *line));
    let lines: Vec<&str> = lines.collect();
    assert!(
        new == old,
        "docs/guide/stores.md says otherwise; `LARDER_STATEMENTS=overwrite cargo test -p larder-tests --all-features --test statements` \
         writes:\n{}",
        lines.join("\n")
    );
}

/// What the design promises: one statement, and the exceptions are known.
#[test]
fn more_than_one_statement_has_a_reason() {
    for column in COLUMNS {
        for (call, sent) in measured(column).into_iter().flatten() {
            let why = reason(column, call);
            match sent.len() {
                0 => panic!("{column}: {call} sends nothing"),
                1 => assert_eq!(why, None, "{column}: {call} is one statement by now"),
                _ => assert!(
                    why.is_some(),
                    "{column}: {call} is {sent:?}, and nobody says why"
                ),
            }
        }
    }
}

#[test]
fn a_table_is_read_as_it_was_written() {
    let mut cells = Cells::new();
    for (at, call) in CALLS.into_iter().enumerate() {
        let cell = format!("`SELECT`, `{at}`");
        cells.insert((call.to_owned(), COLUMNS[at % 2].to_owned()), cell);
        cells.insert(
            (call.to_owned(), COLUMNS[1 - at % 2].to_owned()),
            UNKNOWN.to_owned(),
        );
        cells.insert((call.to_owned(), COLUMNS[2].to_owned()), UNKNOWN.to_owned());
    }
    assert_eq!(parse(&render(&cells)), cells);
}
