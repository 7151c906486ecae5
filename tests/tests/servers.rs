//! The servers that tests start: up, up again, down, down again, and up after they were killed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use larder_services::{Process, Service, Services};
use tempfile::TempDir;

/// A folder that other users can go through, since servers run as another user where we are root.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn services(folder: &TempDir) -> Services {
    // Where `cargo xtask services` keeps what it has fetched.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    Services::new(folder.path(), &target.join("services/cache")).unwrap()
}

/// The processes that run of a service.
fn running(services: &Services, service: Service) -> Vec<Process> {
    let members = services.members(service);
    members
        .iter()
        .filter_map(|member| member.process())
        .collect()
}

fn up_and_down(service: Service) {
    if larder_tests::server(service.variable()).is_none() {
        return;
    }
    let (folder, other) = (folder(), folder());
    let (mine, theirs) = (services(&folder), services(&other));
    mine.up(service).unwrap();
    let (url, first) = (mine.url(service).unwrap(), running(&mine, service));
    assert!(mine.is_up(service));
    // Another program that names the same folder finds the same servers, and up changes nothing.
    let same = services(&folder);
    same.up(service).unwrap();
    assert_eq!(running(&same, service), first);
    // One beside it has ports and processes of its own, and stays when this one goes.
    theirs.up(service).unwrap();
    assert_ne!(theirs.url(service).unwrap(), url);
    let stays = running(&theirs, service);
    // Killed: the same data on the same ports, in other processes.
    for member in mine.members(service) {
        mine.kill(&member).unwrap();
    }
    assert!(!mine.is_up(service) && running(&mine, service).is_empty());
    mine.up(service).unwrap();
    assert_eq!(mine.url(service).unwrap(), url);
    let second = running(&mine, service);
    assert!(second.len() == first.len() && first.iter().all(|one| !second.contains(one)));
    // A record of a process that has ended, and whose id somebody else has now, is nobody's.
    let mut stranger = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let member = &mine.members(service)[0];
    mine.kill(member).unwrap();
    let record = folder.path().join(member.name()).join("process");
    fs::write(&record, format!("{} 1", stranger.id())).unwrap();
    assert!(member.process().is_none());
    mine.up(service).unwrap();
    assert!(mine.is_up(service));
    for _ in 0..2 {
        mine.down(service).unwrap();
        assert!(!mine.is_up(service) && running(&mine, service).is_empty());
    }
    assert!(
        stranger.try_wait().unwrap().is_none(),
        "a stranger was ended"
    );
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert_eq!(running(&theirs, service), stays);
    theirs.down(service).unwrap();
}

#[test]
fn postgres() {
    up_and_down(Service::Postgres);
}

#[test]
fn mariadb() {
    up_and_down(Service::Mysql);
}

#[test]
fn mongodb() {
    up_and_down(Service::Mongodb);
}

/// Whoever started a server may have been interrupted before it was ready: up makes up for it.
#[test]
fn one_that_was_not_made_ready() {
    if larder_tests::server(Service::Postgres.variable()).is_none() {
        return;
    }
    let folder = folder();
    let services = services(&folder);
    services.up(Service::Postgres).unwrap();
    let url = services.url(Service::Postgres).unwrap();
    let psql = |database: &str, sql: &str| {
        let mut psql = Command::new("psql");
        psql.arg(url.replace("/test", &format!("/{database}")));
        psql.args(["-X", "-w", "-q", "-c", sql]);
        psql.output().unwrap().status.success()
    };
    assert!(psql("postgres", "DROP DATABASE test"));
    services.up(Service::Postgres).unwrap();
    assert!(psql("test", "SELECT 1"), "it has no database");
    services.down(Service::Postgres).unwrap();
}

/// In many containers nobody takes note of the end of a server whose starter has gone, and its id stays taken.
#[test]
fn one_that_was_killed_and_that_nobody_buried() {
    if larder_tests::server(Service::Postgres.variable()).is_none() {
        return;
    }
    let folder = folder();
    let services = services(&folder);
    services.up(Service::Postgres).unwrap();
    let process = services.members(Service::Postgres)[0].process().unwrap();
    // This test is its parent, and waits for it later.
    let kill = Command::new("kill")
        .args(["-9", &process.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    while process.is_alive() {
        std::thread::yield_now();
    }
    services.up(Service::Postgres).unwrap();
    let now = services.members(Service::Postgres)[0].process();
    assert!(now.is_some_and(|now| now != process));
    services.down(Service::Postgres).unwrap();
}
