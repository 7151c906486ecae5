//! The service as one writes it by hand on axum with typed structs, without a framework: what larder is measured against.

mod condition;
mod memory;
mod model;
mod mongodb;
mod page;
mod postgres;
mod problem;
mod routes;
mod sqlite;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

use self::condition::Condition;
use self::memory::Memory;
use self::model::{Put, Stored};
use self::mongodb::Mongodb;
use self::page::{Page, Window};
use self::postgres::Postgres;
use self::problem::Problem;
use self::sqlite::Sqlite;
use crate::orders;

/// Where the orders are kept.
#[derive(Clone, Debug)]
enum Store {
    Memory(Memory),
    Sqlite(Sqlite),
    Mongodb(Mongodb),
    Postgres(Postgres),
}

impl Store {
    /// Opens what `STORE` names: `memory`, `sqlite:PATH`, `postgres://..` or `mongodb://..`.
    async fn open(name: &str, group_commit: bool) -> Result<Self, Box<dyn Error>> {
        if name.starts_with("postgres:") {
            return Ok(Self::Postgres(Postgres::open(name).await?));
        }
        if name.starts_with("mongodb:") {
            return Ok(Self::Mongodb(Mongodb::open(name).await?));
        }
        match name.strip_prefix("sqlite:") {
            Some(path) => Ok(Self::Sqlite(Sqlite::open(path, group_commit).await?)),
            None if name == "memory" => Ok(Self::Memory(Memory::default())),
            None => Err(format!(
                "STORE is `memory`, `sqlite:PATH`, `postgres://..` or `mongodb://..`, not `{name}`"
            )
            .into()),
        }
    }

    async fn load(&self, rows: u64) -> Result<(), Problem> {
        let rows = orders::all(rows).map(Stored::preloaded);
        match self {
            Self::Memory(store) => {
                store.load(rows);
                Ok(())
            }
            Self::Sqlite(store) => store.load(rows).await,
            Self::Mongodb(store) => store.load(rows).await,
            Self::Postgres(store) => store.load(rows).await,
        }
    }

    async fn get(&self, id: &str) -> Result<Option<Found>, Problem> {
        match self {
            Self::Memory(store) => Ok(store.get(id).map(Found::Shared)),
            Self::Sqlite(store) => Ok(store.get(id).await?.map(Found::Owned)),
            Self::Mongodb(store) => Ok(store.get(id).await?.map(Found::Owned)),
            Self::Postgres(store) => Ok(store.get(id).await?.map(Found::Owned)),
        }
    }

    async fn list(&self, customer: &str, window: Window) -> Result<Page<Found>, Problem> {
        match self {
            Self::Memory(store) => Ok(store.list(customer, window).map(Found::Shared)),
            Self::Sqlite(store) => Ok(store.list(customer, window).await?.map(Found::Owned)),
            Self::Mongodb(store) => Ok(store.list(customer, window).await?.map(Found::Owned)),
            Self::Postgres(store) => Ok(store.list(customer, window).await?.map(Found::Owned)),
        }
    }

    async fn insert(&self, order: Stored) -> Result<Found, Problem> {
        match self {
            Self::Memory(store) => Ok(Found::Shared(store.insert(order))),
            Self::Sqlite(store) => Ok(Found::Owned(store.insert(order).await?)),
            Self::Mongodb(store) => Ok(Found::Owned(store.insert(order).await?)),
            Self::Postgres(store) => Ok(Found::Owned(store.insert(order).await?)),
        }
    }

    /// Creates or replaces `order` if `condition` holds of what is there; `None` if it does not.
    async fn put(
        &self,
        order: Stored,
        condition: Condition,
    ) -> Result<Option<Put<Found>>, Problem> {
        match self {
            Self::Memory(store) => Ok(store
                .put(order, &condition)
                .map(|put| put.map(Found::Shared))),
            Self::Sqlite(store) => Ok(store
                .put(order, condition)
                .await?
                .map(|put| put.map(Found::Owned))),
            Self::Mongodb(store) => Ok(store
                .put(order, condition)
                .await?
                .map(|put| put.map(Found::Owned))),
            Self::Postgres(store) => Ok(store
                .put(order, condition)
                .await?
                .map(|put| put.map(Found::Owned))),
        }
    }
}

/// An order that the memory store shares, or that was read from a row.
#[derive(Debug)]
enum Found {
    Shared(std::sync::Arc<Stored>),
    Owned(Stored),
}

impl std::ops::Deref for Found {
    type Target = Stored;

    fn deref(&self) -> &Stored {
        match self {
            Self::Shared(order) => order,
            Self::Owned(order) => order,
        }
    }
}

/// Reads the variables, loads the rows, prints `listening on ADDRESS` and serves until SIGTERM.
///
/// # Errors
/// A variable that makes no sense, a database that does not open, an address that is taken.
pub fn run() -> Result<(), Box<dyn Error>> {
    let workers = number("WORKERS", 2)?.max(1);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(usize::try_from(workers)?)
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve());
    // A connection that a client keeps open must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let store = env::var("STORE").unwrap_or_else(|_| "memory".to_owned());
    let store = Store::open(&store, number("GROUP_COMMIT", 0)? != 0).await?;
    store
        .load(number("ROWS", 0)?)
        .await
        .map_err(|problem| format!("{problem:?}"))?;

    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(&address).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {}", listener.local_addr()?)?;
    stdout.flush()?;

    let mut terminated = signal(SignalKind::terminate())?;
    // An answer is one write, so there is nothing to gain from waiting for more. A socket that refuses the option still works.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes::router(store.clone()))
        .with_graceful_shutdown(async move {
            terminated.recv().await;
        })
        .await?;
    match store {
        Store::Memory(_) => {}
        Store::Sqlite(store) => store.close().await,
        Store::Mongodb(store) => store.close().await?,
        Store::Postgres(store) => store.close().await,
    }
    Ok(())
}

fn number(name: &str, default: u64) -> Result<u64, Box<dyn Error>> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name} is a number, not `{text}`").into()),
        Err(_) => Ok(default),
    }
}
