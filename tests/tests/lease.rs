//! A transaction is not open for ever. The clock of these tests goes by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use larder::prelude::*;
use larder::{BoxFuture, ErrorKind, Runtime, Session};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;
use tokio::sync::{Notify, oneshot};

/// How long somebody waits, and what wakes them.
type Timer = (Duration, oneshot::Sender<()>);

/// Timers that ring when they are told to.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<Mutex<Vec<Timer>>>);

impl Clock {
    /// Rings every timer whose caller still waits, and says what for.
    fn ring(&self) -> Vec<Duration> {
        let timers = std::mem::take(&mut *self.0.lock().unwrap());
        let waiting = timers.into_iter().filter(|(_, bell)| !bell.is_closed());
        waiting
            .filter_map(|(time, bell)| bell.send(()).ok().map(|()| time))
            .collect()
    }
}

impl Runtime for Clock {
    fn sleep(&self, time: Duration) -> Option<BoxFuture<'static, ()>> {
        let (bell, rung) = oneshot::channel();
        self.0.lock().unwrap().push((time, bell));
        Some(Box::pin(async move {
            let _ = rung.await;
        }))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        tokio::spawn(task);
        Ok(())
    }
}

/// Where the hook says that it waits, and leaves its session.
#[derive(Debug, Default)]
struct Gate {
    reached: Notify,
    kept: Mutex<Option<Session>>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", rules(read = "true", write = "true"))]
struct Note {
    #[model(id)]
    id: Id<Note>,
    text: String,
}

#[model_impl]
impl Note {
    #[before(update)]
    async fn wait(&mut self, cx: &Ctx) -> Result<()> {
        if self.text == "quick" {
            return Ok(());
        }
        let note = Note {
            id: Id::from("other"),
            text: "written".to_owned(),
        };
        cx.session().create(&note).await?;
        let gate: &Arc<Gate> = cx.get()?;
        *gate.kept.lock().unwrap() = Some(cx.session());
        gate.reached.notify_one();
        std::future::pending::<()>().await;
        Ok(())
    }

    /// Waits before it uses the store.
    #[action(global, method = POST, allow = "true")]
    async fn idle(cx: &Ctx) -> Result<()> {
        let gate: &Arc<Gate> = cx.get()?;
        gate.reached.notify_one();
        gate.reached.notified().await;
        Ok(())
    }
}

struct Set {
    app: App,
    clock: Clock,
    gate: Arc<Gate>,
}

async fn set(backend: &Backend, limit: Option<Duration>) -> Set {
    let (clock, gate) = (Clock::default(), Arc::new(Gate::default()));
    let mut app = App::builder()
        .models(models![Note])
        .store("main", backend.store())
        .provide(gate.clone());
    if let Some(limit) = limit {
        app = app.transaction_limit(limit);
    }
    let app = app.build_with(Arc::new(clock.clone())).await.unwrap();
    let note = Note {
        id: Id::from("a"),
        text: "first".to_owned(),
    };
    app.as_system("test").create(&note).await.unwrap();
    clock.ring();
    Set { app, clock, gate }
}

async fn a_hook_that_never_ends(backend: Backend) {
    let Set { app, clock, gate } = set(&backend, None).await;
    let client = Client::new(&app);
    let ask = client.patch("/notes/a", json!({"text": "slow"}));
    let asked = tokio::spawn(ask.go());
    gate.reached.notified().await;
    assert_eq!(clock.ring(), [Duration::from_secs(30)]);
    let said = asked.await.unwrap().is(503);
    let text = "this took too long: its transaction was rolled back, and nothing was changed";
    assert_eq!(said.json()["detail"], text);
    // Whoever still holds the transaction is told the same.
    let kept = gate.kept.lock().unwrap().take().unwrap();
    for error in [
        kept.get::<Note>("a").await.unwrap_err(),
        kept.delete::<Note>("a").await.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Unavailable, text)
        );
    }
    // Nothing of it is there, and others can write.
    assert_eq!(client.get("/notes/a").go().await.json()["text"], "first");
    client.get("/notes/other").go().await.is(404);
    client
        .patch("/notes/a", json!({"text": "quick"}))
        .go()
        .await
        .is(200);
    assert_eq!(client.get("/notes/a").go().await.json()["text"], "quick");
}

async fn another_limit(backend: Backend) {
    let Set { app, clock, gate } = set(&backend, Some(Duration::from_millis(1500))).await;
    let asked = tokio::spawn(async move {
        let mut note = app.as_system("test").get::<Note>("a").await?;
        note.text = "slow".to_owned();
        note.save().await
    });
    gate.reached.notified().await;
    assert_eq!(clock.ring(), [Duration::from_millis(1500)]);
    let error = asked.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

async fn what_has_no_transaction_has_no_limit(backend: Backend) {
    let Set { app, clock, gate } = set(&backend, None).await;
    let client = Client::new(&app);
    let asked = tokio::spawn(client.post("/notes/idle", json!({})).go());
    gate.reached.notified().await;
    assert!(clock.ring().is_empty());
    gate.reached.notify_one();
    asked.await.unwrap().is(204);
}

scenarios![
    a_hook_that_never_ends,
    another_limit,
    what_has_no_transaction_has_no_limit
];

/// In memory nothing waits, so no timer is asked for.
#[tokio::test]
async fn work_that_does_not_wait_asks_for_no_timer() {
    let Set { app, clock, .. } = set(&Backend::memory(), None).await;
    let client = Client::new(&app);
    client
        .patch("/notes/a", json!({"text": "quick"}))
        .go()
        .await
        .is(200);
    assert!(clock.0.lock().unwrap().is_empty());
}
