//! The larder service beside the same service written by hand: equal answers first, then what an answer costs.

mod callgrind;
mod check;
mod compile;
mod cpu;
mod databases;
mod figures;
mod hooks;
mod lists;
mod load;
mod loading;
mod mask;
mod pages;
mod query;
mod report;
mod requests;
mod scale;
mod server;

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use tokio::runtime;

use self::load::Client;
use self::report::Cell;
use self::requests::Requests;
use self::server::{Server, Setup};
use crate::{Result, paths};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    figures: figures::Figures,
    /// Only this store. PostgreSQL is left out unless it is asked for: TEST_POSTGRES_URL names a server where databases may be made.
    #[arg(long)]
    store: Option<Store>,
    /// Only this operation.
    #[arg(long)]
    op: Option<Op>,
    /// Rounds of each measurement; up to 30 are taken until the control is within 0.05 of 1.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Rows in each server.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// CPU-seconds that a round shall keep a server busy.
    #[arg(long, default_value_t = 0.4)]
    seconds: f64,
    /// Only compare the answers.
    #[arg(long)]
    only_check: bool,
    /// Let the servers written by hand commit writes in groups.
    #[arg(long)]
    grouped: bool,
    /// Count instructions under callgrind instead of taking the time.
    #[arg(long)]
    instructions: bool,
    /// Take the servers as they were built last.
    #[arg(long)]
    no_build: bool,
    /// The program that stands in for larder's server.
    #[arg(long, hide = true, default_value = "served")]
    stand_in: String,
}

impl Options {
    /// The stores to measure: the one that was asked for, or all whose server can be reached.
    fn stores(&self) -> impl Iterator<Item = Store> + use<> {
        let only = self.store;
        let all = Store::value_variants().iter().copied();
        all.filter(move |store| match only {
            Some(only) => only == *store,
            None => match store {
                Store::Memory | Store::Sqlite => true,
                Store::Postgres => databases::POSTGRES.server().is_ok(),
                Store::Mongodb => server::mongodb().is_ok(),
            },
        })
    }

    /// The operations to measure: the one that was asked for, or all.
    fn ops(&self) -> impl Iterator<Item = Op> + use<> {
        let only = self.op;
        let all = Op::value_variants().iter().copied();
        all.filter(move |op| only.is_none_or(|only| only == *op))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Store {
    Memory,
    Sqlite,
    Postgres,
    /// A database of its own on the server that `TEST_MONGODB_URL` names; without it, left out of a run of all stores.
    Mongodb,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Op {
    Get,
    List20,
    Post,
    Put,
}

/// Connections that send at the same time.
const CONNECTIONS: usize = 16;
const MOST_ROUNDS: usize = 30;
/// Rounds after which the servers are started anew: where a process happens to lie in memory makes it faster or slower for good.
const GENERATION: usize = 3;
/// Turns of each server in a round.
const SLICES: usize = 16;
/// How far the second copy of the hand-written server may be from the first.
const NOISE: f64 = 0.05;
/// All orders of three servers, taken in turn, so that none is always measured after the same one.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 2, 1],
    [2, 1, 0],
    [1, 0, 2],
];

/// Builds the servers, compares their answers, and measures unless told not to.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let alone = options.figures.compile || options.figures.query;
    if !alone && !options.no_build {
        paths::succeed(paths::cargo().args([
            "build",
            "--release",
            "--package",
            "larder-bench",
            "--bins",
        ]))?;
    }
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        match figures::run(options).await? {
            Some(done) => Ok(done),
            None => compare(options).await,
        }
    });
    server::clean()?;
    done
}

async fn compare(options: &Options) -> Result<ExitCode> {
    let mut differences = 0;
    for store in options.stores() {
        differences += check::run(options, store).await?;
    }
    if differences > 0 {
        println!("{differences} differences: the servers do not answer the same");
        return Ok(ExitCode::FAILURE);
    }
    println!("all servers answer the same");
    if options.only_check {
        return Ok(ExitCode::SUCCESS);
    }
    if options.instructions {
        report::instructions_head();
    } else {
        report::head();
    }
    for store in options.stores() {
        for op in options.ops() {
            if options.instructions {
                callgrind::measure(options, store, op).await?.print();
            } else {
                measure(options, store, op).await?.print();
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One cell: a store and an operation, in rounds over three fresh servers at a time.
async fn measure(options: &Options, store: Store, op: Op) -> Result<Cell> {
    let requests = Requests::new(op, options.rows);
    let mut cell = Cell::new(store, op);
    while cell.rounds() < options.rounds || (!cell.is_quiet(NOISE) && cell.rounds() < MOST_ROUNDS) {
        let mut trio = Vec::new();
        for setup in Setup::trio(options, store, options.rows) {
            let server = Server::start(&setup)?;
            let client = Client::connect(server.address(), CONNECTIONS).await?;
            trio.push((server, client));
        }
        let count = warm_up(&mut trio, &requests, options.seconds).await?;
        for _ in 0..GENERATION.min(options.rounds) {
            let costs = round(&mut trio, &requests, cell.rounds(), count).await?;
            cell.add(costs.map(|cost| count as f64 / cost), count);
        }
        for (server, _) in trio {
            server.stop()?;
        }
    }
    Ok(cell)
}

/// The CPU-seconds that `count` requests cost each server. They take turns in short slices, so that what else happens on the machine
/// hits all of them.
async fn round(
    trio: &mut [(Server, Client)],
    requests: &Requests,
    round: usize,
    count: usize,
) -> Result<[f64; 3]> {
    let mut costs = [0.0; 3];
    for slice in 0..SLICES {
        let first = (round * SLICES + slice) * 7_919;
        for at in ORDERS[(round + slice) % ORDERS.len()] {
            let (server, client) = &mut trio[at];
            costs[at] += cost(server, client, requests, first, count / SLICES).await?;
        }
    }
    Ok(costs)
}

/// Warms every server up, and returns how many requests keep the fastest one busy for `seconds`.
async fn warm_up(
    trio: &mut [(Server, Client)],
    requests: &Requests,
    seconds: f64,
) -> Result<usize> {
    const TRIAL: usize = 2_000;
    let mut cheapest = f64::MAX;
    for (server, client) in trio {
        cost(server, client, requests, 0, TRIAL).await?;
        cheapest = cheapest.min(cost(server, client, requests, 0, TRIAL).await?);
    }
    let count = (seconds * TRIAL as f64 / cheapest) as usize;
    Ok(count
        .clamp(1_000, 200_000)
        .next_multiple_of(SLICES * CONNECTIONS))
}

/// The CPU-seconds that `count` requests cost the server.
async fn cost(
    server: &Server,
    client: &mut Client,
    requests: &Requests,
    first: usize,
    count: usize,
) -> Result<f64> {
    let before = cpu::seconds(server.pid())?;
    client.run(requests, first, count).await?;
    Ok(cpu::seconds(server.pid())? - before)
}
