//! PostgreSQL 15, with prepared transactions.

use std::process::Command;

use crate::Result;
use crate::folder::Owner;
use crate::install::{answers, apt, find, need, succeed};
use crate::member::Member;
use crate::process::Process;

/// Debian keeps the programs of the server off the `PATH`.
const PROGRAMS: &[&str] = &["/usr/lib/postgresql/15/bin"];
const PACKAGE: &str = "postgresql-15";

pub(crate) fn install() -> Result<()> {
    if find("postgres", PROGRAMS).is_none() || find("psql", PROGRAMS).is_none() {
        apt(&[PACKAGE])?;
    }
    Ok(())
}

/// Starts the server unless it runs, and waits until it is ready.
pub(crate) fn start(member: &Member, durable: bool) -> Result<()> {
    let process = match member.process() {
        Some(process) => process,
        None => launch(member, durable)?,
    };
    let port = member.port().ok_or("a server without a port")?;
    let client = need("psql", PROGRAMS, PACKAGE)?;
    let psql = |query: &str| {
        let mut psql = Command::new(&client);
        psql.args(["-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        psql.args(["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"]);
        psql.args(["-p", &port.to_string(), "-c", query]);
        psql.env("PGCONNECT_TIMEOUT", "5");
        psql
    };
    member.await_answer(process, || answers(&mut psql("SELECT 1")))?;
    let found = psql("SELECT 1 FROM pg_database WHERE datname = 'test'").output()?;
    if found.stdout.is_empty() {
        succeed(&mut psql("CREATE DATABASE test"))?;
    }
    Ok(())
}

fn launch(member: &Member, durable: bool) -> Result<Process> {
    let owner = Owner::of("postgres")?;
    let port = member.settle()?;
    member.initialise(owner, |data| {
        let mut initdb = Command::new(need("initdb", PROGRAMS, PACKAGE)?);
        initdb.arg("-D").arg(data).current_dir(member.folder());
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8"]);
        initdb.args(["--locale=C.UTF-8", "--no-sync"]);
        if let Some(owner) = owner {
            owner.runs(&mut initdb);
        }
        succeed(&mut initdb)
    })?;
    let mut postgres = Command::new(need("postgres", PROGRAMS, PACKAGE)?);
    postgres.arg("-D").arg(member.data());
    for setting in [
        &format!("port={port}"),
        "listen_addresses=127.0.0.1",
        // The path of a socket would be limited to 107 bytes.
        "unix_socket_directories=",
        "max_prepared_transactions=64",
        "max_connections=300",
        "shared_buffers=64MB",
    ] {
        postgres.args(["-c", setting]);
    }
    if !durable {
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ] {
            postgres.args(["-c", setting]);
        }
    }
    member.start(postgres, owner)
}

pub(crate) fn url(member: &Member) -> Option<String> {
    Some(format!(
        "postgres://postgres@127.0.0.1:{}/test",
        member.port()?
    ))
}
