//! The service with larder, taking the same variables as `hand`.

use jiff::Timestamp;
use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_bench::orders;
use std::sync::Arc;

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", timestamps, page = 50)]
#[model(rules(read = "true", write = "true"), search(customer = eq))]
struct Order {
    #[model(id)]
    id: Id<Order>,
    #[model(index)]
    #[schemars(length(min = 1, max = 40))]
    customer: String,
    #[schemars(length(min = 1, max = 120))]
    title: String,
    #[schemars(range(min = 0))]
    amount: i64,
    price: f64,
    paid: bool,
    note: Option<String>,
    tags: Vec<String>,
    placed: Timestamp,
}

fn main() -> Result<()> {
    let workers = std::env::var("WORKERS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build();
    runtime.map_err(Error::internal)?.block_on(run())
}

async fn run() -> Result<()> {
    let store: Arc<dyn Store> = match std::env::var("STORE").as_deref() {
        Ok(url) if url.starts_with("sqlite:") || url.starts_with("mongodb:") => {
            store::open(url).await?
        }
        _ => Arc::new(MemoryStore::new()),
    };
    let app = App::builder()
        .models(models![Order])
        .store("main", store)
        .build()
        .await?;
    preload(&app).await?;
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

async fn preload(app: &App) -> Result<()> {
    let rows: u64 = std::env::var("ROWS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100_000);
    let session = app.as_system("preload");
    let mut batch = Vec::with_capacity(500);
    for number in 0..rows {
        let order = orders::order(number, rows);
        batch.push(Order {
            id: order.id.into(),
            customer: order.customer,
            title: order.title,
            amount: order.amount,
            price: order.price,
            paid: order.paid,
            note: order.note,
            tags: order.tags,
            placed: order.placed,
        });
        if batch.len() == 500 || number + 1 == rows {
            session.create_many(&batch).await?;
            batch.clear();
        }
    }
    Ok(())
}
