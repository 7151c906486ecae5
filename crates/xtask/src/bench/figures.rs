//! The figures beside requests per CPU-second: each is asked for by its own flag.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};

use clap::Args;

use super::server::scratch;
use super::{Options, compile, hooks, lists, loading, pages, query, scale};
use crate::{Result, data, paths};

#[derive(Debug, Args)]
pub(super) struct Figures {
    /// Load all flights into SQLite, beside hand-written inserts.
    #[arg(long)]
    load: bool,
    /// The heap of a million flights in the memory store.
    #[arg(long)]
    heap: bool,
    /// GET by id with a million rows beside a thousand.
    #[arg(long)]
    scale: bool,
    /// Start an app of 100 models; the memory of the idle quickstart.
    #[arg(long)]
    startup: bool,
    /// The first page of a million rows beside the 10,000th, by cursor; on all stores whose server can be reached, or on one.
    #[arg(long, value_name = "STORE", num_args = 0..=1, default_missing_value = "all", value_parser = pages::STORES)]
    pages: Option<String>,
    /// A list by ten conditions beside a handler that has the query ready: instructions, under callgrind.
    #[arg(long)]
    terms: bool,
    /// Instructions of a request with hooks and without any (needs valgrind).
    #[arg(long)]
    hooks: bool,
    /// What larder costs the compiler. It goes alone, as it needs none of the programs that the others run.
    #[arg(long, exclusive = true)]
    pub(super) compile: bool,
    /// Parse and run queries beside npm's `rql` (needs node and npm). It goes alone, too.
    #[arg(long, exclusive = true)]
    pub(super) query: bool,
}

/// Takes the figures that were asked for; `None` if none was.
pub(super) async fn run(options: &Options) -> Result<Option<ExitCode>> {
    let figures = &options.figures;
    if figures.load {
        loading::run(options.rounds)?;
    }
    if figures.heap {
        paths::succeed(
            Command::new(paths::target()?.join("release/heap")).arg(data::fetch()?.flights),
        )?;
    }
    if figures.scale {
        scale::run(options).await?;
    }
    if figures.hooks {
        hooks::run(options).await?;
    }
    if figures.startup {
        startup()?;
    }
    if let Some(store) = &figures.pages {
        pages::run(store)?;
    }
    if figures.terms {
        lists::terms()?;
    }
    if figures.compile {
        compile::run()?;
    }
    if figures.query {
        query::run(options.rounds)?;
    }
    let any = figures.load
        || figures.heap
        || figures.scale
        || figures.hooks
        || figures.startup
        || figures.pages.is_some()
        || figures.terms
        || figures.compile
        || figures.query;
    Ok(any.then_some(ExitCode::SUCCESS))
}

fn startup() -> Result<()> {
    for _ in 0..5 {
        paths::succeed(&mut Command::new(paths::target()?.join("release/startup")))?;
    }
    paths::succeed(paths::cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "quickstart",
    ]))?;
    let file = format!("sqlite:{}", scratch()?.join("idle.db").display());
    for (name, store) in [("SQLite", file.as_str()), ("memory", "memory:")] {
        println!(
            "quickstart idle, {name}: {} kB of anonymous memory",
            idle(store)?
        );
    }
    Ok(())
}

/// The anonymous memory of the quickstart when it has begun to listen.
fn idle(store: &str) -> Result<String> {
    let mut child = Command::new(paths::target()?.join("release/quickstart"))
        .env("DATABASE_URL", store)
        .env("LISTEN", "127.0.0.1:0")
        .env("LARDER_MODE", "development")
        .stdout(Stdio::piped())
        .spawn()?;
    let memory = anonymous(&mut child);
    child.kill()?;
    child.wait()?;
    memory
}

fn anonymous(child: &mut Child) -> Result<String> {
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    if !lines
        .map_while(std::result::Result::ok)
        .any(|line| line.starts_with("listening on "))
    {
        return Err("the quickstart ended before it was listening".into());
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .ok_or("no RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").to_owned())
}
