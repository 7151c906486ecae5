//! Writers that never stop, and what they were told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use larder::prelude::*;
use larder_tests::{Client, note};
use serde_json::json;
use tokio::task::JoinHandle;

/// Written by one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", id(client), rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: String,
    text: String,
}

/// Written in a transaction, together with a `Plain`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    text: String,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    async fn copy(&mut self, cx: &Ctx) -> Result<()> {
        let copy = Plain {
            id: format!("copy-{}", self.id),
            text: self.text.clone(),
        };
        cx.as_system("copy").save(&copy).await.map(drop)
    }
}

const WRITERS: usize = 6;

/// After this nothing more is expected to happen. The service has to be back long before.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a writer that was refused waits; `Retry-After` says a second, but tests should not take minutes.
const RETRY: Duration = Duration::from_millis(20);

/// What the writers share.
#[derive(Default)]
struct Told {
    acknowledged: Mutex<Vec<String>>,
    /// Begun when the server was gone, or after, and refused.
    refused: Mutex<Vec<String>>,
    /// On their way when the server went.
    unknown: Mutex<Vec<String>>,
    /// How often the server has begun to go, and how often it was gone.
    going: AtomicUsize,
    gone: AtomicUsize,
    /// Refusals of what was begun since the server went last.
    refusals: AtomicUsize,
    stop: AtomicBool,
}

/// An app on a server, and its writers.
pub(crate) struct Load {
    client: Client,
    told: Arc<Told>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    pub(crate) async fn start(url: &str) -> Self {
        let store = store::open(url).await.expect("the server is up");
        let app = App::builder()
            .models(models![Plain, Hooked])
            .store("main", store);
        let client = Client::new(&app.build().await.expect("the tables can be made"));
        let told = Arc::new(Told::default());
        let writers = (0..WRITERS)
            .map(|writer| tokio::spawn(write(client.clone(), told.clone(), writer)))
            .collect();
        Self {
            client,
            told,
            writers,
        }
    }

    /// Lets the server go: what is asked before it begins to and answered after may be anything.
    pub(crate) async fn lost(&self, end: impl FnOnce()) {
        self.told.going.fetch_add(1, Ordering::SeqCst);
        tokio::task::block_in_place(end);
        self.told.gone.fetch_add(1, Ordering::SeqCst);
        self.told.refusals.store(0, Ordering::SeqCst);
    }

    /// Waits for so many more writes to succeed.
    pub(crate) async fn until_acknowledged(&self, more: usize) {
        let count = || self.told.acknowledged.lock().unwrap().len();
        let enough = count() + more;
        self.until("writes succeed", || count() >= enough).await;
    }

    /// Waits for a write to be refused since the server went.
    pub(crate) async fn until_refused(&self) {
        let refused = || self.told.refusals.load(Ordering::SeqCst) > 0;
        self.until("a write is refused", refused).await;
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begin = Instant::now();
        while !holds() {
            let failed = self.writers.iter().any(JoinHandle::is_finished);
            assert!(!failed, "a writer has failed, see above");
            assert!(begin.elapsed() < PATIENCE, "waiting until {what}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        note(&format!("{what} after {:?}", begin.elapsed()));
    }

    /// Ends the writers and compares the database with what they were told.
    pub(crate) async fn stop_and_check(self) {
        self.told.stop.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.expect("a writer");
        }
        let of = |list: &Mutex<Vec<String>>| list.lock().unwrap().clone();
        let told = &self.told;
        let (kept, refused, unknown) =
            (of(&told.acknowledged), of(&told.refused), of(&told.unknown));
        for path in &kept {
            assert!(
                self.client.is_whole(path).await,
                "{path} was acknowledged and is gone"
            );
        }
        for path in &refused {
            assert!(
                !self.client.is_whole(path).await,
                "{path} was refused and is there"
            );
        }
        let mut stored = 0;
        for path in &unknown {
            stored += usize::from(self.client.is_whole(path).await);
        }
        let ends = told.gone.load(Ordering::SeqCst);
        note(&format!(
            "{} acknowledged, {} refused, {} on their way at {ends} ends ({stored} of them stored)",
            kept.len(),
            refused.len(),
            unknown.len()
        ));
    }
}

trait Whole {
    async fn is_whole(&self, path: &str) -> bool;
}

impl Whole for Client {
    /// Whether a record is there, with all that was written together with it.
    ///
    /// # Panics
    /// If only a part is.
    async fn is_whole(&self, path: &str) -> bool {
        let found = self.get(path).go().await.status;
        assert!(found == 200 || found == 404, "{path}: {found}");
        if let Some(id) = path.strip_prefix("/hooked/") {
            let copy = self.get(&format!("/plain/copy-{id}")).go().await.status;
            assert_eq!(copy, found, "half of {path}");
        }
        found == 200
    }
}

/// Writes until told to stop.
async fn write(client: Client, told: Arc<Told>, writer: usize) {
    for at in 0.. {
        if told.stop.load(Ordering::SeqCst) {
            return;
        }
        let model = if at % 3 == 0 { "hooked" } else { "plain" };
        let path = format!("/{model}/{writer}-{at}");
        let gone = told.gone.load(Ordering::SeqCst);
        let answer = client.put(&path, json!({"text": path})).go().await;
        let going = told.going.load(Ordering::SeqCst);
        if answer.status == 201 {
            told.acknowledged.lock().unwrap().push(path);
            continue;
        }
        let answer = answer.is(503);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let retry = answer.header("retry-after");
        assert!(retry.parse::<u32>().is_ok(), "Retry-After: `{retry}`");
        // It was not there when this began, or it began to go while this was on its way.
        if gone == going {
            told.refused.lock().unwrap().push(path);
            told.refusals.fetch_add(1, Ordering::SeqCst);
        } else {
            told.unknown.lock().unwrap().push(path);
        }
        tokio::time::sleep(RETRY).await;
    }
}
