//! GET by id in the memory store: a million rows beside a thousand.

use std::process::ExitCode;

use super::load::Client;
use super::requests::Requests;
use super::server::{Server, Setup};
use super::{GENERATION, MOST_ROUNDS, NOISE, ORDERS, Op, Options, SLICES, Store, cost, report};
use crate::Result;

const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;

/// Takes rounds over larder's server with few rows, with many, and with few once more as the control.
pub(super) async fn run(options: &Options) -> Result<ExitCode> {
    let mut rates: Vec<[f64; 3]> = Vec::new();
    let ratio = |rates: &[[f64; 3]], at: usize| {
        report::median(rates.iter().map(|rates| rates[at] / rates[0]).collect())
    };
    while rates.len() < options.rounds
        || ((ratio(&rates, 2) - 1.0).abs() > NOISE && rates.len() < MOST_ROUNDS)
    {
        let mut trio = Vec::new();
        for rows in [FEW, MANY, FEW] {
            let [_, setup, _] = Setup::trio(options, Store::Memory, rows);
            let server = Server::start(&setup)?;
            let client = Client::connect(server.address(), super::CONNECTIONS).await?;
            trio.push((server, client, Requests::new(Op::Get, rows)));
        }
        let mut cheapest = f64::MAX;
        for (server, client, requests) in &mut trio {
            cost(server, client, requests, 0, 2_000).await?;
            cheapest = cheapest.min(cost(server, client, requests, 0, 2_000).await?);
        }
        let count = (options.seconds * 2_000.0 / cheapest / SLICES as f64) as usize;
        for _ in 0..GENERATION {
            let mut costs = [0.0; 3];
            for slice in 0..SLICES {
                let first = (rates.len() * SLICES + slice) * 7_919;
                for at in ORDERS[(rates.len() + slice) % ORDERS.len()] {
                    let (server, client, requests) = &mut trio[at];
                    costs[at] += cost(server, client, requests, first, count).await?;
                }
            }
            rates.push(costs.map(|cost| (count * SLICES) as f64 / cost));
        }
        for (server, ..) in trio {
            server.stop()?;
        }
    }
    let rate = |at: usize| report::median(rates.iter().map(|rates| rates[at]).collect());
    println!(
        "| GET by id, memory, requests per CPU-second | 1,000 rows | 1,000,000 rows | control | cost, many / few | control | rounds |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    println!(
        "| larder | {:.0} | {:.0} | {:.0} | **{:.3}** | {:.3} | {} |",
        rate(0),
        rate(1),
        rate(2),
        1.0 / ratio(&rates, 1),
        1.0 / ratio(&rates, 2),
        rates.len()
    );
    Ok(ExitCode::SUCCESS)
}
