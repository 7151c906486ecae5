//! Changes of fields by what is in them: sums, lists, and values under a condition.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use larder::prelude::*;
use larder::{ErrorKind, Op};
use larder_tests::{Backend, Counting, Counts, scenarios};
use serde_json::json;

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

async fn rules(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let [ann, bob, nobody] = [Actor::user("ann"), Actor::user("bob"), Actor::anonymous()]
        .map(|actor| app.as_actor(&actor));
    for free in [true, false] {
        // One statement, and a look at the record.
        let like = |session: &larder::Session| {
            let update = session.update::<Post>("a").add(Post::LIKES, 1);
            if free {
                update
            } else {
                update.add(Post::STARS, 1)
            }
        };
        ann.update::<Post>("a").set(Post::OPEN, true).await.unwrap();
        assert_eq!(
            like(&bob).await.unwrap_err().kind(),
            ErrorKind::Forbidden,
            "he may read it"
        );
        let unauthorized = like(&nobody).await.unwrap_err();
        assert!(
            matches!(
                unauthorized.kind(),
                ErrorKind::Unauthorized | ErrorKind::Forbidden
            ),
            "{unauthorized:?}"
        );
        ann.update::<Post>("a")
            .set(Post::OPEN, false)
            .await
            .unwrap();
        assert!(like(&bob).await.unwrap_err().is_not_found());
        assert!(
            like(&bob)
                .when(Post::TITLE.eq("Hello"))
                .attempt()
                .await
                .unwrap_err()
                .is_not_found(),
            "nor can he guess"
        );
        let freeze = like(&ann).set(Post::TITLE, "frozen");
        assert_eq!(
            freeze.await.unwrap_err().kind(),
            ErrorKind::Forbidden,
            "the rule is asked of the new record too"
        );
        assert_eq!(ann.get::<Post>("a").await.unwrap().likes, 0);
    }
    let counter = Counter {
        id: "c".to_owned(),
        count: 2999,
        ..Counter::default()
    };
    bob.create(&counter).await.unwrap();
    bob.update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    let error = bob
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "a rule about the sum");
}

async fn what_comes_of_it_is_valid(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let update = || ann.update::<Post>("a");
    update()
        .add(Post::STARS, 10)
        .push(Post::FEW, 1)
        .push(Post::FEW, 2)
        .push(Post::FEW, 3)
        .await
        .unwrap();
    update()
        .set(Post::SMALL, i32::MAX)
        .set(Post::LIKES, i64::MAX)
        .set(Post::SCORE, f64::MAX)
        .await
        .unwrap();
    let before = ann.get::<Post>("a").await.unwrap();
    refused(update().add(Post::STARS, 1).await, "/stars", "maximum");
    refused(update().push(Post::FEW, 4).await, "/few", "maxItems");
    refused(
        update().push(Post::LINES, line("tea", 0)).await,
        "/lines/0/count",
        "minimum",
    );
    refused(update().add(Post::LIKES, 1).await, "/likes", "overflow");
    refused(
        update().add(Post::SCORE, f64::MAX).await,
        "/score",
        "overflow",
    );
    refused(update().add(Post::VIEWS, -1).await, "/views", "overflow");
    for (amount, pointer) in [(256, "/bonus"), (-1, "/bonus")] {
        let error = update().add(Post::BONUS, amount).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{amount}: {error:?}");
        assert_eq!(error.fields()[0].pointer, pointer);
    }
    let small = update().add(Post::SMALL, 1).await.unwrap_err();
    assert_eq!(
        small.kind(),
        ErrorKind::Invalid,
        "no store holds what the struct can't read: {small:?}"
    );
    assert_eq!(small.fields()[0].pointer, "/small");
    let after = ann.get::<Post>("a").await.unwrap();
    assert_eq!(after.version(), before.version(), "nothing was written");
    let post = update()
        .add(Post::STARS, -1)
        .pull(Post::FEW, 2)
        .await
        .unwrap();
    assert_eq!((post.stars, &post.few[..]), (9, &[1, 3][..]));
    refused(update().set(Post::ID, "b".to_owned()).await, "/id", "id");
}

async fn a_unique_field(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    ann.update::<Post>("a").set(Post::NUMBER, 1).await.unwrap();
    let other = Post {
        id: "b".to_owned(),
        number: Some(3),
        ..Post::default()
    };
    ann.create(&other).await.unwrap();
    let error = ann
        .update::<Post>("a")
        .add(Post::NUMBER, 2)
        .add(Post::LIKES, 1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].pointer.as_str()),
        (ErrorKind::Duplicate, "/number")
    );
    let post = ann.update::<Post>("a").add(Post::NUMBER, 3).await.unwrap();
    assert_eq!((post.number, post.likes), (Some(4), 0));
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

