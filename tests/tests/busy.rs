//! A locked and a full database: 503 with `Retry-After`, nothing half-written, and well again afterwards.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use larder::prelude::*;
use larder_sql::SqliteStore;
use larder_tests::{Client, Connection, Process};
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
        let copy = Plain {
            id: format!("copy of {}", self.id),
            text: String::new(),
        };
        cx.as_system("copy").save(&copy).await.map(drop)
    }
}

async fn world() -> (TempDir, SqliteConnection, App, Client) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("test.db");
    let url = format!("sqlite:{}", file.display());
    let store = SqliteStore::builder(&url)
        .busy_timeout(Duration::from_millis(50))
        .open()
        .await
        .unwrap();
    let app = App::builder()
        .models(models![Plain, Hooked])
        .store("main", Arc::new(store) as Arc<dyn larder::Store>);
    let app = app.build().await.unwrap();
    let other = SqliteConnectOptions::new()
        .filename(file)
        .connect()
        .await
        .unwrap();
    let client = Client::new(&app);
    (folder, other, app, client)
}

#[tokio::test]
async fn locked() {
    let (_folder, mut other, app, client) = world().await;
    for kind in ["plain", "hooked"] {
        client
            .put(&format!("/{kind}/x"), json!({"text": "old"}))
            .go()
            .await
            .is(201);
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
            assert_eq!(
                (busy.header("retry-after"), busy.header("content-type")),
                ("1", "application/problem+json")
            );
        }
        // Readers do not wait for writers.
        assert_eq!(client.get(&path).go().await.is(200).json()["text"], "old");
        client.get(&format!("/{kind}/y")).go().await.is(404);
    }
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(app.as_system("test").count::<Plain>().await.unwrap(), count);
    for kind in ["plain", "hooked"] {
        client
            .put(&format!("/{kind}/x"), json!({"text": "new"}))
            .go()
            .await
            .is(200);
        client
            .put(&format!("/{kind}/y"), json!({"text": "new"}))
            .go()
            .await
            .is(201);
    }
}

/// A process that may not let a file grow stands for a full disk.
#[cfg(unix)]
#[test]
fn full() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new("sh");
    let script = format!(
        "trap '' XFSZ; ulimit -f 400; exec '{}'",
        env!("CARGO_BIN_EXE_victim")
    );
    command.args(["-c", &script]).env(
        "DATABASE_URL",
        format!("sqlite:{}", folder.path().join("test.db").display()),
    );
    let server = Process::start(command).unwrap();
    let mut connection = Connection::open(server.address()).unwrap();
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(5000));
    let mut written = Vec::new();
    let refused = loop {
        let path = format!(
            "/{}/{}",
            if written.len() % 2 == 0 {
                "plain"
            } else {
                "hooked"
            },
            written.len()
        );
        let (status, head, text) = connection.ask("PUT", &path, &body).unwrap();
        if status != 201 {
            assert_eq!(status, 503, "{text}");
            assert!(head.contains("retry-after: 1"), "{head}");
            break path;
        }
        written.push(path);
        assert!(written.len() < 1000, "the limit does not hold");
    };
    assert!(written.len() > 5);
    for path in &written {
        assert_eq!(connection.ask("GET", path, "").unwrap().0, 200, "{path}");
    }
    assert_eq!(connection.ask("GET", &refused, "").unwrap().0, 404);
    drop(server);
    // With room again all is well, and nothing is half-written.
    let mut command = Command::new(env!("CARGO_BIN_EXE_victim"));
    command.env(
        "DATABASE_URL",
        format!("sqlite:{}", folder.path().join("test.db").display()),
    );
    let server = Process::start(command).unwrap();
    let mut connection = Connection::open(server.address()).unwrap();
    for path in &written {
        assert_eq!(connection.ask("GET", path, "").unwrap().0, 200, "{path}");
    }
    let id = refused.rsplit('/').next().unwrap();
    for path in [&refused, &format!("/plain/copy-{id}")] {
        assert_eq!(connection.ask("GET", path, "").unwrap().0, 404, "{path}");
    }
    assert_eq!(connection.ask("PUT", &refused, &body).unwrap().0, 201);
}
