//! A client that costs little: ready bytes out, status and length in.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::requests::Requests;
use crate::Result;

/// Connections that stay open from round to round.
#[derive(Debug)]
pub(super) struct Client {
    connections: Vec<Connection>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut client = Self {
            connections: Vec::with_capacity(connections),
        };
        for _ in 0..connections {
            client.connections.push(Connection::open(address).await?);
        }
        Ok(client)
    }

    /// Sends `count` requests, beginning with number `first`, over all connections at once.
    pub(super) async fn run(
        &mut self,
        requests: &Requests,
        first: usize,
        count: usize,
    ) -> Result<()> {
        let lanes = self.connections.len();
        let mut tasks = JoinSet::new();
        for (lane, mut connection) in self.connections.drain(..).enumerate() {
            let requests = requests.clone();
            tasks.spawn(async move {
                for at in (lane..count).step_by(lanes) {
                    connection
                        .exchange(requests.get(first + at), requests.status)
                        .await?;
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(connection)
            });
        }
        while let Some(connection) = tasks.join_next().await {
            self.connections.push(connection??);
        }
        Ok(())
    }
}

/// One keep-alive connection and what was read of it.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
        })
    }

    async fn exchange(&mut self, request: &[u8], status: u16) -> Result<()> {
        let answer = self.send(request).await?;
        let got = status_of(answer)?;
        if got != status {
            return Err(format!(
                "status {got} in place of {status}: {}",
                String::from_utf8_lossy(answer)
            )
            .into());
        }
        Ok(())
    }

    /// Sends a request and returns its whole answer: head, empty line and body.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut size = None;
        while size.is_none_or(|size| self.buffer.len() < size) {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if size.is_none()
                && let Some(head) = end_of_head(&self.buffer)
            {
                size = Some(head + body_length(&self.buffer[..head])?);
            }
        }
        Ok(&self.buffer)
    }
}

/// Where the head ends, behind its empty line.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}

pub(super) fn status_of(answer: &[u8]) -> Result<u16> {
    let digits = answer.get(9..12).ok_or("an answer without a status")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

fn body_length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"content-length:";
    if matches!(status_of(head)?, 204 | 304) {
        return Ok(0);
    }
    for line in head.split(|byte| *byte == b'\n') {
        if line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME) {
            return Ok(std::str::from_utf8(&line[NAME.len()..])?.trim().parse()?);
        }
    }
    Err("an answer without a content-length".into())
}
