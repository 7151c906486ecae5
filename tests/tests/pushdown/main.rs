//! The guide's page of who does what of a query, made from the answers of the stores themselves.
//!
//! `LARDER_PUSHDOWN=overwrite cargo test -p larder-tests --test pushdown` writes it. The columns of servers that are not there keep
//! what the page has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use larder_conformance::{Finding, Served, pushdown};
use stores::{COLUMNS, setup};

mod stores;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/pushdown.md");

const HEAD: &str = "# Who does what of a query

A store pushes an operation down to its database, or finishes it in memory under a limit, or refuses it by name. This page is made from
what the stores do: the conformance suite asks each of them for every operation and compares the answer
(`LARDER_PUSHDOWN=overwrite cargo test -p larder-tests --test pushdown` writes it, with the servers of `cargo xtask services up`).

| | |
| --- | --- |
| index | an index decides: no record is looked at in vain. `look_at` never refuses it |
| database | the database decides, record by record. Clients may ask for it where the model's `search` allows a scan, up to `look_at` records |
| memory | larder decides, on what the database finds by the rest of the filter. Under the same limit |
| refused | the answer is 501 and names the operator |

In the memory store all is in memory; there the word means that no index decides. Patterns are never run by a database: their engines
backtrack, and a pattern from a client could stop them. What is finished in memory is told at the level TRACE, target `larder::store`.
";

/// What stands in a cell that nobody has measured.
const UNKNOWN: &str = "-";

/// A page: the operations in order, and what stands at an operation in a column.
#[derive(Default)]
struct Page {
    rows: Vec<(String, String)>,
    cells: BTreeMap<(String, String, String), String>,
}

impl Page {
    /// Reads a page back.
    fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let (mut place, mut names) = ("", Vec::new());
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                (place, names) = (heading, Vec::new());
            }
            let cells = line
                .strip_prefix("| ")
                .and_then(|line| line.strip_suffix(" |"));
            let cells: Vec<&str> = cells.map_or(vec![], |line| line.split(" | ").collect());
            match cells.split_first() {
                _ if place.is_empty() => {}
                Some((&"operation", columns)) => names = columns.to_vec(),
                Some((operation, columns)) if !operation.starts_with("---") => {
                    for (name, cell) in names.iter().zip(columns) {
                        page.set(place, operation, name, cell);
                    }
                }
                _ => {}
            }
        }
        page
    }

    fn set(&mut self, place: &str, operation: &str, column: &str, cell: &str) {
        let row = (place.to_owned(), operation.to_owned());
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        let at = (place.to_owned(), operation.to_owned(), column.to_owned());
        self.cells.insert(at, cell.to_owned());
    }

    fn get(&self, place: &str, operation: &str, column: &str) -> &str {
        let at = (place.to_owned(), operation.to_owned(), column.to_owned());
        self.cells.get(&at).map_or(UNKNOWN, String::as_str)
    }

    fn render(&self) -> String {
        let mut text = HEAD.to_owned();
        let mut last = "";
        for (place, operation) in &self.rows {
            if place != last {
                last = place;
                let names = COLUMNS.map(|(name, _)| name).join(" | ");
                let line = " --- |".repeat(COLUMNS.len() + 1);
                write!(text, "\n## {place}\n\n| operation | {names} |\n|{line}\n").unwrap();
            }
            let cells = COLUMNS.map(|(name, _)| self.get(place, operation, name));
            writeln!(text, "| {operation} | {} |", cells.join(" | ")).unwrap();
        }
        text
    }
}

/// What a store says of itself; None where its server is not there.
fn measured(column: &str, database: bool) -> Option<Vec<Finding>> {
    setup(column).map(|setup| pushdown(&*setup, database))
}

#[test]
fn the_page_is_up_to_date() {
    let old = std::fs::read_to_string(PAGE).unwrap_or_default();
    let known = Page::parse(&old);
    let measured = COLUMNS.map(|(name, database)| measured(name, database));
    let rows = measured.iter().flatten().next().expect("the memory store");
    let mut page = Page::default();
    for ((column, _), found) in COLUMNS.iter().zip(&measured) {
        for (at, row) in rows.iter().enumerate() {
            let cell = match found {
                Some(found) => found[at].served.to_string(),
                None => known.get(row.place, &row.operation, column).to_owned(),
            };
            page.set(row.place, &row.operation, column, &cell);
        }
    }
    let new = page.render();
    if std::env::var("LARDER_PUSHDOWN").is_ok_and(|value| value == "overwrite") {
        std::fs::write(PAGE, new).unwrap();
        return;
    }
    let lines = new
        .lines()
        .filter(|line| !old.lines().any(|other| other == *line));
    let lines: Vec<&str> = lines.collect();
    assert!(
        new == old,
        "docs/guide/pushdown.md says otherwise; `LARDER_PUSHDOWN=overwrite cargo test -p larder-tests --test pushdown` \
         writes:\n{}",
        lines.join("\n")
    );
}

/// What the design promises, whatever the database can do.
#[test]
fn what_is_searchable_is_pushed_down() {
    for (column, database) in COLUMNS {
        for Finding {
            place,
            operation,
            served,
        } in measured(column, database).into_iter().flatten()
        {
            assert_ne!(served, Served::Refused, "{column}: {place}, {operation}");
            let ordered = ["eq", "lt", "le", "gt", "ge", "in", "starts_with"];
            if place == "A field with an index" && ordered.contains(&&*operation) {
                assert_eq!(
                    served,
                    Served::Index,
                    "{column}: {operation} of an indexed field"
                );
            }
        }
    }
}

#[test]
fn a_page_is_read_as_it_was_written() {
    let mut page = Page::default();
    page.set("A place", "eq or eq", "memory", "index");
    page.set("A place", "eq or eq", "SQLite", "database");
    page.set("Another", "mod", "MongoDB", "memory");
    let text = page.render();
    let again = Page::parse(&text);
    assert_eq!(again.render(), text);
    assert_eq!(again.get("A place", "eq or eq", "SQLite"), "database");
    assert_eq!(again.get("Another", "mod", "SQLite"), UNKNOWN);
}
