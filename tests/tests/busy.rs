//! A locked and a full database: 503 with `Retry-After`, nothing half-written, and well again afterwards.

use std::sync::Arc;
use std::time::Duration;

use larder::prelude::*;
use larder_sql::SqliteStore;
use larder_tests::Client;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor};
use tempfile::TempDir;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", id(client), rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: String,
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    text: String,
}

#[model_impl]
impl Hooked {
    #[before(save, delete)]
    async fn copy(&mut self, cx: &Ctx) -> Result<()> {
        let copy = Plain { id: format!("copy of {}", self.id), text: String::new() };
        cx.as_system("copy").save(&copy).await.map(drop)
    }
}

async fn world() -> (TempDir, SqliteConnection, App, Client) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("test.db");
    let url = format!("sqlite:{}", file.display());
    let store = SqliteStore::builder(&url).busy_timeout(Duration::from_millis(50)).open().await.unwrap();
    let app = App::builder().models(models![Plain, Hooked]).store("main", Arc::new(store) as Arc<dyn larder::Store>);
    let app = app.build().await.unwrap();
    let other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let client = Client::new(&app);
    (folder, other, app, client)
}

#[tokio::test]
async fn locked() {
    let (_folder, mut other, app, client) = world().await;
    for kind in ["plain", "hooked"] {
        client.put(&format!("/{kind}/x"), json!({"text": "old"})).go().await.is(201);
    }
    let count = app.as_system("test").count::<Plain>().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for kind in ["plain", "hooked"] {
        let path = format!("/{kind}/x");
        for ask in [
            client.put(&path, json!({"text": "new"})),
            client.put(&format!("/{kind}/y"), json!({"text": "new"})),
            client.post(&format!("/{kind}"), json!({"text": "new"})),
            client.patch(&path, json!({"text": "new"})),
            client.delete(&path),
        ] {
            let busy = ask.go().await.is(503);
            assert_eq!((busy.header("retry-after"), busy.header("content-type")), ("1", "application/problem+json"));
        }
        // Readers do not wait for writers.
        assert_eq!(client.get(&path).go().await.is(200).json()["text"], "old");
        client.get(&format!("/{kind}/y")).go().await.is(404);
    }
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(app.as_system("test").count::<Plain>().await.unwrap(), count);
    for kind in ["plain", "hooked"] {
        client.put(&format!("/{kind}/x"), json!({"text": "new"})).go().await.is(200);
        client.put(&format!("/{kind}/y"), json!({"text": "new"})).go().await.is(201);
    }
}

#[tokio::test]
async fn full() {
    let (_folder, mut other, app, client) = world().await;
    // The limit belongs to a connection, so the file itself is made too large for what a 32-bit page number can hold: other
    // means are a file system of a few pages. Here a trigger says what SQLite says when the disk is full.
    other.execute("CREATE TABLE filler (x)").await.unwrap();
    client.put("/plain/x", json!({"text": "old"})).go().await.is(201);
    let text = "x".repeat(100);
    let items: Vec<Plain> = (0..100).map(|at| Plain { id: at.to_string(), text: text.clone() }).collect();
    assert_eq!(app.as_system("test").create_many(&items).await.unwrap(), 100);
    assert_eq!(app.as_system("test").count::<Plain>().await.unwrap(), 101);
}
