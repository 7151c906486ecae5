//! Layers around the store of an app: what they let through, what they refuse, what they tell.

use larder::layers::{Observed, ReadOnly};
use larder::prelude::*;
use larder::{ErrorKind, Store};
use larder_tests::{Backend, Client, Logs, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/notes",
    rules(
        read = "open=true|owner=$actor.id",
        create = "true",
        write = "owner=$actor.id"
    )
)]
struct Note {
    #[model(id)]
    id: Id<Note>,
    #[model(owner)]
    owner: Option<String>,
    #[serde(default)]
    open: bool,
    text: String,
}

#[model_impl]
impl Note {
    #[action(global, method = GET, allow = "true")]
    async fn first(cx: &Ctx) -> Result<Option<String>> {
        let first = cx.session().query::<Note>().first().await?;
        Ok(first.map(|note| note.text.clone()))
    }

    #[action(allow = "true")]
    fn shout(&mut self) -> Result<()> {
        self.text.make_ascii_uppercase();
        Ok(())
    }

    #[action(method = GET, allow = "true")]
    fn length(&self) -> Result<usize> {
        Ok(self.text.len())
    }
}

async fn app(store: std::sync::Arc<dyn Store>) -> App {
    let app = App::builder()
        .models(models![Note])
        .store("main", store)
        .identity(DevelopmentHeader);
    app.build().await.unwrap()
}

fn note(id: &str, owner: &str, open: bool) -> Note {
    Note {
        id: Id::from(id),
        owner: Some(owner.to_owned()),
        open,
        text: "canary".to_owned(),
    }
}

async fn a_read_only_store(backend: Backend) {
    let full = app(backend.store()).await;
    let system = full.as_system("test");
    system.create(&note("a", "ann", true)).await.unwrap();
    system.create(&note("b", "ann", false)).await.unwrap();
    let app = app(backend.store().layer(ReadOnly)).await;
    let client = Client::new(&app);
    assert_eq!(client.get("/notes").go().await.is(200).each("id"), ["a"]);
    client.get("/notes/b").go().await.is(404);
    client.get("/notes/b").by("ann").go().await.is(200);
    assert_eq!(
        client.get("/notes/first").go().await.is(200).json(),
        "canary"
    );
    assert_eq!(client.get("/notes/a/length").go().await.is(200).json(), 6);
    let body = || json!({"text": "new"});
    let said = client.post("/notes", body()).by("ann").go().await.is(501);
    assert_eq!(
        said.json()["detail"],
        "Note is kept in a store that is read-only"
    );
    client.put("/notes/a", body()).by("ann").go().await.is(501);
    client
        .patch("/notes/a", body())
        .by("ann")
        .go()
        .await
        .is(501);
    client.delete("/notes/a").by("ann").go().await.is(501);
    client
        .ask("PUT", "/notes/a/shout")
        .by("ann")
        .go()
        .await
        .is(501);
    let fault = app.as_system("test").save(&note("a", "ann", true)).await;
    assert_eq!(fault.unwrap_err().kind(), ErrorKind::Unsupported);
    let left = system.query::<Note>().all().await.unwrap();
    assert!(left.len() == 2 && left.iter().all(|note| note.text == "canary"));
    // What is hidden and what is absent answer alike.
    let patch = |path| client.patch(path, json!({"open": true})).by("bob").go();
    let (hidden, absent) = (patch("/notes/b").await, patch("/notes/x").await);
    let same = |answer: &larder_tests::Answer| {
        let mut said = answer.json();
        // Each answer has an id of its own, by which its cause is found in the log.
        said.as_object_mut().unwrap().remove("instance").unwrap();
        said
    };
    assert_eq!((hidden.status, same(&hidden)), (501, same(&absent)));
}

async fn an_observed_store(backend: Backend) {
    let observed = Observed::new();
    let figures = observed.figures();
    let app = app(backend.store().layer(observed)).await;
    let ann = app.as_actor(&Actor::user("ann"));
    ann.create_many(&[note("a", "ann", true), note("b", "ann", true)])
        .await
        .unwrap();
    ann.query::<Note>().all().await.unwrap();
    assert!(ann.create(&note("a", "ann", true)).await.is_err());
    assert!(ann.find::<Note>("absent").await.unwrap().is_none());
    let note = figures.models()["Note"];
    let (queries, writes) = (note.queries, note.writes);
    assert_eq!((queries.calls, queries.errors, queries.records), (2, 0, 2));
    assert_eq!((writes.calls, writes.errors, writes.records), (2, 1, 2));
    assert_eq!(figures.total(), note);
    let shouted = Client::new(&app).ask("PUT", "/notes/a/shout").go().await;
    shouted.is(204);
    // In its transaction.
    let writes = figures.total().writes;
    assert_eq!((writes.calls, writes.records), (3, 3));
}

scenarios![a_read_only_store, an_observed_store];

#[tokio::test]
async fn an_observed_store_tells_no_values() {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let app = app(Backend::memory().store().layer(Observed::new())).await;
    let ann = app.as_actor(&Actor::user("ann"));
    ann.create(&note("a", "ann", true)).await.unwrap();
    ann.query::<Note>()
        .filter(Note::TEXT.eq("canary"))
        .all()
        .await
        .unwrap();
    assert!(ann.create(&note("a", "ann", true)).await.is_err());
    drop(guard);
    let text = logs.text();
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("larder::store"))
        .collect();
    assert_eq!(told.len(), 3, "{text}");
    assert!(
        told[0].contains("model=\"Note\"") && told[0].contains("op=\"write\""),
        "{text}"
    );
    assert!(told[2].contains("error=Duplicate"), "{text}");
    assert!(!told.join("").contains("canary"));
}
