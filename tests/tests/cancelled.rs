//! Calls that nobody waits for any more: what they have begun is undone, and stands in nobody's way.

use std::sync::{Arc, Mutex};

use larder::prelude::*;
use larder::{ErrorKind, Session};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;
use tokio::sync::Notify;

/// Where a hook says that it waits, and leaves its session.
#[derive(Debug, Default)]
struct Gate {
    reached: Notify,
    kept: Mutex<Option<Session>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", rules(read = "true", write = "true"))]
struct Order {
    #[model(id)]
    id: String,
    /// Whether its hook waits itself, or for a line, which it gives up.
    #[serde(default)]
    waits: bool,
    #[serde(default)]
    lines: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/lines", rules(read = "true", write = "true"))]
struct Line {
    #[model(id)]
    id: String,
}

#[model_impl]
impl Order {
    #[before(update)]
    async fn begin(&mut self, cx: &Ctx) -> Result<()> {
        let gate: &Arc<Gate> = cx.get()?;
        let (session, line) = (cx.session(), Line { id: "a".to_owned() });
        if self.waits {
            session.delete::<Order>("other").await?;
            *gate.kept.lock().unwrap() = Some(session);
            gate.reached.notify_one();
            return std::future::pending().await;
        }
        tokio::select! {
            created = session.create(&line) => { created?; }
            () = gate.reached.notified() => {}
        }
        Ok(())
    }
}

#[model_impl]
impl Line {
    #[after(create)]
    async fn never(&self, cx: &Ctx) -> Result<()> {
        cx.get::<Arc<Gate>>()?.reached.notify_one();
        std::future::pending::<()>().await;
        Ok(())
    }
}

async fn set(backend: &Backend) -> (App, Client, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let app = App::builder()
        .models(models![Order, Line])
        .store("main", backend.store())
        .provide(gate.clone())
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    for path in ["/orders/one", "/orders/other"] {
        client.put(path, json!({})).go().await.is(201);
    }
    (app, client, gate)
}

async fn a_client_that_goes_away(backend: Backend) {
    let (app, client, gate) = set(&backend).await;
    let asked = tokio::spawn(client.patch("/orders/one", json!({"waits": true})).go());
    gate.reached.notified().await;
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    // Who still holds the transaction has nothing of it.
    let kept = gate.kept.lock().unwrap().take().unwrap();
    let error = kept.get::<Order>("one").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal, "{error}");
    // What it has done is undone, and it keeps no other writer waiting.
    client.get("/orders/other").go().await.is(200);
    let order = Order {
        id: "next".to_owned(),
        waits: false,
        lines: 0,
    };
    app.as_system("test").create(&order).await.unwrap();
    let read = client.get("/orders/one").go().await.is(200);
    assert_eq!(read.json()["waits"], false);
}

async fn a_call_that_a_hook_gives_up(backend: Backend) {
    let (_app, client, _gate) = set(&backend).await;
    let ask = client.patch("/orders/one", json!({"lines": 1}));
    ask.go().await.is(500);
    let read = client.get("/orders/one").go().await.is(200);
    assert_eq!(read.json()["lines"], 0);
    client.get("/lines/a").go().await.is(404);
}

scenarios! { a_client_that_goes_away, a_call_that_a_hook_gives_up }
