//! Databases of this run in the PostgreSQL server that TEST_POSTGRES_URL names.

use std::process::Command;

use super::server::scratch;
use crate::{Result, paths};

/// The address of the PostgreSQL server.
pub(super) fn server() -> Result<String> {
    std::env::var("TEST_POSTGRES_URL")
        .map_err(|_| "TEST_POSTGRES_URL is to name a PostgreSQL server".into())
}

/// What the names of this run's databases begin with.
fn prefix() -> String {
    format!("larder_bench_{}_", std::process::id())
}

/// The address of a database of this run.
pub(super) fn url(name: &str) -> Result<String> {
    let server = server()?;
    let (before, parameters) = match server.split_once('?') {
        Some((before, parameters)) => (before, format!("?{parameters}")),
        None => (&*server, String::new()),
    };
    let host = before
        .find("://")
        .map(|at| at + 3)
        .and_then(|at| before[at..].find('/').map(|end| at + end))
        .unwrap_or(before.len());
    Ok(format!(
        "{}/{}{name}{parameters}",
        &before[..host],
        prefix()
    ))
}

/// Makes a database anew, as a copy of another one if one is named.
pub(super) fn create(name: &str, template: Option<&str>) -> Result<()> {
    let mut command = command()?;
    command.args(["create", &format!("{}{name}", prefix())]);
    if let Some(template) = template {
        command.arg(format!("{}{template}", prefix()));
    }
    // For `clean` to know that there is something to clean.
    std::fs::write(scratch()?.join("postgres"), "")?;
    paths::succeed(&mut command)
}

/// Drops all databases of this run.
pub(super) fn clean() -> Result<()> {
    if !scratch()?.join("postgres").exists() {
        return Ok(());
    }
    paths::succeed(command()?.args(["drop", &prefix()]))
}

fn command() -> Result<Command> {
    let mut command = Command::new(paths::target()?.join("release").join("database"));
    command.arg(server()?);
    Ok(command)
}
