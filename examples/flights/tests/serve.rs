//! The program as a user runs it: on a free port, with its sample in memory.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Server {
    child: Child,
    address: String,
    said: String,
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Server {
    fn start() -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_flights"))
            .env("DATABASE_URL", "memory:")
            .env("LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?);
        while lines.read_line(&mut said)? > 0 {
            if let Some((_, address)) = said.rsplit_once("listening on http://") {
                return Ok(Self {
                    address: address.trim().to_owned(),
                    child,
                    said,
                });
            }
        }
        Err(format!("it ended: {said}").into())
    }

    fn ask(&self, method: &str, path: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        let address = &self.address;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no head")?;
        let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
        Ok(Answer {
            status,
            head: head.to_lowercase(),
            body: serde_json::from_str(body).unwrap_or_default(),
        })
    }

    fn get(&self, path: &str) -> Result<Value> {
        let answer = self.ask("GET", path)?;
        if answer.status / 100 == 2 {
            Ok(answer.body)
        } else {
            Err(format!("{path}: {}", answer.head).into())
        }
    }

    fn stop(mut self) -> Result<ExitStatus> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn questions() -> Result<()> {
    let server = Server::start()?;
    assert!(server.said.contains("loaded the sample"), "{}", server.said);

    let january = server.ask("GET", "/flights?carrier=UA&origin=EWR&month=1&limit=2")?;
    assert!(
        january.head.contains("content-range: items 0-1/"),
        "{}",
        january.head
    );
    let flights = january.body.as_array().ok_or("no list")?;
    assert_eq!(flights.len(), 2);
    for flight in flights {
        assert_eq!(
            (&flight["carrier"], &flight["origin"], &flight["month"]),
            (&"UA".into(), &"EWR".into(), &1.into())
        );
    }
    let one = server.get(&format!(
        "/flights/{}",
        flights[0]["id"].as_str().ok_or("no id")?
    ))?;
    assert_eq!(one, flights[0]);

    let late = server.get("/flights?arr_delay=60&sortBy=-arr_delay&limit=20")?;
    let delays: Vec<i64> = late
        .as_array()
        .ok_or("no list")?
        .iter()
        .filter_map(|one| one["arr_delay"].as_i64())
        .collect();
    assert!(
        delays.len() == 20 && delays.is_sorted_by(|one, other| one >= other) && delays[19] >= 60,
        "{delays:?}"
    );

    assert_eq!(server.get("/airlines/UA")?["name"], "United Air Lines Inc.");
    assert_eq!(server.get("/airports/JFK")?["dst"], "A");
    assert_eq!(
        server.get("/airports?limit=1000")?.as_array().map(Vec::len),
        Some(50)
    );
    assert_eq!(server.get("/weather/EWR-2013-01-01T06")?["temp"], 39.02);
    let plane = server.get("/planes?manufacturer=BOEING&limit=1")?;
    assert_eq!(plane[0]["manufacturer"], "BOEING");

    assert_eq!(server.ask("GET", "/flights?pilot=ann")?.status, 400);
    assert_eq!(server.ask("GET", "/airlines/XX")?.status, 404);
    assert_eq!(server.ask("DELETE", "/airlines/UA")?.status, 403);
    assert_eq!(server.ask("DELETE", "/airlines/XX")?.status, 404);
    assert_eq!(
        server.get("/airlines/UA")?["carrier"],
        "UA",
        "it is still there"
    );
    let api = server.get("/openapi.json")?;
    assert!(api["paths"].get("/flights").is_some());

    assert!(server.stop()?.success());
    Ok(())
}
