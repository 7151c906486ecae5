//! What the programs that serve `/orders` with larder share: all but the model. They take the same variables as `hand`.

use std::sync::Arc;

use larder::prelude::*;
use larder::{MemoryStore, ModelSet, Store};

use crate::orders;

/// Serves `models` until SIGTERM; `ROWS` orders are written first, as `M`.
///
/// # Errors
/// What stops it from building, loading or listening.
pub fn serve<M>(models: ModelSet) -> Result<()>
where
    M: larder::Model + From<orders::Order>,
{
    let workers = variable("WORKERS").unwrap_or(2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build();
    runtime.map_err(Error::internal)?.block_on(run::<M>(models))
}

async fn run<M>(models: ModelSet) -> Result<()>
where
    M: larder::Model + From<orders::Order>,
{
    let store: Arc<dyn Store> = match std::env::var("STORE").as_deref() {
        Ok(url) if url.contains(':') => store::open(url).await?,
        _ => Arc::new(MemoryStore::new()),
    };
    let app = App::builder()
        .models(models)
        .store("main", store)
        .build()
        .await?;
    preload::<M>(&app, variable("ROWS").unwrap_or(100_000)).await?;
    let served = larder::serve(app.rest()).await;
    if let Ok(url) = std::env::var("STORE")
        && url.starts_with("mongodb:")
    {
        // Each server of a run has a database of its own.
        let client = mongodb::Client::with_uri_str(&url).await;
        let db = client.map_err(Error::internal)?.default_database();
        if let Some(db) = db {
            db.drop().await.map_err(Error::internal)?;
        }
    }
    served
}

/// Writes `rows` orders, 500 at a time.
///
/// # Errors
/// The store's.
pub async fn preload<M>(app: &App, rows: u64) -> Result<()>
where
    M: larder::Model + From<orders::Order>,
{
    let session = app.as_system("preload");
    let mut batch = Vec::with_capacity(500);
    for number in 0..rows {
        batch.push(M::from(orders::order(number, rows)));
        if batch.len() == 500 || number + 1 == rows {
            session.create_many(&batch).await?;
            batch.clear();
        }
    }
    Ok(())
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
