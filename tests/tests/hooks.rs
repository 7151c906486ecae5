//! Hooks and listeners: when they run, what they may change, and what becomes of it.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

#[path = "hooks/around.rs"]
mod around;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use larder::prelude::*;
use larder::{ErrorKind, Mode};
use larder_tests::{Backend, Client, Counting, scenarios};
use serde_json::json;

/// What hooks and listeners have said, in order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A gate that a hook waits at while it is closed.
#[derive(Clone)]
struct Gate(tokio::sync::watch::Sender<bool>);

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client), rules(read = "true", write = "true"))]
struct Post {
    #[model(id)]
    id: String,
    #[schemars(length(max = 10))]
    title: String,
    #[model(read_only)]
    count: u32,
    #[model(server_only)]
    #[schemars(length(max = 10))]
    code: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(rules(read = "true"))]
struct Log {
    #[model(id)]
    id: Id<Log>,
    line: String,
}

#[model_impl]
impl Post {
    #[before(create)]
    async fn before_create(&mut self, cx: &Ctx) -> Result<()> {
        self.before("create", cx).await
    }

    #[before(update)]
    async fn before_update(&mut self, cx: &Ctx) -> Result<()> {
        self.count += 1;
        self.before("update", cx).await
    }

    #[before(delete)]
    async fn before_delete(&mut self, cx: &Ctx) -> Result<()> {
        self.before("delete", cx).await
    }

    #[after(create)]
    fn after_create(&self, cx: &Ctx) -> Result<()> {
        self.after("create", cx)
    }

    #[after(update)]
    fn after_update(&self, cx: &Ctx) -> Result<()> {
        self.after("update", cx)
    }

    #[after(delete)]
    fn after_delete(&self, cx: &Ctx) -> Result<()> {
        self.after("delete", cx)
    }

    #[action(allow = "true")]
    fn rename(&mut self, title: String) -> Result<()> {
        self.title = title;
        Ok(())
    }

