//! The whole suite.

use std::process::{Command, ExitCode};

use clap::Args;
use larder_services::{Service, Services};
use serde_json::Value;

use crate::{Result, data, paths, services};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The campaigns too: ignored tests, more rounds of those that count them, and real data, which pip fetches.
    #[arg(long)]
    long: bool,
    /// Leave out what needs a database server; nothing but cargo is needed then.
    #[arg(long)]
    without_servers: bool,
}

/// Runs every test of the workspace and ends as cargo does. Servers that do not run are started before, and stopped after.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let mut cargo = paths::cargo();
    cargo.args(["test", "--workspace"]);
    if options.long {
        let flights = data::fetch()?.flights;
        let flights = flights.parent().ok_or("the tables lie nowhere")?;
        cargo
            .env("LARDER_LONG", "1")
            .env("LARDER_CITIES", data::cities::fetch()?)
            .env("LARDER_FLIGHTS", flights);
    }
    let servers = if options.without_servers {
        None
    } else {
        Some(servers(&mut cargo)?)
    };
    if options.long {
        cargo.args(["--", "--include-ignored"]);
    }
    let status = cargo.status();
    if let Some((services, started)) = servers {
        services::down(&services, &started)?;
    }
    // A signal leaves no code.
    let code = status?
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// Brings all servers up and tells the tests of them. What has to be stopped afterwards is what did not run before.
fn servers(cargo: &mut Command) -> Result<(Services, Vec<Service>)> {
    let services = services::here()?;
    let down = Service::ALL
        .into_iter()
        .filter(|service| !services.is_up(*service));
    let started: Vec<Service> = down.collect();
    let up = services::up(&services, &Service::ALL);
    if let Err(error) = up {
        services::down(&services, &started)?;
        return Err(
            format!("{error}\n`cargo xtask test --without-servers` does without them").into(),
        );
    }
    for service in Service::ALL {
        let url = services
            .url(service)
            .ok_or_else(|| format!("{service} has no address"))?;
        cargo.env(service.variable(), url);
    }
    // No test may be left out for want of a server.
    cargo.env("LARDER_SERVERS", "required");
    for feature in features()? {
        cargo.args(["--features", &format!("larder-tests/{feature}")]);
    }
    Ok((services, started))
}

/// The features of the tests that are named as a service.
fn features() -> Result<Vec<String>> {
    let out = paths::cargo()
        .args(["metadata", "--no-deps", "--format-version", "1", "--quiet"])
        .output()?;
    let metadata: Value = serde_json::from_slice(&out.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages
        .filter(|package| package["name"] == "larder-tests")
        .filter_map(|package| package["features"].as_object())
        .flat_map(|features| features.keys().cloned());
    let names = Service::ALL.map(|service| service.to_string());
    Ok(found.filter(|name| names.contains(name)).collect())
}
