//! A way to a server that breaks where a test wants it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// Before the server gets what the client has sent.
    Before,
    /// When the server has answered; its answer is lost.
    Answer,
    /// Not at all: what the client has sent stands still until it is [let go](Proxy::let_go).
    Hold,
}

/// Connections break whose client sends these bytes, so many of them.
#[derive(Debug)]
struct Trap {
    at: &'static str,
    how: Break,
    left: usize,
}

/// Forwards connections to a server.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    traps: Arc<Traps>,
    task: JoinHandle<()>,
}

/// What connections are told by a test.
#[derive(Debug)]
struct Traps {
    next: Mutex<Option<Trap>>,
    /// One turn for each that may go on.
    go: Semaphore,
}

impl Proxy {
    /// Begins to listen on a free port.
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let traps = Arc::new(Traps {
            next: Mutex::default(),
            go: Semaphore::new(0),
        });
        let address = listener.local_addr().expect("its address");
        let all = Arc::clone(&traps);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let traps = Arc::clone(&all);
                tokio::spawn(async move {
                    // A connection that can't be forwarded is closed, as by a server.
                    if let Ok(server) = TcpStream::connect(server).await {
                        carry(client, server, &traps).await;
                    }
                });
            }
        });
        Self {
            address,
            traps,
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets the next connections break that send this.
    pub(crate) fn trap(&self, how: Break, at: &'static str, times: usize) {
        let left = times;
        *self.traps.next.lock().unwrap() = Some(Trap { at, how, left });
    }

    /// Lets so many of those go on that stand still.
    pub(crate) fn let_go(&self, times: usize) {
        self.traps.go.add_permits(times);
    }

    /// How many of them have not broken yet.
    pub(crate) fn left(&self) -> usize {
        let trap = self.traps.next.lock().unwrap();
        trap.as_ref().map_or(0, |trap| trap.left)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries bytes both ways until one side closes, or the connection breaks.
async fn carry(client: TcpStream, server: TcpStream, traps: &Traps) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut loses_answer = false;
    loop {
        tokio::select! {
            read = from_client.read(&mut asked) => {
                let Some(bytes) = read.ok().filter(|read| *read > 0) .and_then(|read| asked.get(..read)) else {
                    return;
                };
                match sprung(traps, bytes) {
                    Some(Break::Before) => return,
                    Some(Break::Answer) => loses_answer = true,
                    Some(Break::Hold) => match traps.go.acquire().await {
                        Ok(turn) => turn.forget(),
                        Err(_) => return,
                    },
                    None => {}
                }
                if to_server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = from_server.read(&mut answered) => {
                let Some(bytes) = read.ok().filter(|read| *read > 0).and_then(|read| answered.get(..read)) else {
                    return;
                };
                if loses_answer || to_client.write_all(bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// How the connection breaks whose client sends this, if it does. What a test looks for is short, and is sent in one piece.
fn sprung(traps: &Traps, bytes: &[u8]) -> Option<Break> {
    let mut trap = traps.next.lock().unwrap();
    let trap = trap.as_mut().filter(|trap| trap.left > 0)?;
    let at = trap.at.as_bytes();
    bytes.windows(at.len()).any(|part| part == at).then(|| {
        trap.left -= 1;
        trap.how
    })
}
