//! `kill -9` during a stream of writes: what was acknowledged is there after a restart.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use larder_tests::{Connection, Process};
use tempfile::TempDir;

fn start(folder: &TempDir) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
    command.env(
        "DATABASE_URL",
        format!("sqlite:{}", folder.path().join("test.db").display()),
    );
    Process::start(command).unwrap()
}

/// Writes until the connection breaks; gives what was acknowledged.
fn write(address: &str, prefix: &str, acknowledged: &AtomicUsize) -> Vec<String> {
    let mut done = Vec::new();
    let Ok(mut connection) = Connection::open(address) else {
        return done;
    };
    for at in 0.. {
        let path = format!(
            "/{}/{prefix}-{at}",
            if at % 3 == 0 { "hooked" } else { "plain" }
        );
        match connection.ask("PUT", &path, r#"{"text":"x"}"#) {
            Ok((201, ..)) => done.push(path),
            Ok((status, _, body)) => panic!("{status} {body}"),
            Err(_) => break,
        }
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    done
}

#[test]
fn nothing_acknowledged_is_lost() {
    let rounds = larder_tests::rounds(5, 20);
    let folder = TempDir::new().unwrap();
    let mut kept: Vec<String> = Vec::new();
    for round in 0..rounds {
        let mut server = start(&folder);
        let address = server.address().to_owned();
        let acknowledged = AtomicUsize::new(0);
        kept.extend(thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (address, acknowledged) = (&address, &acknowledged);
                    scope.spawn(move || write(address, &format!("{round}-{writer}"), acknowledged))
                })
                .collect();
            // Somewhere in the stream, elsewhere each time.
            while acknowledged.load(Ordering::SeqCst) < 40 + 37 * round {
                thread::park_timeout(Duration::from_millis(1));
            }
            server.kill().unwrap();
            writers
                .into_iter()
                .flat_map(|writer| writer.join().unwrap())
                .collect::<Vec<_>>()
        }));
        let server = start(&folder);
        let mut connection = Connection::open(server.address()).unwrap();
        for path in &kept {
            let (status, ..) = connection.ask("GET", path, "").unwrap();
            assert_eq!(
                status, 200,
                "{path} was acknowledged and is gone, round {round}"
            );
            if let Some(id) = path.strip_prefix("/hooked/") {
                let (status, ..) = connection
                    .ask("GET", &format!("/plain/copy-{id}"), "")
                    .unwrap();
                assert_eq!(status, 200, "half of {path} is gone");
            }
        }
    }
    assert!(kept.len() >= 40 * rounds);
    let kept = kept.len();
    larder_tests::note(&format!("{rounds} kills, {kept} acknowledged, none lost"));
}
