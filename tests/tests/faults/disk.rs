//! SQLite on a disk that runs full, and has room again.

use std::path::Path;
use std::process::Command;

use larder_tests::{Connection, Process, note};
use tempfile::TempDir;

/// A small disk in memory; goes when it is dropped.
struct Disk(TempDir);

impl Disk {
    /// None where this user may not mount.
    fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder");
        let mounted = mount(&format!("size={size}"), folder.path());
        mounted.then(|| Self(folder))
    }

    fn resize(&self, size: &str) {
        assert!(mount(&format!("remount,size={size}"), self.0.path()));
    }
}

fn mount(options: &str, at: &Path) -> bool {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "larder-tests"])
        .arg(at);
    command.output().is_ok_and(|out| out.status.success())
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once if nobody uses it, else when nobody does any more.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

/// `busy.rs` has the same with a limit on the size of files, which needs no right to mount.
#[test]
fn a_full_disk() {
    let Some(disk) = Disk::mount("1m") else {
        note("left out: mounting a disk in memory is not permitted here");
        return;
    };
    let file = disk.0.path().join("test.db");
    let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
    command.env("DATABASE_URL", format!("sqlite:{}", file.display()));
    let server = Process::start(command).expect("a server");
    let mut connection = Connection::open(server.address()).expect("a connection");
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(5000));
    let path = |at: usize| match at % 2 {
        0 => format!("/plain/{at}"),
        _ => format!("/hooked/{at}"),
    };
    let mut put = |path: &str| connection.ask("PUT", path, &body).expect("an answer");
    let mut full = 0;
    loop {
        let (status, head, text) = put(&path(full));
        if status != 201 {
            assert_eq!(status, 503, "{text}");
            assert!(head.contains("retry-after: 1"), "{head}");
            break;
        }
        full += 1;
        assert!(full < 1000, "the disk does not fill");
    }
    assert!(full > 5);
    // All that was acknowledged is there, nothing of what was refused is.
    for at in 0..full + 4 {
        if at > full {
            assert_eq!(put(&path(at)).0, 503, "still full");
        }
    }
    let mut reader = Connection::open(server.address()).expect("a connection");
    let mut get = |path: &str| reader.ask("GET", path, "").expect("an answer").0;
    for at in 0..full + 4 {
        let wanted = if at < full { 200 } else { 404 };
        assert_eq!(get(&path(at)), wanted, "{}", path(at));
        if at % 2 == 1 {
            assert_eq!(
                get(&format!("/plain/copy-{at}")),
                wanted,
                "half of {}",
                path(at)
            );
        }
    }
    // The same process goes on when there is room.
    disk.resize("8m");
    for at in full..full + 20 {
        assert_eq!(put(&path(at)).0, 201, "{}", path(at));
        assert_eq!(get(&path(at)), 200);
    }
    drop(server);
}
