//! What hooks cost, and that a model without any pays nothing: instructions of one request to the same model without hooks, without hooks
//! beside another model that has some, and with one that does nothing.

use super::Options;
use super::callgrind::{ROWS, of_one_request};
use super::report::verb;
use super::requests::Requests;
use super::server::Setup;
use crate::Result;

/// As `tests/bench/src/bin/hooked.rs` names them. The first comes twice: how far two counts of the same are apart.
const HOOKS: [&str; 5] = ["none", "none", "other", "before", "after"];

/// The function of the pipeline that adds a record of a model with hooks.
const WAY_OF_HOOKS: &str = "create_hooked";

/// Prints a row for each operation that was asked for.
pub(super) async fn run(options: &Options) -> Result<()> {
    println!("Instructions of the server process for one request (callgrind; user space only).");
    println!();
    println!("| memory | no hooks | again | hooks on another model | no-op before | no-op after |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let rows = options.rows.min(ROWS);
    for op in options.ops() {
        let requests = Requests::new(op, rows);
        print!("| {}", verb(op));
        for hooks in HOOKS {
            let setup = Setup::hooked(hooks, rows);
            let (instructions, functions) = of_one_request(&setup, &requests).await?;
            print!(" | {instructions:.0}");
            // The rows were written on the same way, so a GET shows it too.
            let has_run = functions.have(WAY_OF_HOOKS);
            if has_run != matches!(hooks, "before" | "after") {
                println!();
                let ran = if has_run { "has" } else { "has not" };
                return Err(format!("{hooks}: `{WAY_OF_HOOKS}` {ran} run").into());
            }
        }
        println!(" |");
    }
    Ok(())
}
