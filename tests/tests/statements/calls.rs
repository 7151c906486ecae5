//! The calls, and what is sent for each.

use std::cell::RefCell;
use std::sync::Arc;

use larder::Store;
use larder::prelude::*;
use larder_tests::{Client, Logs};
use serde_json::json;

/// Without fields that a client may not write.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/notes",
    id(client),
    rules(read = "true", write = "true"),
    page = 5
)]
#[model(search(title = eq, text = scan(contains)), sort(title))]
struct Note {
    #[model(id)]
    id: String,
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    likes: i64,
    #[schemars(range(max = 1000))]
    #[serde(default)]
    stars: i64,
    #[serde(default)]
    tags: Vec<String>,
}

#[model_impl]
impl Note {
    /// Looks, and changes nothing.
    #[action(method = GET, allow = "true")]
    fn length(&self) -> Result<usize> {
        Ok(self.title.len())
    }

    /// Changes the record.
    #[action(allow = "true")]
    fn shout(&mut self) -> Result<()> {
        self.title = self.title.to_uppercase();
        Ok(())
    }
}

/// With times, which a client may not write, and a record in the answer to a DELETE.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/posts",
    id(client),
    rules(read = "true", write = "true"),
    timestamps,
    echo(delete)
)]
struct Post {
    #[model(id)]
    id: String,
    title: String,
}

/// Below a post.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/posts/{post}/comments",
    id(client),
    rules(read = "true", write = "true")
)]
struct Comment {
    #[model(id)]
    id: String,
    post: ModelParent<Post>,
    text: String,
}

/// Each is made once, in this order.
pub(crate) const CALLS: [&str; 25] = [
    "GET of a record",
    "GET of a record below its parent",
    "PATCH of a record below its parent",
    "GET of a list without a total",
    "GET of a list with its total",
    "GET of a page past the end, with the total",
    "GET of an empty list by what no index finds",
    "GET of a number of records",
    "POST",
    "40 records at once",
    "PUT of a new record",
    "PUT in place of a record",
    "PUT with `If-Match`",
    "PUT that keeps fields no client writes",
    "PATCH",
    "DELETE",
    "DELETE that answers with the record",
    "DELETE of what is not there",
    "an action that changes nothing",
    "an action that changes the record",
    "`add` to a number",
    "`add` to a number with bounds",
    "`push` to a list",
    "`pull` from a list",
    "`set_item` in a list",
];

/// An app with some records in it, on connections that are open already.
pub(crate) struct World {
    app: App,
    client: Client,
    logs: Logs,
    sent: RefCell<Vec<String>>,
    _guard: tracing::subscriber::DefaultGuard,
}

fn note(id: &str) -> Note {
    Note {
        id: id.to_owned(),
        title: format!("note {id}"),
        tags: vec!["x".to_owned(), "y".to_owned()],
        ..Note::default()
    }
}

impl World {
    pub(crate) async fn new(store: Arc<dyn Store>) -> Self {
        let app = App::builder()
            .models(models![Note, Post, Comment])
            .store("main", store);
        let app = app.build().await.unwrap();
        let session = app.as_system("fill");
        let notes: Vec<Note> = (0..12).map(|at| note(&at.to_string())).collect();
        session.create_many(&notes).await.unwrap();
        for id in ["a", "b"] {
            let post = Post {
                id: id.to_owned(),
                title: "Hello".to_owned(),
            };
            session.create(&post).await.unwrap();
        }
        let comment = Comment {
            id: "c".to_owned(),
            post: ModelParent::new("a"),
            text: "Hello".to_owned(),
        };
        session.create(&comment).await.unwrap();
        let logs = Logs::default();
        let guard = tracing::subscriber::set_default(logs.clone());
        let client = Client::new(&app);
        // What opens a connection is told things that no call is.
        client.get("/notes/0").go().await.is(200);
        Self {
            app,
            client,
            logs,
            sent: RefCell::default(),
            _guard: guard,
        }
    }

    /// The first words of what a call sends, one for each time that the database is asked for something.
    pub(crate) async fn sent(&self, call: &str) -> Vec<String> {
        self.make(call).await;
        self.sent.take()
    }

    /// Counts what is sent for this, and nothing around it.
    async fn count<T>(&self, call: impl IntoFuture<Output = T>) -> T {
        let before = self.logs.text().len();
        let done = call.await;
        let text = self.logs.text().split_off(before);
        let mut sent: Vec<String> = text.lines().filter_map(word).collect();
        // A statement is told when it is made, which may be before the savepoint that it is sent behind.
        for place in 1..sent.len() {
            if sent[place] == "SAVEPOINT" && sent[place - 1] != "SELECT" {
                sent.swap(place - 1, place);
            }
        }
        self.sent.replace(sent);
        done
    }

