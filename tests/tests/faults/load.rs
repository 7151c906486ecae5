//! Writers and readers that never stop, and what they were told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use larder::prelude::*;
use larder_tests::{Answer, Client, note};
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
/// Each counts in a record of its own, with `If-Match`.
const COUNTERS: usize = 2;
const READERS: usize = 2;

/// After this nothing more is expected to happen.
const PATIENCE: Duration = Duration::from_secs(90);

/// How soon the service is back once a server answers its own client again. This is no test of speed: the app takes some milliseconds,
/// and this is what is promised. What it must not do is to wait for longer than it says, or for somebody to start it again.
const BACK: Duration = Duration::from_secs(5);

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
    /// Reads that were answered with what was asked for, and those that were refused.
    reads: AtomicUsize,
    unread: AtomicUsize,
    /// How long the service took to be back, each time.
    back: Mutex<Vec<Duration>>,
    stop: AtomicBool,
}

impl Told {
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// An app on a server, and its writers.
pub(crate) struct Load {
    client: Client,
    told: Arc<Told>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    pub(crate) async fn start(url: &str) -> Self {
        let store = store::open(url).await.expect("the server is up");
        let app = App::builder()
            .models(models![Plain, Hooked])
            .store("main", store);
        let client = Client::new(&app.build().await.expect("the tables can be made"));
        let told = Arc::new(Told::default());
        let mut tasks = Vec::new();
        for writer in 0..WRITERS {
            tasks.push(tokio::spawn(write(client.clone(), told.clone(), writer)));
        }
        for counter in 0..COUNTERS {
            tasks.push(tokio::spawn(count(client.clone(), told.clone(), counter)));
        }
        for reader in 0..READERS {
            tasks.push(tokio::spawn(read(client.clone(), told.clone(), reader)));
        }
        Self {
            client,
            told,
            tasks,
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

    /// Waits for a write to succeed now that the server answers others.
    ///
    /// # Panics
    /// If that takes too long.
    pub(crate) async fn until_back(&self) {
        let begin = Instant::now();
        self.until_acknowledged(1).await;
        let took = begin.elapsed();
        assert!(
            took < BACK,
            "the server was back, and the service {took:?} later"
        );
        self.told.back.lock().unwrap().push(took);
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begin = Instant::now();
        while !holds() {
            let failed = self.tasks.iter().any(JoinHandle::is_finished);
            assert!(!failed, "a writer or reader has failed, see above");
            assert!(begin.elapsed() < PATIENCE, "waiting until {what}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Ends the writers and compares the database with what they were told.
    pub(crate) async fn stop_and_check(self, what: &str) {
        self.told.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.expect("a writer or reader");
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
        let number = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        let mut back = told.back.lock().unwrap().clone();
        back.sort_unstable();
        let longest = back.last().copied().unwrap_or_default();
        let median = back.get(back.len() / 2).copied().unwrap_or_default();
        note(&format!(
            "{what}: {} ends; writes: {} acknowledged and none of them lost, {} refused and none of them stored, {} on their way ({stored} of them \
             stored); reads: {} answered, {} refused; back after {median:?}, {longest:?} at the most",
            number(&told.gone),
            kept.len(),
            refused.len(),
            unknown.len(),
            number(&told.reads),
            number(&told.unread),
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
        if told.is_over() {
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
        refused(answer);
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

/// Whatever is no success says when to ask again.
fn refused(answer: Answer) {
    let answer = answer.is(503);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let retry = answer.header("retry-after");
    assert!(retry.parse::<u32>().is_ok(), "Retry-After: `{retry}`");
}

/// Counts in a record under `If-Match` until told to stop. Of a step that was refused before it was sent nothing is there, and no step is
/// made twice.
async fn count(client: Client, told: Arc<Told>, counter: usize) {
    let path = format!("/plain/counter-{counter}");
    let text = |n: u64| json!({"text": n.to_string()});
    let first = client.put(&path, text(0)).go().await.is(201);
    let (mut n, mut tag) = (0, first.etag());
    // Whether a step may have been made, or be made yet, that was on its way when the server went.
    let mut open = false;
    while !told.is_over() {
        let gone = told.gone.load(Ordering::SeqCst);
        let ask = client.put(&path, text(n + 1)).header("if-match", &tag);
        let answer = ask.go().await;
        if answer.status == 200 {
            (n, tag, open) = (n + 1, answer.etag(), false);
            continue;
        }
        if answer.status != 412 || !open {
            refused(answer);
            open |= gone != told.going.load(Ordering::SeqCst);
        }
        let now = loop {
            tokio::time::sleep(RETRY).await;
            let now = client.get(&path).go().await;
            match now.status {
                200 => break now,
                _ => refused(now),
            }
        };
        let found = now.json()["text"].as_str().map(str::to_owned);
        let found: u64 = found
            .and_then(|found| found.parse().ok())
            .expect("a number");
        let may_be = n..=n + u64::from(open);
        assert!(may_be.contains(&found), "{path}: {found} after {n}");
        open &= found == n;
        (n, tag) = (found, now.etag());
    }
}

/// Reads what was acknowledged, one record or a list, until told to stop.
async fn read(client: Client, told: Arc<Told>, reader: usize) {
    for at in reader.. {
        if told.is_over() {
            return;
        }
        let newest = told.acknowledged.lock().unwrap().last().cloned();
        let path = newest.filter(|_| at % 2 == 0);
        let path = path.unwrap_or_else(|| "/plain?limit=3".to_owned());
        let answer = client.get(&path).go().await;
        if answer.status == 200 {
            told.reads.fetch_add(1, Ordering::SeqCst);
        } else {
            refused(answer);
            told.unread.fetch_add(1, Ordering::SeqCst);
        }
        // Readers leave the writers some room.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
