//! The heap that a million flights take in the memory store: `heap FLIGHTS.csv [ROWS]`.
#![allow(
    clippy::print_stdout,
    reason = "the figures are for whoever started it"
)]

use std::alloc::System;
use std::error::Error;
use std::fs::File;
use std::sync::Arc;

use cap::Cap;
use flights::models::Flight;
use flights::tables;
use larder::{Id, MemoryStore};

/// Counts what is asked for, and forbids nothing.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const BATCH: usize = 500;
/// What the figure allows.
const OF_JSON: f64 = 1.3;
const OF_ENTRY: usize = 80;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let csv = arguments.next().ok_or("heap FLIGHTS.csv [ROWS]")?;
    let rows: usize = arguments
        .next()
        .map_or(Ok(1_000_000), |rows| rows.parse())?;
    let table: Vec<Flight> = tables::read(File::open(csv)?).collect::<larder::Result<_>>()?;
    let app = flights::app(Arc::new(MemoryStore::new())).await?;
    let session = app.as_system("heap");
    let model = app
        .models()
        .find(|model| model.name() == "Flight")
        .ok_or("no model Flight")?;
    let indexes = 1 + model.layout().indexes.len();

    let before = HEAP.allocated();
    let mut json = 0;
    let mut all = table.iter().cycle().take(rows);
    loop {
        let batch: Vec<Flight> = all
            .by_ref()
            .take(BATCH)
            .map(|flight| Flight {
                id: Id::new(),
                ..flight.clone()
            })
            .collect();
        if batch.is_empty() {
            break;
        }
        for flight in &batch {
            json += serde_json::to_vec(flight)?.len();
        }
        session.create_many(&batch).await?;
    }
    let heap = HEAP.allocated() - before;

    let entries = rows * indexes;
    let allowed = OF_JSON * json as f64 + (OF_ENTRY * entries) as f64;
    println!("flights                          {rows:>13}");
    println!(
        "JSON text                        {json:>13} bytes, {} a flight",
        json / rows
    );
    println!(
        "index entries                    {entries:>13}, the primary index and {} more",
        indexes - 1
    );
    println!(
        "live heap                        {heap:>13} bytes, {} a flight",
        heap / rows
    );
    println!("allowed: 1.3 x JSON + 80 x entry {allowed:>13.0} bytes");
    println!(
        "heap / allowed                   {:>13.3}",
        heap as f64 / allowed
    );
    println!(
        "heap / JSON                      {:>13.3}",
        heap as f64 / json as f64
    );
    Ok(())
}