    async fn make(&self, call: &str) {
        let client = &self.client;
        let body = || json!({"title": "new"});
        let list = |count: &str, query: &str| {
            let list = client.get(&format!("/notes?{query}"));
            list.header("prefer", &format!("count={count}")).go()
        };
        let session = self.app.as_system("test");
        let change = || session.update::<Note>("1");
        let answer = match call {
            "GET of a record" => self.count(client.get("/notes/0").go()).await,
            "GET of a record below its parent" => {
                self.count(client.get("/posts/a/comments/c").go()).await
            }
            "PATCH of a record below its parent" => {
                let text = json!({"text": "new"});
                self.count(client.patch("/posts/a/comments/c", text).go())
                    .await
            }
            "GET of a list without a total" => self.count(list("none", "sort(title)")).await,
            "GET of a list with its total" => self.count(list("exact", "sort(title)")).await,
            "GET of a page past the end, with the total" => {
                let past = self.count(list("exact", "skip=1000")).await;
                assert_eq!(past.header("content-range"), "items */12");
                past
            }
            "GET of an empty list by what no index finds" => {
                self.count(list("none", "text=contains=x")).await
            }
            "GET of a number of records" => {
                self.count(client.get("/notes/_count?title=eq=x").go())
                    .await
            }
            "POST" => {
                let post = client.post("/notes", json!({"id": "p", "title": "p"}));
                self.count(post.go()).await
            }
            "PUT of a new record" => {
                let put = self.count(client.put("/notes/n", body()).go()).await;
                assert_eq!(put.status, 201);
                put
            }
            "PUT in place of a record" => self.count(client.put("/notes/n", body()).go()).await,
            "PUT with `If-Match`" => {
                let tag = client.get("/notes/n").go().await.etag();
                let put = client.put("/notes/n", body()).header("if-match", &tag);
                self.count(put.go()).await
            }
            "PUT that keeps fields no client writes" => {
                self.count(client.put("/posts/a", body()).go()).await
            }
            "PATCH" => self.count(client.patch("/notes/n", body()).go()).await,
            "DELETE" => self.count(client.delete("/notes/n").go()).await,
            "DELETE that answers with the record" => {
                let deleted = self.count(client.delete("/posts/b").go()).await;
                assert_eq!(deleted.json()["title"], "Hello");
                deleted
            }
            "DELETE of what is not there" => {
                let absent = self.count(client.delete("/notes/none").go()).await;
                assert_eq!(absent.status, 404);
                return;
            }
            "an action that changes nothing" => {
                self.count(client.get("/notes/2/length").go()).await
            }
            "an action that changes the record" => {
                let acted = self.count(client.ask("PUT", "/notes/2/shout").go()).await;
                let shouted = session.get::<Note>("2").await.unwrap();
                assert_eq!(shouted.title, "NOTE 2");
                acted
            }
            "40 records at once" => {
                let notes: Vec<Note> = (100..140).map(|at| note(&at.to_string())).collect();
                self.count(session.create_many(&notes)).await.unwrap();
                return;
            }
            change_of_a_field => {
                let note = self.count(match change_of_a_field {
                    "`add` to a number" => change().add(Note::LIKES, 1),
                    "`add` to a number with bounds" => change().add(Note::STARS, 1),
                    "`push` to a list" => change().push(Note::TAGS, "z"),
                    "`pull` from a list" => change().pull(Note::TAGS, "y"),
                    "`set_item` in a list" => change().set_item(Note::TAGS, 1, "w"),
                    other => panic!("no call is named {other}"),
                });
                let note = note.await.unwrap();
                assert!(note.likes + note.stars > 0, "{note:?}");
                return;
            }
        };
        assert!(
            (200..300).contains(&answer.status),
            "{call}: {}",
            answer.text()
        );
    }
}

/// The first word of a statement or a command that a line of the log tells of.
fn word(line: &str) -> Option<String> {
    let said = line.strip_prefix("TRACE larder::sql ")?;
    let (_, text) = said.split_once('=')?;
    // As `Debug` has it, which is JSON for these texts.
    let text: String = serde_json::from_str(text).unwrap();
    let first = text.split(' ').next().unwrap_or_default();
    Some(match first {
        "START" => "BEGIN".to_owned(),
        // It is sent with the next one.
        "RELEASE" => "SAVEPOINT".to_owned(),
        first => first.to_owned(),
    })
}
