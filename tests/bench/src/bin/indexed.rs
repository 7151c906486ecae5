//! Queries over rows in the memory store, found by an index: one side of `cargo xtask bench --query`.
//!
//! `indexed WORK.json` reads `{"indexed":[..],"rows":[..]}` and prints, for each query, how often a CPU-second reads its text and runs it.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;

use larder::prelude::*;
use larder::{Call, ListQuery, MemoryStore, Reply, Row, Surface, Want};
use larder_bench::cpu;

/// CPU-seconds that one measurement takes.
const SLICE: f64 = 0.4;

/// A thing of the shop that the rows are of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/items", rules(read = "true", write = "true"))]
#[model(search(name = eq, category = eq, price = ge), sort(name, price))]
struct Item {
    #[model(id)]
    id: u64,
    name: String,
    category: String,
    price: f64,
    stock: i64,
    rating: i64,
}

#[derive(Deserialize)]
struct Work {
    indexed: Vec<String>,
    rows: Vec<Item>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("the file with the work is missing")?;
    let work: Work = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let app = App::builder()
        .models(models![Item])
        .store("main", MemoryStore::new())
        .build()
        .await?;
    let session = app.as_system("indexed");
    for batch in work.rows.chunks(500) {
        session.create_many(batch).await?;
    }
    let model = app.position("Item").ok_or("there are no items")?;
    let (mut run, mut found) = (Vec::new(), Vec::new());
    for text in &work.indexed {
        let rows = ask(&app, model, text).await?;
        let ids = rows
            .iter()
            .filter_map(|row| row.get(0).as_u64())
            .collect::<Vec<_>>();
        found.push(ids);
        let mut batch = 100_u32;
        run.push(loop {
            let before = cpu::seconds()?;
            for _ in 0..batch {
                ask(&app, model, text).await?;
            }
            let used = cpu::seconds()? - before;
            if used >= SLICE {
                break f64::from(batch) / used;
            }
            batch *= 2;
        });
    }
    println!(r#"{{"run":{run:?},"found":{found:?}}}"#);
    Ok(())
}

/// What the REST door does of a list, without HTTP: the text to a query, the query to rows.
async fn ask(app: &App, model: usize, text: &str) -> larder::Result<Vec<Row>> {
    let query = ListQuery {
        total: false,
        next: false,
        ..larder::parse_list(app, model, text)?
    };
    let call = Call::new(
        model,
        Want::List(Box::new(query)),
        Actor::anonymous(),
        Surface::Rest,
    );
    match app.call(&call).await? {
        Reply::Page { rows, .. } => Ok(rows),
        _ => Err(larder::Error::internal(
            "a list was answered with something else",
        )),
    }
}
