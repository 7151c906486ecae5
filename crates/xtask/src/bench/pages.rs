//! The first page of a million rows beside the 10,000th, on each store in turn.

use std::process::Command;

use super::databases::{MARIADB, POSTGRES};
use super::server::{mongodb, mongodb_of, scratch};
use crate::{Result, paths};

/// Rows of which the 10,000th page is read.
const ROWS: &str = "1000000";

/// The stores by name.
pub(super) const STORES: [&str; 6] = ["all", "memory", "sqlite", "postgres", "mariadb", "mongodb"];

/// Measures one of the [`STORES`], or all whose server can be reached.
pub(super) fn run(which: &str) -> Result<()> {
    let meant = |name: &str| which == "all" || which == name;
    if meant("memory") {
        measure("memory", "memory:")?;
    }
    if meant("sqlite") {
        let file = scratch()?.join("pages.db");
        measure("SQLite", &format!("sqlite:{}", file.display()))?;
    }
    for (name, title, databases) in [
        ("postgres", "PostgreSQL", POSTGRES),
        ("mariadb", "MariaDB", MARIADB),
    ] {
        if which == name || which == "all" && databases.server().is_ok() {
            databases.create("pages", None)?;
            measure(title, &databases.url("pages")?)?;
        }
    }
    if which == "mongodb" || which == "all" && mongodb().is_ok() {
        measure("MongoDB", &mongodb_of("pages")?)?;
    }
    Ok(())
}

fn measure(title: &str, url: &str) -> Result<()> {
    println!("{title}, {ROWS} rows:");
    paths::succeed(Command::new(paths::target()?.join("release/pages")).args([url, ROWS]))
}
