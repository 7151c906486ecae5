//! PostgreSQL 15, with prepared transactions.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::Result;
use crate::certificate::Certificate;
use crate::folder::Owner;
use crate::install::{answers, apt, find, need, succeed};
use crate::member::Member;
use crate::process::{Process, at_work_in};

/// Debian keeps the programs of the server off the `PATH`.
const PROGRAMS: &[&str] = &["/usr/lib/postgresql/15/bin"];
const PACKAGE: &str = "postgresql-15";
/// How long what a killed server has begun may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn install() -> Result<()> {
    if find("postgres", PROGRAMS).is_none() || find("psql", PROGRAMS).is_none() {
        apt(&[PACKAGE])?;
    }
    Ok(())
}

/// Starts the server unless it runs, and waits until it is ready.
pub(crate) fn start(
    member: &Member,
    durable: bool,
    certificate: Option<&Certificate>,
) -> Result<()> {
    let process = match member.process() {
        Some(process) => process,
        None => launch(member, durable, certificate)?,
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

fn launch(member: &Member, durable: bool, certificate: Option<&Certificate>) -> Result<Process> {
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
    forget_the_dead(&member.data())?;
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
    if let Some(certificate) = certificate {
        let given = certificate.give(member, owner)?;
        postgres.args(["-c", "ssl=on"]);
        postgres.args(["-c", &format!("ssl_cert_file={}", given.chain().display())]);
        postgres.args(["-c", &format!("ssl_key_file={}", given.key().display())]);
    }
    member.start(postgres, owner)
}

/// Removes the lock of a server that was killed, where its id is still taken: nobody may take note of ends, as in a container whose first
/// program does not, and then PostgreSQL believes that it runs. One whose id is free it finds out about by itself.
fn forget_the_dead(data: &Path) -> Result<()> {
    let lock = data.join("postmaster.pid");
    let text = fs::read_to_string(&lock).unwrap_or_default();
    let id = text.lines().next().and_then(|id| id.trim().parse().ok());
    let Some(server) = id.and_then(Process::of) else {
        return Ok(());
    };
    if server.is_alive() {
        return Ok(());
    }
    // Its children may be in the middle of a statement, which the lock would have kept this start from.
    for child in at_work_in(data) {
        if !child.wait(PATIENCE)? {
            return Err(format!("process {} of a killed server does not end", child.id()).into());
        }
    }
    Ok(fs::remove_file(lock)?)
}

pub(crate) fn url(member: &Member) -> Option<String> {
    Some(format!(
        "postgres://postgres@127.0.0.1:{}/test",
        member.port()?
    ))
}