    async fn before(&mut self, what: &str, cx: &Ctx) -> Result<()> {
        cx.get::<Diary>()?
            .note(format!("before {what} {}", self.title));
        let line = format!("{what} {}", self.title);
        cx.as_system("log")
            .create(&Log {
                id: Id::new(),
                line,
            })
            .await?;
        if self.title == "wait" {
            let mut gate = cx.get::<Gate>()?.0.subscribe();
            gate.wait_for(|open| *open).await.map_err(Error::internal)?;
        }
        match self.title.as_str() {
            "refuse" => return Err(Error::denied(418, "no tea")),
            "trim" => self.title = "trimmed".to_owned(),
            "long" => self.title = "much too long".to_owned(),
            "secret" => self.code = Secret::new("much too long".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn after(&self, what: &str, cx: &Ctx) -> Result<()> {
        cx.get::<Diary>()?
            .note(format!("after {what} {}", self.title));
        if self.title == "undo" {
            Err(Error::denied(409, "undone"))
        } else {
            Ok(())
        }
    }
}

struct World {
    app: App,
    client: Client,
    diary: Diary,
    gate: Gate,
    store: Counting,
}

async fn world(backend: &Backend) -> World {
    let (diary, gate) = (Diary::default(), Gate(tokio::sync::watch::channel(false).0));
    let store = Counting::new(backend.store());
    let mut app = App::builder()
        .models(models![Post, Log])
        .store("main", Arc::new(store.clone()) as Arc<dyn larder::Store>);
    for event in [Event::Saved, Event::Updated, Event::Deleted] {
        let diary = diary.clone();
        app = app.on::<Post>(event, move |notice: Notice<Post>| {
            let diary = diary.clone();
            async move {
                let there = notice
                    .app()
                    .as_system("test")
                    .find::<Post>(notice.record()?.id.clone())
                    .await?
                    .is_some();
                diary.note(format!(
                    "{:?} {} {there}",
                    notice.event(),
                    notice.record()?.title
                ));
                Ok(())
            }
        });
    }
    let app = app
        .provide(diary.clone())
        .provide(gate.clone())
        .mode(Mode::Development)
        .build()
        .await
        .unwrap();
    World {
        client: Client::new(&app),
        app,
        diary,
        gate,
        store,
    }
}

impl World {
    async fn logged(&self) -> u64 {
        self.app.as_system("test").count::<Log>().await.unwrap()
    }
}

async fn at_every_door(backend: Backend) {
    let world = world(&backend).await;
    let (client, diary) = (&world.client, &world.diary);
    client
        .put("/posts/x", json!({"title": "a"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        diary.take(),
        ["before create a", "after create a", "Saved a true"]
    );
    client
        .post("/posts", json!({"id": "y", "title": "a"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        diary.take(),
        ["before create a", "after create a", "Saved a true"]
    );
    let put = client
        .put("/posts/x", json!({"title": "b"}))
        .go()
        .await
        .is(200);
    assert_eq!(
        (diary.take(), &put.json()["count"]),
        (
            vec![
                "before update b".into(),
                "after update b".into(),
                "Updated b true".into()
            ],
            &json!(1)
        )
    );
    client
        .patch("/posts/x", json!({"title": "c"}))
        .go()
        .await
        .is(200);
    assert_eq!(
        diary.take(),
        ["before update c", "after update c", "Updated c true"]
    );
    client
        .put("/posts/x/rename", json!({"title": "d"}))
        .go()
        .await
        .is(204);
    assert_eq!(
        diary.take(),
        ["before update d", "after update d", "Updated d true"]
    );
    client.delete("/posts/x").go().await.is(204);
    assert_eq!(
        diary.take(),
        ["before delete d", "after delete d", "Deleted d false"]
    );
    let system = world.app.as_system("test");
    let mut post = system.get::<Post>("y").await.unwrap();
    post.title = "e".to_owned();
    post.save().await.unwrap();
    assert_eq!(
        (diary.take(), post.count),
        (
            vec![
                "before update e".into(),
                "after update e".into(),
                "Updated e true".into()
            ],
            1
        )
    );
    post.delete().await.unwrap();
    assert_eq!(
        diary.take(),
        ["before delete e", "after delete e", "Deleted e false"]
    );
    let posts = ["p", "q"].map(|id| Post {
        id: id.into(),
        title: id.into(),
        count: 0,
        code: Secret::default(),
    });
    system.create_many(&posts).await.unwrap();
    let expected = [
        "before create p",
        "after create p",
        "before create q",
        "after create q",
        "Saved p true",
        "Saved q true",
    ];
    assert_eq!(diary.take(), expected);
}

async fn changes_are_validated_and_stored(backend: Backend) {
    let world = world(&backend).await;
    let client = &world.client;
    assert_eq!(
        client
            .put("/posts/x", json!({"title": "trim"}))
            .go()
            .await
            .is(201)
            .json()["title"],
        "trimmed"
    );
    assert_eq!(client.get("/posts/x").go().await.json()["title"], "trimmed");
    let logged = world.logged().await;
    for ask in [
        client.put("/posts/y", json!({"title": "long"})),
        client.put("/posts/x", json!({"title": "long"})),
        client.patch("/posts/x", json!({"title": "long"})),
    ] {
        assert_eq!(ask.go().await.is(422).faults(), ["/title maxLength"]);
    }
    // A fault of a hook in a hidden field is a fault of the server, and its name stays hidden.
    let hidden = client
        .put("/posts/y", json!({"title": "secret"}))
        .go()
        .await
        .is(500);
    assert!(
        !hidden.text().contains("code\":\"maxLength") && !hidden.text().contains("/code"),
        "{}",
        hidden.text()
    );
    assert_eq!(
        world.logged().await,
        logged,
        "what hooks wrote is gone with the write"
    );
    client.get("/posts/y").go().await.is(404);
    assert_eq!(client.get("/posts/x").go().await.json()["title"], "trimmed");
}

async fn failing_hooks_roll_back(backend: Backend) {
    let world = world(&backend).await;
    let (client, diary) = (&world.client, &world.diary);
    client
        .put("/posts/x", json!({"title": "a"}))
        .go()
        .await
        .is(201);
    let before = client.get("/posts/x").go().await;
    let logged = world.logged().await;
    diary.take();
    for (title, status) in [("refuse", 418), ("undo", 409)] {
        let body = json!({"title": title});
        for ask in [
            client.put("/posts/x", body.clone()),
            client.patch("/posts/x", body.clone()),
            client.put("/posts/new", body.clone()),
            client.post("/posts", body.clone()),
            client.put("/posts/x/rename", body.clone()),
        ] {
            ask.go().await.is(status);
        }
        assert!(
            diary
                .take()
                .iter()
                .all(|line| line.starts_with("before") || line.starts_with("after")),
            "no listener hears of it"
        );
        assert_eq!(client.get("/posts/x").go().await, before);
        client.get("/posts/new").go().await.is(404);
        assert_eq!(world.logged().await, logged);
    }
    assert_eq!(client.get("/posts").go().await.each("id"), [json!("x")]);
}

async fn a_lost_race_runs_again(backend: Backend) {
    let world = world(&backend).await;
    world.store.conflict(1);
    world
        .client
        .put("/posts/x", json!({"title": "a"}))
        .go()
        .await
        .is(201);
    let expected = [
        "before create a",
        "after create a",
        "before create a",
        "after create a",
        "Saved a true",
    ];
    assert_eq!(world.diary.take(), expected);
    assert_eq!(world.logged().await, 1);
    world.store.conflict(100);
    world
        .client
        .put("/posts/y", json!({"title": "a"}))
        .go()
        .await
        .is(409);
    world.store.conflict(0);
    assert_eq!(world.logged().await, 1);
}

/// A store that says of a lost transaction that nothing of it was kept is asked again, a store that can't know is not.
async fn a_lost_connection(backend: Backend) {
    let world = world(&backend).await;
    let lost = || larder::Error::new(larder::ErrorKind::Unavailable, "the connection was lost");
    let undone = || {
        let lost = larder::Error::new(larder::ErrorKind::Unavailable, "the connection was lost");
        lost.rolled_back()
    };
    let put = || world.client.put("/posts/x", json!({"title": "a"})).go();
    let runs = || {
        let diary = world.diary.take();
        diary
            .iter()
            .filter(|line| *line == "before create a")
            .count()
    };
    world.store.fail(1, lost);
    put().await.is(503);
    assert_eq!((runs(), world.logged().await), (1, 0));
    world.store.fail(3, undone);
    let refused = put().await.is(503);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!((runs(), world.logged().await), (3, 0), "not for ever");
    world.store.fail(2, undone);
    put().await.is(201);
    assert_eq!((runs(), world.logged().await), (3, 1));
}

async fn a_client_that_goes_leaves_nothing(backend: Backend) {
    let world = world(&backend).await;
    let client = &world.client;
    client
        .put("/posts/x", json!({"title": "a"}))
        .go()
        .await
        .is(201);
    let (before, logged) = (client.get("/posts/x").go().await, world.logged().await);
    for path in ["/posts/x", "/posts/new"] {
        world.diary.take();
        let ask = tokio::spawn(client.put(path, json!({"title": "wait"})).go());
        while world.diary.take().is_empty() {
            tokio::task::yield_now().await;
        }
        ask.abort();
        assert!(ask.await.unwrap_err().is_cancelled());
    }
    assert_eq!(client.get("/posts/x").go().await, before);
    client.get("/posts/new").go().await.is(404);
    assert_eq!(world.logged().await, logged);
    // Nothing is left locked.
    world.gate.0.send_replace(true);
    client
        .put("/posts/x", json!({"title": "wait"}))
        .go()
        .await
        .is(200);
}

async fn a_missing_service(backend: Backend) {
    let app = App::builder()
        .models(models![Post, Log])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let post = Post {
        id: "x".into(),
        title: "a".into(),
        count: 0,
        code: Secret::default(),
    };
    let error = app.as_system("test").create(&post).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        source,
        "nobody provided a `hooks::Diary`: add `.provide(..)` with one to the app's builder"
    );
    let answer = Client::new(&app)
        .put("/posts/x", json!({"title": "a"}))
        .go()
        .await
        .is(500);
    assert!(!answer.text().contains("Diary"), "{}", answer.text());
}

scenarios! {
    at_every_door, changes_are_validated_and_stored, failing_hooks_roll_back, a_lost_race_runs_again, a_lost_connection,
    a_client_that_goes_leaves_nothing, a_missing_service,
}

#[tokio::test]
async fn a_drop_after_the_commit_began_is_heard() {
    static HEARD: AtomicU32 = AtomicU32::new(0);
    let backend = Backend::sqlite().await;
    let app = App::builder()
        .models(models![Tea, Log])
        .store("main", backend.store())
        .on::<Tea>(Event::Saved, |_: Notice<Tea>| async {
            HEARD.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
        .build()
        .await
        .unwrap();
    let system = app.as_system("test");
    for at in 0..60_u32 {
        let tea = Tea { id: at.to_string() };
        // Dropped at each place where it waits, from the first on.
        let task = tokio::spawn({
            let system = system.clone();
            async move { system.create(&tea).await.map(drop) }
        });
        for _ in 0..at {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
    }
    // A write that is answered comes after all that were begun before it.
    system
        .create(&Tea {
            id: "last".to_owned(),
        })
        .await
        .unwrap();
    let all_heard = async {
        while u64::from(HEARD.load(Ordering::SeqCst)) < system.count::<Tea>().await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), all_heard)
        .await
        .expect("a listener was never told");
    assert_eq!(
        u64::from(HEARD.load(Ordering::SeqCst)),
        system.count::<Tea>().await.unwrap()
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/teas", id(client), rules(read = "true", write = "true"))]
struct Tea {
    #[model(id)]
    id: String,
}

#[model_impl]
impl Tea {
    #[before(save)]
    fn nothing(&mut self) -> Result<()> {
        Ok(())
    }
}
