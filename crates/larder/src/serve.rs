//! Serving a router: an address from the environment, and a clean stop.

use larder_core::{Error, Result};

/// Where a router is served if `LISTEN` does not say: on loopback, where nobody else can reach it.
const DEFAULT: &str = "127.0.0.1:3000";

/// Serves a router at the address in `LISTEN` (default `127.0.0.1:3000`; port 0 takes a free one) until SIGTERM or Ctrl-C, then
/// answers what has begun and returns. `axum::serve` works as well.
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
    let listener = tokio::net::TcpListener::bind(&address)
        .await
        .map_err(|error| refused(&address, &error))?;
    let local = listener.local_addr().map_err(Error::internal)?;
    tracing::info!(target: "larder::serve", %local, "listening");
    say(&format!("listening on http://{local}"));
    axum::serve(listener, router)
        .with_graceful_shutdown(stopped())
        .await
        .map_err(Error::internal)
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
