//! A server in a process of its own, and a client that talks to it over a socket.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A server that is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts a server on a free port and waits until it listens.
    pub fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .env("LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let line = lines
                .next()
                .ok_or_else(|| Error::other("the server ended before it listened"))??;
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.to_owned();
            }
        };
        Ok(Self { child, address })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks it to stop, by SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status()?;
        match told.success() {
            true => Ok(()),
            false => Err(Error::other("there is no such process")),
        }
    }

    /// How it ends.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait()
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A connection that is kept open.
#[derive(Debug)]
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> Result<Self> {
        Ok(Self(BufReader::new(TcpStream::connect(address)?)))
    }

    /// Sends a request with a JSON body; gives the status once the whole answer is here, its headers and its body.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(u16, String, String)> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or(ErrorKind::InvalidData)?;
        let length = head
            .split_once("content-length: ")
            .and_then(|(_, rest)| rest.lines().next()?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        Ok((status, head, String::from_utf8_lossy(&body).into_owned()))
    }
}
