//! Serving a router: an address from the environment, and a clean stop.

use std::future::{Future, IntoFuture as _};
use std::time::Duration;

use larder_core::{Error, Result};
use tokio::net::TcpListener;

/// Where a router is served if `LISTEN` does not say: on loopback, where nobody else can reach it.
const DEFAULT: &str = "127.0.0.1:3000";

/// How long answers that have begun may take after the signal to stop. Some have no end, such as streams of events.
const GRACE: Duration = Duration::from_secs(10);

/// Serves a router at the address in `LISTEN` (default `127.0.0.1:3000`; port 0 takes a free one) until SIGTERM or Ctrl-C, then
/// answers what has begun, for ten seconds at the most, and returns. `axum::serve` works as well.
///
/// # Errors
/// `Setup` if the address can't be listened on: it says which, why, and what to do.
///
/// ```no_run
/// # use larder::prelude::*;
/// # async fn run(app: App) -> larder::Result<()> {
/// larder::serve(app.rest()).await?;
/// app.close().await; // a SQLite file then stands alone
/// # Ok(())
/// # }
/// ```
pub async fn serve(router: axum::Router) -> Result<()> {
    let address = std::env::var("LISTEN").unwrap_or_else(|_| DEFAULT.to_owned());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| refused(&address, &error))?;
    let local = listener.local_addr().map_err(Error::internal)?;
    tracing::info!(target: "larder::serve", %local, "listening");
    say(&format!("listening on http://{local}"));
    serve_until(listener, router, stopped(), GRACE).await
}

/// Serves until it is told to stop, and then for as long as what has begun takes, but no longer than the grace.
async fn serve_until(
    listener: TcpListener,
    router: axum::Router,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> Result<()> {
    let (stopping, told) = tokio::sync::oneshot::channel::<()>();
    let stop = async move {
        stop.await;
        drop(stopping);
    };
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .into_future();
    let late = async {
        // The other end is only ever dropped.
        let _ = told.await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = served => served.map_err(Error::internal),
        () = late => {
            tracing::warn!(target: "larder::serve", ?grace, "stopped before every answer was at its end");
            Ok(())
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "a person who starts a server wants to see where it is"
)]
fn say(line: &str) {
    println!("{line}");
}

fn refused(address: &str, error: &std::io::Error) -> Error {
    let advice = match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program is listening there: stop it, or set LISTEN to another address such as 127.0.0.1:3001"
        }
        std::io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privileged user: set LISTEN to a higher port"
        }
        _ => "set LISTEN to an address of this machine and a port, such as 127.0.0.1:3000",
    };
    Error::setup(format!("can't listen on {address} ({error}): {advice}"))
}

async fn stopped() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::get;
    use futures_util::stream::{self, StreamExt as _};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// A body that begins and never ends.
    async fn endless() -> Body {
        let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begun"))]);
        Body::from_stream(begun.chain(stream::pending()))
    }

    #[tokio::test]
    async fn an_answer_without_an_end_does_not_keep_it_from_stopping() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(endless));
        let (stop, told) = tokio::sync::oneshot::channel::<()>();
        let told = async move {
            let _ = told.await;
        };
        let served = tokio::spawn(serve_until(listener, router, told, Duration::ZERO));

        let mut client = TcpStream::connect(address).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        while !answer.windows(5).any(|window| window == b"begun") {
            assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0);
        }
        drop(stop);
        served.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_has_begun_is_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, told) = tokio::sync::oneshot::channel::<()>();
        let told = async move {
            let _ = told.await;
        };
        // The request itself gives the signal to stop, and answers a while later.
        let stop = std::sync::Arc::new(std::sync::Mutex::new(Some(stop)));
        let slow = move || {
            drop(stop.lock().unwrap().take());
            async {
                for _ in 0..1_000 {
                    tokio::task::yield_now().await;
                }
                "done"
            }
        };
        let router = Router::new().route("/", get(slow));
        let hour = Duration::from_secs(3600);
        let served = tokio::spawn(serve_until(listener, router, told, hour));

        let mut client = TcpStream::connect(address).await.unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        served.await.unwrap().unwrap();
    }
}
