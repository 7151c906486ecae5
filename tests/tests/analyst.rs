//! Questions that a data analyst has about the flights of 2013, over REST and in Rust, each checked against plain SQL on the same file.
//!
//! On the sample in the usual run, and on all 336,776 flights with `cargo xtask test --long`, which fetches them.

#[path = "analyst/plain.rs"]
mod plain;
#[path = "analyst/questions.rs"]
mod questions;
#[path = "analyst/typed.rs"]
mod typed;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use flights::load;
use flights::models::Flight;
use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_sql::SqliteStore;
use larder_tests::Client;

use plain::Plain;
use questions::QUESTIONS;

/// The flights in a SQLite file, by larder and by plain SQL.
struct Flights {
    app: App,
    plain: Plain,
    _folder: tempfile::TempDir,
}

/// The flights example over a store. What is slow on a busy machine is not wrong, so nothing is given up.
async fn app(store: Arc<dyn Store>) -> App {
    let app = flights::builder(store).query_limit(Duration::from_secs(3_600));
    app.build().await.unwrap()
}

/// The sample that the example carries, or the tables of a directory.
async fn load(app: &App, tables: Option<&Path>) {
    let loaded = match tables {
        None => load::sample(app).await.unwrap(),
        Some(tables) => load::directory(app, tables).await.unwrap(),
    };
    assert!(loaded > 0);
}

impl Flights {
    async fn new(tables: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flights.db");
        let store = SqliteStore::open(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        let app = app(Arc::new(store)).await;
        load(&app, tables).await;
        Self {
            plain: Plain::open(&file).await,
            app,
            _folder: folder,
        }
    }

    /// Puts every question both ways.
    async fn agree(&mut self) {
        let client = Client::new(&self.app);
        for question in QUESTIONS {
            let found = client.get(question.asked).go().await.is(200).json();
            let expected = self.plain.answer(question.sql, question.form).await;
            assert!(
                plain::alike(&found, &expected),
                "{}\n{}\n{found}\nplain SQL says\n{expected}",
                question.title,
                question.asked
            );
            assert!(
                plain::tells(&expected),
                "{} finds nothing: {expected}",
                question.title
            );
        }
        typed::agree(&self.app, &mut self.plain).await;
    }
}

#[tokio::test]
async fn the_sample_answers_as_plain_sql_does() {
    assert_eq!(QUESTIONS.len(), 25);
    Flights::new(None).await.agree().await;
}

/// The memory store gives the same answers, so that none of them is SQLite's own doing.
#[tokio::test]
async fn memory_and_sqlite_answer_alike() {
    let file = Flights::new(None).await;
    let sqlite = Client::new(&file.app);
    let memory = app(Arc::new(MemoryStore::new())).await;
    load(&memory, None).await;
    let memory = Client::new(&memory);
    for question in QUESTIONS {
        let (one, other) = (sqlite.get(question.asked), memory.get(question.asked));
        let (one, other) = (one.go().await.is(200), other.go().await.is(200));
        assert!(
            plain::alike(&one.json(), &other.json()),
            "{}\n{}\n{}",
            question.title,
            one.text(),
            other.text()
        );
        assert_eq!(
            one.header("content-range"),
            other.header("content-range"),
            "{}",
            question.title
        );
    }
}

#[tokio::test]
#[ignore = "reads the flights that `cargo xtask test --long` fetches"]
async fn all_flights_answer_as_plain_sql_does() {
    let tables = std::env::var("LARDER_FLIGHTS").expect(
        "`cargo xtask data --only-fetch` prints where flights.csv is: set LARDER_FLIGHTS to its directory",
    );
    let mut flights = Flights::new(Some(Path::new(&tables))).await;
    let session = flights.app.as_system("test");
    assert_eq!(session.count::<Flight>().await.unwrap(), 336_776);
    flights.agree().await;
}