async fn one_statement_where_it_will_do(backend: Backend) {
    let World { app, store, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let one = Counts {
        writes: 1,
        ..Counts::default()
    };
    let plain = ann
        .update::<Post>("a")
        .add(Post::LIKES, 1)
        .push(Post::TAGS, "x")
        .set(Post::TITLE, "t");
    plain.when(Post::OPEN.eq(true)).await.unwrap();
    assert_eq!(store.take(), one);
    ann.update::<Post>("a")
        .pull(Post::TAGS, "x")
        .add(Post::VIEWS, 1)
        .add(Post::SCORE, 1.0)
        .await
        .unwrap();
    assert_eq!(store.take(), one);
    // Bounds of a sum are a condition of the write.
    let bounded = || ann.update::<Post>("a");
    let post = bounded()
        .add(Post::STARS, 10)
        .add(Post::SMALL, -7)
        .add(Post::BONUS, 250)
        .await
        .unwrap();
    assert_eq!((post.stars, post.small, post.bonus), (10, -7, Some(250)));
    assert_eq!(store.take(), one);
    let tags = ["x".to_owned(), "y".to_owned()];
    bounded().set(Post::TAGS, tags.to_vec()).await.unwrap();
    assert_eq!(store.take(), one);
    bounded().set_item(Post::TAGS, 1, "z").await.unwrap();
    assert_eq!(store.take(), one);
    let post = bounded().remove_item(Post::TAGS, 0).await.unwrap();
    assert_eq!(post.tags, ["z"]);
    assert_eq!(store.take(), one);
    // Where the condition does not hold, the record is looked at to say what is wrong.
    let missed = Counts {
        queries: 1,
        writes: 1,
        begun: 1,
        commits: 0,
    };
    refused(bounded().add(Post::STARS, 1).await, "/stars", "maximum");
    assert_eq!(store.take(), missed);
    refused(bounded().add(Post::BONUS, 6).await, "/bonus", "maximum");
    assert_eq!(store.take(), missed);
    // A list with a length is looked at, where nobody else can change it.
    bounded().push(Post::FEW, 1).await.unwrap();
    let looked = Counts {
        queries: 1,
        writes: 1,
        begun: 1,
        commits: 1,
    };
    assert_eq!(store.take(), looked);
    let nothing = ann.update::<Post>("a").add(Post::LIKES, 0);
    let before = ann.get::<Post>("a").await.unwrap();
    assert_eq!(
        nothing.await.unwrap().version(),
        before.version(),
        "nothing to do is no change"
    );
}

async fn hooks_and_listeners(backend: Backend) {
    let World {
        app,
        store,
        runs,
        heard,
    } = world(&backend).await;
    let session = app.as_system("test");
    let counter = Counter {
        id: "c".to_owned(),
        count: 1,
        ..Counter::default()
    };
    session.create(&counter).await.unwrap();
    let changed = session
        .update::<Counter>("c")
        .add(Counter::COUNT, 2)
        .push(Counter::LIST, 5)
        .await
        .unwrap();
    assert_eq!(
        (changed.count, changed.double, &changed.list[..]),
        (3, 6, &[5][..]),
        "the hook sees the sum"
    );
    assert_eq!(heard.lock().unwrap().as_slice(), [3]);
    // A lost race runs again, and the increment is there once.
    store.conflict(30);
    let ran = runs.0.load(Ordering::SeqCst);
    let changed = session
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    assert_eq!(changed.count, 4);
    assert_eq!(runs.0.load(Ordering::SeqCst) - ran, 31);
    assert_eq!(
        heard.lock().unwrap().as_slice(),
        [3, 4],
        "listeners hear of what is committed"
    );
    let before = changed.version();
    for amount in [-670, -671] {
        let error = session
            .update::<Counter>("c")
            .add(Counter::COUNT, amount)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied(418));
    }
    assert_eq!(session.get::<Counter>("c").await.unwrap().version(), before);
    assert!(
        session
            .update::<Counter>("c")
            .add(Counter::COUNT, 1)
            .when(Counter::COUNT.gt(9))
            .attempt()
            .await
            .unwrap()
            .is_none()
    );
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, 0)
        .await
        .unwrap();
    assert_eq!(
        heard.lock().unwrap().as_slice(),
        [3, 4],
        "no listener hears of nothing"
    );
    // A change inside the transaction of another.
    let all = Counter {
        id: "all".to_owned(),
        ..Counter::default()
    };
    session.create(&all).await.unwrap();
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, -672)
        .await
        .unwrap_err();
    let all = session.get::<Counter>("all").await.unwrap();
    assert_eq!((all.count, all.double), (1, 2), "it is undone with it");
}

