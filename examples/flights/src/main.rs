//! Serves the flights: `flights`. Loads all of them from CSV files: `flights load DIRECTORY`.
#![allow(
    clippy::print_stdout,
    reason = "what it has to say is for the person at the terminal"
)]

use std::path::Path;
use std::time::Instant;

use flights::load;
use larder::prelude::*;

const DATABASE: &str = concat!("sqlite:", env!("CARGO_MANIFEST_DIR"), "/flights.db");

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let directory = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["load", directory] => Some(Path::new(directory)),
        _ => return Err(Error::setup("usage: flights [load DIRECTORY]")),
    };
    let app = flights::app(store::from_env(DATABASE).await?).await?;
    let done = match directory {
        None => serve(&app).await,
        Some(directory) => load_all(&app, directory).await,
    };
    app.close().await;
    done
}

async fn serve(app: &App) -> Result<()> {
    let loaded = load::sample(app).await?;
    if loaded > 0 {
        println!(
            "The store was empty: loaded the sample of {loaded} records. `cargo xtask data` loads all flights."
        );
    }
    println!("{}", include_str!("../curl.txt"));
    larder::serve(app.rest()).await
}

async fn load_all(app: &App, directory: &Path) -> Result<()> {
    let begun = Instant::now();
    let rows = load::directory(app, directory).await?;
    println!("{rows} rows in {:.1} s", begun.elapsed().as_secs_f64());
    if let Some(seconds) = cpu_seconds() {
        println!(
            "{seconds:.1} CPU-seconds, {:.0} rows per CPU-second, reading the files included",
            rows as f64 / seconds
        );
    }
    Ok(())
}

/// What the threads of this process have used of the CPU, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds: u64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split_ascii_whitespace().next()?.parse::<u64>().ok())
        .sum();
    Some(nanoseconds as f64 / 1e9).filter(|seconds| *seconds > 0.0)
}
