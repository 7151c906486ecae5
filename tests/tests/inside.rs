//! What code inside a call may do, and what the call keeps of it: owners, cleared fields, nested calls, what outlives it.

#![allow(
    clippy::unused_self,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use std::sync::Mutex;

use larder::prelude::*;
use larder::{MemoryStore, Session};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes")]
#[model(rules(
    read = "true",
    create = "true",
    update = "author=$actor.id|$actor.role=admin|open=true",
    delete = "true"
))]
struct Note {
    #[model(id)]
    id: String,
    #[model(owner)]
    author: String,
    text: String,
    #[serde(default)]
    open: bool,
    #[model(read_only)]
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
}

#[model_impl]
impl Note {
    #[before(create)]
    fn show(&mut self) -> Result<()> {
        self.shown.get_or_insert_with(|| "yes".to_owned());
        Ok(())
    }

    #[action(allow = "true")]
    fn hide(&mut self) -> Result<()> {
        self.shown = None;
        Ok(())
    }

    /// Lets its session escape.
    #[action(allow = "true")]
    fn leak(&self, cx: &Ctx) -> Result<()> {
        cx.get::<Escaped>()?
            .0
            .lock()
            .unwrap()
            .replace(cx.as_system("escaped"));
        Ok(())
    }

    /// Goes on after a call inside it has failed half-way.
    #[action(allow = "true")]
    async fn swallow(&self, cx: &Ctx) -> Result<()> {
        let fails = Child {
            id: "c".to_owned(),
            good: false,
        };
        assert!(cx.as_system("test").create(&fails).await.is_err());
        Ok(())
    }

    /// Writes to a store that this transaction is not of.
    #[action(allow = "true")]
    async fn elsewhere(&self, cx: &Ctx) -> Result<()> {
        cx.as_system("test")
            .create(&Far { id: "f".to_owned() })
            .await
            .map(drop)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Child {
    #[model(id)]
    id: String,
    good: bool,
}

#[model_impl]
impl Child {
    #[after(create)]
    fn check(&self) -> Result<()> {
        if self.good {
            Ok(())
        } else {
            Err(Error::denied(409, "not good"))
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(store = "far")]
struct Far {
    #[model(id)]
    id: String,
}

struct Escaped(Mutex<Option<Session>>);

async fn app(backend: &Backend) -> App {
    App::builder()
        .models(models![Note, Child, Far])
        .store("main", backend.store())
        .store("far", MemoryStore::new())
        .provide(Escaped(Mutex::new(None)))
        .identity(DevelopmentHeader)
        .on::<Note>(Event::Update, |notice: Notice<Note>| async move {
            // A before-listener that writes does so in the same transaction, and waits for nobody.
            let log = Child {
                id: format!("log {}", notice.record()?.id),
                good: true,
            };
            notice.as_system("log").save(&log).await.map(drop)
        })
        .build()
        .await
        .unwrap()
}

fn note(id: &str, author: &str) -> Note {
    Note {
        id: id.to_owned(),
        author: author.to_owned(),
        text: "t".to_owned(),
        open: false,
        shown: None,
    }
}

async fn an_admin_who_saves_does_not_become_the_owner(backend: Backend) {
    let app = app(&backend).await;
    let ann = Actor::user("ann");
    app.as_actor(&ann)
        .create(&note("a", "whoever"))
        .await
        .unwrap();
    let admin = app.as_actor(&Actor::user("root").with("role", "admin"));
    let mut entity = admin.get::<Note>("a").await.unwrap();
    assert_eq!(entity.author, "ann", "the owner is who creates");
    entity.text = "edited".to_owned();
    entity.save().await.unwrap();
    let entity = app.as_actor(&ann).get::<Note>("a").await.unwrap();
    assert_eq!(
        (entity.author.as_str(), entity.text.as_str()),
        ("ann", "edited")
    );
    let log = app.as_system("test").get::<Child>("log a").await;
    assert!(
        log.is_ok(),
        "the before-listener wrote in the same transaction"
    );
}

async fn many_are_all_or_none_with_hooks_too(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let twice = [note("a", "x"), note("b", "x"), note("a", "x")];
    assert!(system.create_many(&twice).await.is_err());
    assert_eq!(system.count::<Note>().await.unwrap(), 0);
}

async fn a_field_that_code_clears_is_cleared(backend: Backend) {
    let app = app(&backend).await;
    app.as_system("test").create(&note("a", "x")).await.unwrap();
    let client = Client::new(&app);
    assert_eq!(
        client.get("/notes/a").go().await.is(200).json()["shown"],
        "yes"
    );
    client.ask("PUT", "/notes/a/hide").go().await.is(204);
    assert!(
        client
            .get("/notes/a")
            .go()
            .await
            .json()
            .get("shown")
            .is_none()
    );
}

async fn what_outlives_a_call_has_no_transaction(backend: Backend) {
    let app = app(&backend).await;
    app.as_system("test").create(&note("a", "x")).await.unwrap();
    Client::new(&app)
        .ask("PUT", "/notes/a/leak")
        .go()
        .await
        .is(204);
    let session = app
        .service::<Escaped>()
        .unwrap()
        .0
        .lock()
        .unwrap()
        .take()
        .unwrap();
    let late = session
        .create(&Child {
            id: "late".to_owned(),
            good: true,
        })
        .await;
    assert!(late.unwrap_err().message().contains("server failed") || backend.is_sqlite());
    assert_eq!(app.as_system("test").count::<Child>().await.unwrap(), 0);
}

async fn half_a_call_is_never_committed(backend: Backend) {
    let app = app(&backend).await;
    app.as_system("test").create(&note("a", "x")).await.unwrap();
    Client::new(&app)
        .ask("PUT", "/notes/a/swallow")
        .go()
        .await
        .is(500);
    assert_eq!(app.as_system("test").count::<Child>().await.unwrap(), 0);
}

async fn another_store_is_not_part_of_a_transaction(backend: Backend) {
    let app = app(&backend).await;
    app.as_system("test").create(&note("a", "x")).await.unwrap();
    Client::new(&app)
        .ask("PUT", "/notes/a/elsewhere")
        .go()
        .await
        .is(501);
    assert_eq!(app.as_system("test").count::<Far>().await.unwrap(), 0);
}

async fn a_put_that_keeps_the_owner_needs_none(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    let mut open = note("a", "ann");
    open.open = true;
    app.as_system("test").create(&open).await.unwrap();
    let put = client
        .put("/notes/a", json!({"text": "new", "open": true}))
        .go()
        .await
        .is(200);
    assert_eq!(put.json()["author"], "ann");
    client
        .put("/notes/b", json!({"text": "new"}))
        .go()
        .await
        // As for one that is hidden.
        .is(404);
}

scenarios! {
    an_admin_who_saves_does_not_become_the_owner, many_are_all_or_none_with_hooks_too,
    a_field_that_code_clears_is_cleared, what_outlives_a_call_has_no_transaction, half_a_call_is_never_committed,
    another_store_is_not_part_of_a_transaction, a_put_that_keeps_the_owner_needs_none,
}
