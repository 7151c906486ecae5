//! The whole suite.

use std::process::ExitCode;

use clap::Args;

use crate::{Result, data, paths};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The campaigns too: ignored tests, more rounds of those that count them, and real data, which pip fetches.
    #[arg(long)]
    long: bool,
}

/// Runs every test of the workspace and ends as cargo does.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let mut cargo = paths::cargo();
    cargo.args(["test", "--workspace"]);
    if options.long {
        let flights = data::fetch()?.flights;
        let flights = flights.parent().ok_or("the tables lie nowhere")?;
        cargo
            .env("LARDER_LONG", "1")
            .env("LARDER_CITIES", data::cities::fetch()?)
            .env("LARDER_FLIGHTS", flights)
            .args(["--", "--include-ignored"]);
    }
    let status = cargo.status()?;
    // A signal leaves no code.
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}
