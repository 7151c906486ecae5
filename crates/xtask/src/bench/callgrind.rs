//! Instructions per request: what noise can't touch.

use std::fs;
use std::path::Path;

use super::load::Client;
use super::report::Counted;
use super::requests::Requests;
use super::server::{self, Server, Setup};
use super::{Op, Options, Store};
use crate::Result;

/// Rows in a server whose instructions are counted, unless the command line says fewer.
const ROWS: u64 = 1_000;
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
        let short = total(&setup, &requests, SHORT).await?;
        let long = total(&setup, &requests, LONG).await?;
        *count = (long as f64 - short as f64) / (LONG - SHORT) as f64;
    }
    Ok(Counted {
        store,
        op,
        instructions,
    })
}

/// All instructions of a server from its start to its end, with `count` requests over one connection in between.
async fn total(setup: &Setup, requests: &Requests, count: usize) -> Result<u64> {
    let out = server::scratch()?.join(format!("{}.callgrind", setup.name));
    let server = Server::start(&setup.clone().counted(out.clone()))?;
    let mut client = Client::connect(server.address(), 1).await?;
    client.run(requests, 0, count).await?;
    drop(client);
    server.stop()?;
    let total = read(&out);
    fs::remove_file(&out)?;
    total
}

/// The sum that callgrind writes at the end of its file: `totals: 123`.
pub(super) fn read(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out)?;
    let totals = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:"))
        .ok_or("callgrind wrote no total")?;
    Ok(totals.trim().parse()?)
}
