//! Instructions per request: what noise can't touch.

use std::fs;

use super::load::Client;
use super::report::Counted;
use super::requests::Requests;
use super::server::{self, Server, Setup};
use super::{Op, Options, Store};
use crate::Result;

/// Rows in a server whose instructions are counted, unless the command line says fewer.
pub(super) const ROWS: u64 = 1_000;
/// Requests of the short run and of the long one. Start, rows and end cost both the same, so their difference is requests only.
const SHORT: usize = 200;
const LONG: usize = 1_000;

/// Counts the instructions of one request on each of the three servers.
pub(super) async fn measure(options: &Options, store: Store, op: Op) -> Result<Counted> {
    let rows = options.rows.min(ROWS);
    let requests = Requests::new(op, rows);
    let mut instructions = [0.0; 3];
    for (count, setup) in instructions
        .iter_mut()
        .zip(Setup::trio(options, store, rows))
    {
        *count = of_one_request(&setup, &requests).await?.0;
    }
    Ok(Counted {
        store,
        op,
        instructions,
    })
}

/// The instructions of one request, and the functions that ran between the start and the end of the longer run.
pub(super) async fn of_one_request(setup: &Setup, requests: &Requests) -> Result<(f64, Functions)> {
    let (short, _) = run(setup, requests, SHORT).await?;
    let (long, functions) = run(setup, requests, LONG).await?;
    let instructions = (long as f64 - short as f64) / (LONG - SHORT) as f64;
    Ok((instructions, functions))
}

/// All instructions of a server from its start to its end, with `count` requests over one connection in between.
async fn run(setup: &Setup, requests: &Requests, count: usize) -> Result<(u64, Functions)> {
    let out = server::scratch()?.join(format!("{}.callgrind", setup.name));
    let server = Server::start(&setup.clone().counted(out.clone()))?;
    let mut client = Client::connect(server.address(), 1).await?;
    client.run(requests, 0, count).await?;
    drop(client);
    server.stop()?;
    let text = fs::read_to_string(&out)?;
    fs::remove_file(&out)?;
    Ok((total(&text)?, Functions(text)))
}

/// The functions of a profile.
#[derive(Debug)]
pub(super) struct Functions(String);

impl Functions {
    /// Whether a function with `part` in its name has run.
    pub(super) fn have(&self, part: &str) -> bool {
        // A name stands where its number comes first, with the function or with a call of it.
        let mut names = self
            .0
            .lines()
            .filter_map(|line| line.strip_prefix("fn=").or(line.strip_prefix("cfn=")));
        names.any(|name| name.contains(part))
    }
}

/// The sum that callgrind writes at the end of its file: `totals: 123`.
pub(super) fn total(text: &str) -> Result<u64> {
    let totals = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:"))
        .ok_or("callgrind wrote no total")?;
    Ok(totals.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_names_of_a_profile() {
        let text =
            "fn=(1) main\n1 5\ncfn=(2) shop::Cart::add\n1 1 1\nfl=(3) hooked.rs\ntotals: 17\n";
        assert_eq!(total(text).unwrap(), 17);
        assert!(total("fn=(1) main\n").is_err());
        let functions = Functions(text.to_owned());
        assert!(functions.have("main") && functions.have("Cart::add"));
        assert!(!functions.have("hooked"), "a file is no function");
    }
}
