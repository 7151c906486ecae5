//! Changes of fields by what is in them: sums, lists, and values under a condition.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use larder::ErrorKind;
use larder::prelude::*;
use larder_tests::{Backend, Counting, scenarios};

#[path = "field_operations/by_name.rs"]
mod by_name;
#[path = "field_operations/judged.rs"]
mod judged;
#[path = "field_operations/work.rs"]
mod work;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: String,
    #[schemars(range(min = 1))]
    count: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client), timestamps)]
#[model(rules(
    read = "open=true|owner=$actor.id",
    create = "true",
    update = "owner=$actor.id&title!=frozen"
))]
struct Post {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    title: String,
    #[serde(default)]
    open: bool,
    #[model(read_only)]
    likes: i64,
    #[serde(default)]
    views: Option<u64>,
    #[serde(default)]
    score: f64,
    /// As wide as its type, which is less than what a store holds.
    #[serde(default)]
    small: i32,
    #[schemars(range(max = 10))]
    #[serde(default)]
    stars: i64,
    /// Nothing, or a number within bounds.
    #[serde(default)]
    bonus: Option<u8>,
    #[serde(default)]
    tags: Vec<String>,
    #[schemars(length(max = 3))]
    #[serde(default)]
    few: Vec<i64>,
    #[serde(default)]
    lines: Option<Vec<Line>>,
    #[model(unique)]
    #[serde(default)]
    number: Option<i64>,
    counters: ModelLinksSimpleArray<Counter>,
    #[model(server_only)]
    secret: Secret<String>,
}

/// A model whose hooks want to see every update.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/counters",
    id(client),
    rules(read = "true", create = "true", update = "count<=3000")
)]
struct Counter {
    #[model(id)]
    id: String,
    #[serde(default)]
    count: i64,
    #[model(read_only)]
    double: i64,
    #[serde(default)]
    list: Vec<i64>,
}

#[model_impl]
impl Counter {
    #[before(update)]
    async fn doubled(&mut self, cx: &Ctx) -> Result<()> {
        // Others may run here.
        tokio::task::yield_now().await;
        cx.get::<Runs>()?.0.fetch_add(1, Ordering::SeqCst);
        self.double = self.count * 2;
        if self.count == -666 {
            return Err(Error::denied(418, "not this one"));
        }
        Ok(())
    }

