//! SIGTERM: what has begun is answered, nothing new is taken, the exit code is 0, and the SQLite file stands alone.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use larder_tests::{Connection, Process};
use tempfile::TempDir;

const BODY: &str = r#"{"text":"begun"}"#;

fn start(file: &Path) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
    command.env("DATABASE_URL", format!("sqlite:{}", file.display()));
    Process::start(command).unwrap()
}

/// A PUT whose headers the server has read, and for whose body it waits.
fn begin(address: &str, path: &str) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
    let length = BODY.len();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 100 "));
    stream
}

fn read_head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head
}

#[test]
fn what_has_begun_is_answered() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("test.db");
    let beside = || ["test.db-wal", "test.db-shm"].map(|name| folder.path().join(name).exists());
    let mut server = start(&file);
    // Somebody who keeps his connection open does not keep the server.
    let mut idle = Connection::open(server.address()).unwrap();
    let (status, ..) = idle.ask("PUT", "/plain/idle", BODY).unwrap();
    assert_eq!((status, beside()), (201, [true, true]));
    let paths = ["/plain/begun", "/hooked/begun"];
    let begun = paths.map(|path| begin(server.address(), path));
    server.terminate().unwrap();
    while TcpStream::connect(server.address()).is_ok() {
        thread::park_timeout(Duration::from_millis(1));
    }
    for mut stream in begun {
        stream.get_mut().write_all(BODY.as_bytes()).unwrap();
        assert!(read_head(&mut stream).starts_with("HTTP/1.1 201 "));
    }
    assert!(server.wait().unwrap().success());
    assert_eq!(beside(), [false, false]);
    let server = start(&file);
    let mut connection = Connection::open(server.address()).unwrap();
    for path in [
        "/plain/idle",
        "/plain/begun",
        "/hooked/begun",
        "/plain/copy-begun",
    ] {
        let (status, ..) = connection.ask("GET", path, "").unwrap();
        assert_eq!(status, 200, "{path}");
    }
}
