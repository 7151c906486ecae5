//! MariaDB.

use std::fs;
use std::process::Command;

use crate::Result;
use crate::certificate::Certificate;
use crate::folder::{Owner, is_root};
use crate::install::{answers, apt, find, need, succeed};
use crate::member::Member;
use crate::process::Process;

/// Where Debian has the server, which the `PATH` of a plain user may lack.
const PROGRAMS: &[&str] = &["/usr/sbin", "/usr/bin"];
const PACKAGE: &str = "mariadb-server";

/// Run at each start. The user may make databases, so that each test has its own.
const BEGIN: &str = "CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS 'test'@'127.0.0.1' IDENTIFIED BY 'test';
GRANT ALL ON *.* TO 'test'@'127.0.0.1';
";

pub(crate) fn install() -> Result<()> {
    let programs = ["mariadbd", "mariadb", "mariadb-install-db"];
    if programs.iter().any(|name| find(name, PROGRAMS).is_none()) {
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
    let client = need("mariadb", PROGRAMS, PACKAGE)?;
    let ask = || {
        let mut mariadb = Command::new(&client);
        mariadb.args(["--no-defaults", "--protocol=tcp", "--connect-timeout=5"]);
        mariadb.args(["--host=127.0.0.1", "--user=test", "--batch"]);
        mariadb.args([&format!("--port={port}"), "--execute=SELECT 1", "test"]);
        if certificate.is_some() {
            mariadb.arg("--ssl");
        }
        mariadb.env("MYSQL_PWD", "test");
        answers(&mut mariadb)
    };
    member.await_answer(process, ask)
}

fn launch(member: &Member, durable: bool, certificate: Option<&Certificate>) -> Result<Process> {
    let owner = Owner::of("mysql")?;
    let port = member.settle()?;
    member.initialise(owner, |data| {
        let mut make = Command::new(need("mariadb-install-db", PROGRAMS, PACKAGE)?);
        make.args(["--no-defaults", "--skip-test-db"]);
        make.arg("--auth-root-authentication-method=normal");
        if is_root() {
            make.arg("--user=mysql");
        }
        make.arg(format!("--datadir={}", data.display()));
        succeed(&mut make)
    })?;
    let begin = member.folder().join("begin.sql");
    fs::write(&begin, BEGIN)?;
    let mut server = Command::new(need("mariadbd", PROGRAMS, PACKAGE)?);
    server.arg("--no-defaults");
    server.arg(format!("--datadir={}", member.data().display()));
    server.arg(format!("--init-file={}", begin.display()));
    server.args([
        &format!("--port={port}"),
        "--bind-address=127.0.0.1",
        // Both lie among the data; a whole path could be too long for a socket.
        "--socket=mariadb.sock",
        "--pid-file=mariadb.pid",
        "--skip-log-bin",
        "--skip-name-resolve",
        "--performance-schema=OFF",
        "--max-connections=300",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=32M",
        &format!("--innodb-flush-log-at-trx-commit={}", u8::from(durable)),
    ]);
    if let Some(certificate) = certificate {
        let given = certificate.give(member, owner)?;
        server.arg("--require-secure-transport=ON");
        server.arg(format!("--ssl-cert={}", given.chain().display()));
        server.arg(format!("--ssl-key={}", given.key().display()));
    }
    member.start(server, owner)
}

pub(crate) fn url(member: &Member) -> Option<String> {
    Some(format!(
        "mysql://test:test@127.0.0.1:{}/test",
        member.port()?
    ))
}