    #[after(update)]
    async fn counted(&self, cx: &Ctx) -> Result<()> {
        if self.id != "all" && cx.session().find::<Counter>("all").await?.is_some() {
            cx.session()
                .update::<Counter>("all")
                .add(Self::COUNT, 1)
                .await?;
        }
        if self.count == -667 {
            return Err(Error::denied(418, "too late"));
        }
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Runs(Arc<AtomicU32>);

struct World {
    app: App,
    store: Counting,
    runs: Runs,
    heard: Arc<Mutex<Vec<i64>>>,
}

async fn world(backend: &Backend) -> World {
    let (store, runs, heard) = (
        Counting::new(backend.store()),
        Runs::default(),
        Arc::<Mutex<Vec<i64>>>::default(),
    );
    let app = App::builder()
        .models(models![Post, Counter])
        .store("main", store.clone())
        .provide(runs.clone())
        .on::<Counter>(Event::Updated, {
            let heard = heard.clone();
            move |notice: Notice<Counter>| {
                heard
                    .lock()
                    .unwrap()
                    .push(notice.record().map_or(0, |counter| counter.count));
                async { Ok(()) }
            }
        })
        .build()
        .await
        .unwrap();
    let post = Post {
        id: "a".to_owned(),
        owner: "ann".to_owned(),
        title: "Hello".to_owned(),
        open: true,
        ..Post::default()
    };
    app.as_system("test").create(&post).await.unwrap();
    store.take();
    World {
        app,
        store,
        runs,
        heard,
    }
}

fn line(sku: &str, count: u32) -> Line {
    Line {
        sku: sku.to_owned(),
        count,
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, pointer: &str, code: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    let faults: Vec<_> = error
        .fields()
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code))
        .collect();
    assert_eq!(faults, [(pointer, code)], "{error:?}");
}

async fn every_operation(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let before = ann.get::<Post>("a").await.unwrap();
    let post = ann
        .update::<Post>("a")
        .add(Post::LIKES, 3)
        .add(Post::VIEWS, 2)
        .add(Post::SCORE, -0.5)
        .push(Post::TAGS, "x")
        .push(Post::TAGS, "y")
        .push(Post::LINES, line("tea", 2))
        .set(Post::TITLE, "New")
        .await
        .unwrap();
    assert_eq!((post.likes, post.views, post.score), (3, Some(2), -0.5));
    assert_eq!(post.tags, ["x", "y"]);
    assert_eq!(post.lines.as_deref(), Some(&[line("tea", 2)][..]));
    assert_eq!((post.title.as_str(), post.owner.as_str()), ("New", "ann"));
    assert_ne!(post.version(), before.version());
    assert!(post.updated() >= before.updated() && post.created() == before.created());
    let stored = ann.get::<Post>("a").await.unwrap();
    assert_eq!(
        (stored.likes, &stored.tags, stored.version()),
        (3, &post.tags, post.version())
    );

    let post = ann
        .update::<Post>("a")
        .add(Post::LIKES, -5)
        .push(Post::TAGS, "x")
        .pull(Post::LINES, line("tea", 2))
        .clear(Post::VIEWS)
        .await
        .unwrap();
    assert_eq!((post.likes, post.views), (-2, None));
    assert_eq!(post.tags, ["x", "y", "x"]);
    assert_eq!(post.lines, Some(Vec::new()));
    let post = ann
        .update::<Post>("a")
        .pull(Post::TAGS, "x")
        .pull(Post::TAGS, "z")
        .await
        .unwrap();
    assert_eq!(post.tags, ["y"]);
    let post = ann
        .update::<Post>("a")
        .push(Post::TAGS, "z")
        .pull(Post::TAGS, "y")
        .await
        .unwrap();
    assert_eq!(post.tags, ["z"], "one after the other");
    let post = ann
        .update::<Post>("a")
        .set(Post::LIKES, 7)
        .add(Post::LIKES, 1)
        .await
        .unwrap();
    assert_eq!(post.likes, 8);
    ann.update::<Post>("a")
        .at_version(post.version())
        .add(Post::LIKES, 1)
        .await
        .unwrap();
    let error = ann
        .update::<Post>("a")
        .at_version(post.version())
        .add(Post::LIKES, 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PreconditionFailed);
}

async fn items_by_their_place(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let lines = [line("tea", 2), line("milk", 1), line("jam", 3)];
    ann.update::<Post>("a")
        .set(Post::LINES, Some(lines.to_vec()))
        .await
        .unwrap();
    let post = ann
        .update::<Post>("a")
        .set_item(Post::LINES, 1, line("milk", 9))
        .when_item(Post::LINES, 1, "sku", "milk")
        .await
        .unwrap();
    assert_eq!(post.lines.as_ref().unwrap()[1], line("milk", 9));
    let other = ann
        .update::<Post>("a")
        .remove_item(Post::LINES, 0)
        .when_item(Post::LINES, 0, "sku", "milk");
    assert_eq!(
        other.clone().await.unwrap_err().kind(),
        ErrorKind::PreconditionFailed
    );
    assert!(other.attempt().await.unwrap().is_none());
    let post = ann
        .update::<Post>("a")
        .remove_item(Post::LINES, 0)
        .when_item(Post::LINES, 0, "", line("tea", 2))
        .await
        .unwrap();
    assert_eq!(
        post.lines.as_deref(),
        Some(&[line("milk", 9), line("jam", 3)][..])
    );
    let version = post.version();
    refused(
        ann.update::<Post>("a")
            .set_item(Post::LINES, 2, line("rum", 1))
            .await,
        "/lines",
        "range",
    );
    refused(
        ann.update::<Post>("a").remove_item(Post::LINES, 2).await,
        "/lines",
        "range",
    );
    refused(
        ann.update::<Post>("a")
            .set_item(Post::LINES, 1, line("rum", 0))
            .await,
        "/lines/1/count",
        "minimum",
    );
    assert_eq!(ann.get::<Post>("a").await.unwrap().version(), version);
}

async fn conditions(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let once = || {
        ann.update::<Post>("a")
            .push(Post::TAGS, "x")
            .when(Post::TAGS.has("x").not())
    };
    assert_eq!(once().await.unwrap().tags, ["x"]);
    let error = once().await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::PreconditionFailed,
        "the record is there, and the condition does not hold"
    );
    assert!(once().attempt().await.unwrap().is_none());
    let absent = || {
        ann.update::<Post>("none")
            .add(Post::LIKES, 1)
            .when(Post::LIKES.eq(0))
    };
    assert!(absent().await.unwrap_err().is_not_found());
    assert!(absent().attempt().await.unwrap_err().is_not_found());
    let stars = |least: i64| {
        ann.update::<Post>("a")
            .add(Post::STARS, 1)
            .when(Post::STARS.ge(least))
            .when(Post::OPEN.eq(true))
    };
    assert_eq!(stars(0).attempt().await.unwrap().unwrap().stars, 1);
    assert!(
        stars(2).attempt().await.unwrap().is_none(),
        "also where the record has to be looked at"
    );
    let nothing = ann
        .update::<Post>("a")
        .add(Post::LIKES, 0)
        .when(Post::OPEN.eq(false));
    assert!(nothing.attempt().await.unwrap().is_none());
    let over = ann
        .update::<Post>("a")
        .add(Post::LIKES, i64::MAX)
        .add(Post::VIEWS, -1)
        .when(Post::OPEN.eq(false));
    assert!(
        over.attempt().await.unwrap().is_none(),
        "a condition comes first"
    );
}

async fn links(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let link = |id: &'static str| ann.update::<Post>("a").push(Post::COUNTERS, id);
    link("x").await.unwrap();
    let post = link("y").when(Post::COUNTERS.has("x")).await.unwrap();
    assert!(post.counters.contains("x") && post.counters.contains("y"));
    let error = link("x").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].pointer.as_str()),
        (ErrorKind::Invalid, "/counters"),
        "no record twice"
    );
    let post = ann
        .update::<Post>("a")
        .pull(Post::COUNTERS, "x")
        .await
        .unwrap();
    assert_eq!(post.counters.len(), 1);
}

scenarios! {
    every_operation, items_by_their_place, conditions, links,
}
