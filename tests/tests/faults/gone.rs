//! A table that is dropped while the app runs: clients learn nothing but the id of the line in the log that tells more.

use larder_services::Service;
use larder_tests::{Client, Logs};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};
use tempfile::TempDir;

use crate::place::Place;
use crate::shop::Shop;

/// Words of databases, of their drivers and of their languages.
const INSIDE: [&str; 14] = [
    "select",
    "insert",
    "update ",
    "delete from",
    "lines\"",
    "lines'",
    "`lines`",
    "sql",
    "relation",
    "42p01",
    "1146",
    "no such table",
    "doesn't exist",
    "column",
];

async fn refused_without_a_word(client: &Client, logs: &Logs) {
    let line = json!({"text": "a"});
    for ask in [
        client.get("/lines/a"),
        client.get("/lines"),
        client.get("/lines/_count"),
        client.put("/lines/a", line.clone()),
        client.put("/lines/a", line.clone()).header("if-match", "*"),
        client.post("/lines", json!({"id": "b", "text": "b"})),
        client.patch("/lines/a", line.clone()),
        client.delete("/lines/a"),
        client.put("/orders/a", line.clone()),
    ] {
        let failed = ask.go().await.is(500);
        assert_eq!(failed.header("content-type"), "application/problem+json");
        let text = failed.text().to_lowercase();
        for word in INSIDE {
            assert!(!text.contains(word), "`{word}` in {text}");
        }
        let id = failed.json()["instance"].to_string();
        let id = id
            .trim_matches('"')
            .strip_prefix("urn:uuid:")
            .expect("an id");
        let logs = logs.text();
        let line = logs
            .lines()
            .find(|line| line.contains(id) && line.contains("ERROR"));
        let line = line.unwrap_or_else(|| panic!("{id} is not in the log: {logs}"));
        assert!(line.contains("source"), "no cause: {line}");
    }
}

/// Drops the tables of an app on a server, and asks for them.
async fn on_a_server(service: Service) {
    let logs = Logs::default();
    let _guard = tracing::subscriber::set_default(logs.clone());
    let Some(place) = Place::on(service).await else {
        return;
    };
    let shop = Shop::open(place.url()).await;
    place.drop_table("lines").await;
    refused_without_a_word(&shop.client, &logs).await;
    place.end().await;
}

#[tokio::test]
async fn postgres() {
    on_a_server(Service::Postgres).await;
}

#[tokio::test]
async fn mysql() {
    on_a_server(Service::Mysql).await;
}

#[tokio::test]
async fn sqlite() {
    let logs = Logs::default();
    let _guard = tracing::subscriber::set_default(logs.clone());
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("test.db");
    let shop = Shop::open(&format!("sqlite:{}", file.display())).await;
    let options = SqliteConnectOptions::new().filename(file);
    let mut other = options.connect().await.unwrap();
    other.execute("DROP TABLE lines").await.unwrap();
    refused_without_a_word(&shop.client, &logs).await;
}

/// To MongoDB a collection that is not there is an empty one.
#[tokio::test]
async fn mongodb() {
    let Some(place) = Place::on(Service::Mongodb).await else {
        return;
    };
    let shop = Shop::open(place.url()).await;
    let line = json!({"text": "a"});
    let client = &shop.client;
    client.put("/lines/a", line.clone()).go().await.is(201);
    place.drop_table("lines").await;
    client.get("/lines/a").go().await.is(404);
    assert_eq!(client.get("/lines").go().await.is(200).json(), json!([]));
    client.put("/orders/a", line).go().await.is(201);
    assert!(shop.has_order("a").await);
    place.end().await;
}