async fn by_name(backend: Backend) {
    let World { app, .. } = world(&backend).await;
    let posts = app.as_actor(&Actor::user("ann")).model("Post");
    let post = posts
        .update("a")
        .add("likes", 2)
        .add("score", 1)
        .push("tags", "x")
        .push("lines", json!({"sku": "tea", "count": 1}))
        .set("title", "New")
        .when("open=true")
        .when_field("likes", Op::Lt, 1)
        .await
        .unwrap();
    assert_eq!(post.get("likes"), Some(&json!(2)));
    assert_eq!(post.get("score"), Some(&json!(1.0)));
    assert_eq!(post.get("tags"), Some(&json!(["x"])));
    let items = || {
        posts
            .update("a")
            .remove_item("lines", 0)
            .when_item("lines", 0, "sku", "milk")
    };
    assert!(items().attempt().await.unwrap().is_none());
    let post = posts
        .update("a")
        .set_item("tags", 0, "y")
        .pull("lines", json!({"count": 1.0, "sku": "tea"}))
        .await
        .unwrap();
    assert_eq!(
        (post.get("tags"), post.get("lines")),
        (Some(&json!(["y"])), Some(&json!([])))
    );
    refused(posts.update("a").add("title", 1).await, "/title", "type");
    refused(posts.update("a").add("likes", 1.5).await, "/likes", "type");
    refused(posts.update("a").add("likes", "1").await, "/likes", "type");
    refused(
        posts.update("a").add("likes", json!(null)).await,
        "/likes",
        "type",
    );
    refused(posts.update("a").push("title", 1).await, "/title", "type");
    refused(posts.update("a").push("tags", 1).await, "/tags/0", "type");
    refused(
        posts.update("a").set("title", json!(null)).await,
        "/title",
        "required",
    );
    refused(
        posts
            .update("a")
            .set("_updated", "2026-01-01T00:00:00Z")
            .await,
        "/_updated",
        "read_only",
    );
    let error = posts.update("a").add("likse", 1).await.unwrap_err();
    assert!(error.message().contains("`likes`"), "{error:?}");
    assert!(
        posts
            .update("none")
            .add("likes", 1)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let error = posts
        .update("a")
        .add("likes", 1)
        .when("secret=x")
        .await
        .unwrap_err();
    assert!(error.message().contains("server-only"), "{error:?}");
    let post = posts
        .update("a")
        .set("views", json!(null))
        .add("likes", 1)
        .await
        .unwrap();
    assert_eq!(post.get("likes"), Some(&json!(3)));
}

scenarios! {
    every_operation, items_by_their_place, conditions, rules, what_comes_of_it_is_valid, a_unique_field, links, one_statement_where_it_will_do,
    hooks_and_listeners, by_name,
}

/// As many writers as an app has, with a hook that lets others in between looking and writing.
async fn nothing_is_lost(backend: Backend, rounds: i64) {
    let World { app, .. } = world(&backend).await;
    let session = app.as_system("test");
    let counter = Counter {
        id: "c".to_owned(),
        ..Counter::default()
    };
    session.create(&counter).await.unwrap();
    let writers = (0..32).map(|who: i64| {
        let session = session.clone();
        tokio::spawn(async move {
            for round in 0..rounds {
                session
                    .update::<Counter>("c")
                    .add(Counter::COUNT, 1)
                    .push(Counter::LIST, who * rounds + round)
                    .await?;
                session
                    .update::<Post>("a")
                    .add(Post::LIKES, 1)
                    .add(Post::VIEWS, 1)
                    .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    let counter = session.get::<Counter>("c").await.unwrap();
    assert_eq!((counter.count, counter.double), (32 * rounds, 64 * rounds));
    let mut list = counter.list.clone();
    list.sort_unstable();
    assert!(
        list.into_iter().eq(0..32 * rounds),
        "each element is there once"
    );
    let post = session.get::<Post>("a").await.unwrap();
    assert_eq!(
        (post.likes, post.views),
        (32 * rounds, Some(32 * rounds.unsigned_abs()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_memory() {
    nothing_is_lost(Backend::memory(), 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_sqlite() {
    nothing_is_lost(Backend::sqlite().await, 25).await;
}
