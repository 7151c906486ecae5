//! Several calls in one transaction: in an action, and from a handler of one's own. On every store.

#[path = "agree/servers.rs"]
mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/accounts",
    rules(read = "owner=$actor.id", write = "owner=$actor.id", create = "true")
)]
struct Account {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    #[schemars(range(min = 0))]
    balance: i64,
}

/// What was done; nobody from outside writes it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/entries", rules(read = "true"))]
struct Entry {
    #[model(id)]
    id: String,
    amount: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
struct Order {
    #[model(id)]
    id: String,
}

#[model_impl]
impl Order {
    /// Adds lines through calls inside its own transaction.
    #[action(allow = "true")]
    async fn extend(&self, cx: &Ctx, lines: u32) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for _ in 0..lines {
            numbers.push(cx.session().create(&self.line(0)).await?.number);
        }
        Ok(numbers)
    }

    /// Adds a line of a number that the call says.
    #[action(allow = "true")]
    async fn insert(&self, cx: &Ctx, number: u32) -> Result<()> {
        cx.session().create(&self.line(number)).await.map(drop)
    }
}

impl Order {
    fn line(&self, number: u32) -> Line {
        Line {
            order: ModelParent::new(self.id.clone()),
            number,
            runs: 0,
        }
    }
}

/// Numbered within its order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders/{order}/lines", rules(read = "true", write = "true"))]
struct Line {
    #[model(id)]
    order: ModelParent<Order>,
    /// 0 asks for the next one.
    #[model(id)]
    #[serde(default)]
    number: u32,
    #[serde(default)]
    runs: u32,
}

#[model_impl]
impl Line {
    #[before(create)]
    async fn next(&mut self, cx: &Ctx) -> Result<()> {
        cx.get::<Runs>()?.0.fetch_add(1, Ordering::SeqCst);
        match self.number {
            0 => {
                let all = cx.session().query::<Self>();
                let last = all
                    .filter(Self::ORDER.eq(self.order.clone()))
                    .sort(Self::NUMBER.descending());
                self.number = last.first().await?.map_or(1, |last| last.number + 1);
            }
            // Chooses the same one whatever there is.
            100.. => self.number -= 100,
            _ => {}
        }
        Ok(())
    }
}

/// How often the hook ran.
#[derive(Default)]
struct Runs(AtomicUsize);

/// How many accounts listeners have heard of.
#[derive(Default)]
struct Heard(AtomicUsize);

async fn app(store: Arc<dyn Store>) -> App {
    let app = App::builder()
        .models(models![Account, Entry, Order, Line])
        .store("main", store)
        .provide(Runs::default())
        .provide(Heard::default())
        .identity(DevelopmentHeader)
        .on::<Account>(Event::Saved, async |told: Notice<Account>| {
            told.app()
                .service::<Heard>()?
                .0
                .fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
    app.build().await.unwrap()
}

fn account(id: &str, balance: i64) -> Account {
    Account {
        id: id.to_owned(),
        owner: "ann".to_owned(),
        balance,
    }
}

/// Moves money by what it reads: by the rights of the session, with an entry that only the server may add.
async fn transfer(
    session: &Session,
    from: &str,
    to: &str,
    amount: i64,
    entry: &str,
) -> Result<i64> {
    session
        .transaction(async |cx| {
            let mine = cx.session();
            let mut from = mine.get::<Account>(from).await?;
            let mut to = mine.get::<Account>(to).await?;
            from.balance -= amount;
            to.balance += amount;
            to.save().await?;
            from.save().await?;
            let id = entry.to_owned();
            cx.as_system("a transfer")
                .create(&Entry { id, amount })
                .await?;
            Ok(from.balance)
        })
        .await
}

async fn balances<const N: usize>(app: &App, ids: [&str; N]) -> [i64; N] {
    let system = app.as_system("a test");
    let mut balances = [0; N];
    for (balance, id) in balances.iter_mut().zip(ids) {
        *balance = system.get::<Account>(id).await.unwrap().balance;
    }
    balances
}

/// All of it is kept or nothing, whatever the place at which it fails.
async fn all_or_nothing(store: Arc<dyn Store>) {
    let app = app(store).await;
    let ann = app.as_actor(&Actor::user("ann"));
    for id in ["a", "b"] {
        ann.create(&account(id, 10)).await.unwrap();
    }
    assert_eq!(transfer(&ann, "a", "b", 4, "one").await.unwrap(), 6);
    assert_eq!(balances(&app, ["a", "b"]).await, [6, 14]);
    // The second write is not valid, the third is taken, the rights are not hers.
    let overdrawn = transfer(&ann, "a", "b", 7, "two").await.unwrap_err();
    assert_eq!(overdrawn.kind(), ErrorKind::Invalid);
    let taken = transfer(&ann, "a", "b", 1, "one").await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Duplicate);
    let bob = app.as_actor(&Actor::user("bob"));
    let hidden = transfer(&bob, "a", "b", 1, "three").await.unwrap_err();
    assert!(hidden.is_not_found());
    assert_eq!(balances(&app, ["a", "b"]).await, [6, 14]);
    let system = app.as_system("a test");
    assert_eq!(system.count::<Entry>().await.unwrap(), 1);
    // Listeners hear of what is committed.
    let heard = || app.service::<Heard>().unwrap().0.load(Ordering::SeqCst);
    assert_eq!(heard(), 2);
    let before = |kept: bool| {
        let (ann, heard) = (&ann, &heard);
        async move {
            ann.transaction(async |cx| {
                cx.session().create(&account("c", 0)).await?;
                assert_eq!(heard(), 2);
                match kept {
                    true => Ok(()),
                    false => Err(Error::denied(409, "no")),
                }
            })
            .await
        }
    };
    assert_eq!(before(false).await.unwrap_err().message(), "no");
    assert!(ann.find::<Account>("c").await.unwrap().is_none());
    before(true).await.unwrap();
    assert_eq!(heard(), 3);
    // One that does nothing begins nothing.
    ann.transaction(async |_| Ok(())).await.unwrap();
}

/// A transaction inside is a part of the one around it, and what was done half is not kept.
async fn inside_another(store: Arc<dyn Store>) {
    let app = app(store).await;
    let ann = app.as_actor(&Actor::user("ann"));
    for id in ["d", "e"] {
        ann.create(&account(id, 10)).await.unwrap();
    }
    let both = async |last: i64, swallow: bool| {
        ann.transaction(async |cx| {
            transfer(&cx.session(), "d", "e", 1, &format!("first {last}")).await?;
            let (inside, entry) = (cx.session(), format!("second {last}"));
            match transfer(&inside, "d", "e", last, &entry).await {
                Err(_) if swallow => Ok(0),
                done => done,
            }
        })
        .await
    };
    assert_eq!(both(2, false).await.unwrap(), 7);
    let refused = both(8, false).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(both(8, true).await.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(balances(&app, ["d", "e"]).await, [7, 13]);
    // What outlives it has no transaction to be part of.
    let escaped = ann
        .transaction(async |cx| {
            cx.session().get::<Account>("d").await?;
            Ok(cx)
        })
        .await
        .unwrap();
    let late = escaped.session().get::<Account>("d").await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Internal);
}

/// Whoever loses a race reads again, so nobody's change is lost.
async fn at_the_same_time(store: Arc<dyn Store>) {
    let app = app(store).await;
    let ann = app.as_actor(&Actor::user("ann"));
    for id in ["f", "g"] {
        ann.create(&account(id, 100)).await.unwrap();
    }
    let tasks: Vec<_> = (0..8)
        .map(|at| {
            let ann = ann.clone();
            tokio::spawn(
                async move { transfer(&ann, "f", "g", 1 + at, &format!("race {at}")).await },
            )
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(balances(&app, ["f", "g"]).await, [64, 136]);
}

/// A hook that chooses the next number chooses again if somebody was first, in whosever transaction it runs.
async fn the_next_number(store: Arc<dyn Store>) {
    let app = app(store).await;
    let client = Client::new(&app);
    let system = app.as_system("a test");
    let order = Order { id: "o".to_owned() };
    system.create(&order).await.unwrap();
    let tasks: Vec<_> = (0..9)
        .map(|at| {
            let (client, system, order) = (client.clone(), system.clone(), order.clone());
            tokio::spawn(async move {
                match at % 3 {
                    0 => {
                        let extend = client.ask("PUT", "/orders/o/extend");
                        let extended = extend.json(&json!({"lines": 2})).go().await.is(200);
                        assert_eq!(extended.json().as_array().unwrap().len(), 2);
                    }
                    1 => {
                        let lines = [order.line(0), order.line(0)];
                        assert_eq!(system.create_many(&lines).await.unwrap(), 2);
                    }
                    _ => system
                        .transaction(async |cx| {
                            cx.session().create(&order.line(0)).await?;
                            cx.session().create(&order.line(0)).await.map(drop)
                        })
                        .await
                        .unwrap(),
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let lines = system
        .query::<Line>()
        .sort(Line::NUMBER)
        .all()
        .await
        .unwrap();
    let numbers: Vec<u32> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=18).collect::<Vec<_>>());
}

/// A hook that means one id is told once more that it is taken, and not asked for ever. One that chose nothing is not asked again.
async fn a_taken_one(store: Arc<dyn Store>) {
    let app = app(store).await;
    let client = Client::new(&app);
    let system = app.as_system("a test");
    let order = Order { id: "p".to_owned() };
    system.create(&order).await.unwrap();
    system.create(&order.line(5)).await.unwrap();
    let runs = || app.service::<Runs>().unwrap().0.swap(0, Ordering::SeqCst);
    runs();
    for (number, expected) in [(5, 1), (105, 2)] {
        let line = order.line(number);
        let refused = system.create(&line).await.unwrap_err();
        assert_eq!((refused.kind(), runs()), (ErrorKind::Duplicate, expected));
        let many = [order.line(7), line.clone()];
        let refused = system.create_many(&many).await.unwrap_err();
        assert_eq!(
            (refused.kind(), runs()),
            (ErrorKind::Duplicate, 2 * expected)
        );
        let insert = client.ask("PUT", "/orders/p/insert");
        insert.json(&json!({"number": number})).go().await.is(409);
        assert_eq!(runs(), expected);
        let inside = system.transaction(async |cx| cx.session().create(&line).await.map(drop));
        assert_eq!(inside.await.unwrap_err().kind(), ErrorKind::Duplicate);
        assert_eq!(runs(), expected);
    }
    let lines = system.query::<Line>().filter(Line::ORDER.eq("p")).all();
    assert_eq!(lines.await.unwrap().len(), 1);
}

/// A client that goes, or code that waits for something else meanwhile, leaves nothing.
async fn dropped_half_way(store: Arc<dyn Store>) {
    let app = app(store).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let half = ann.transaction(async |cx| {
        cx.session().create(&account("h", 1)).await?;
        if let Some(sender) = sender.lock().unwrap().take() {
            let _ = sender.send(());
        }
        std::future::pending::<Result<()>>().await
    });
    tokio::select! {
        _ = half => panic!("it never ends"),
        written = receiver => written.unwrap(),
    }
    ann.create(&account("h", 2)).await.unwrap();
    assert_eq!(balances(&app, ["h"]).await, [2]);
}

#[derive(Deserialize)]
struct Wanted {
    to: String,
    amount: i64,
}

/// A handler of the user's own axum app.
async fn pay(
    State(app): State<App>,
    actor: Actor,
    Path(from): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Entity<Account>>> {
    let session = app.as_actor(&actor);
    let entry = format!("{from} to {}", wanted.to);
    transfer(&session, &from, &wanted.to, wanted.amount, &entry).await?;
    Ok(Json(session.get(from).await?))
}

async fn from_a_handler(store: Arc<dyn Store>) {
    let app = app(store).await;
    let ann = app.as_actor(&Actor::user("ann"));
    for id in ["i", "j"] {
        ann.create(&account(id, 10)).await.unwrap();
    }
    let router = Router::new()
        .route("/pay/{from}", post(pay))
        .with_state(app.clone());
    let client = Client::of(router);
    let pay = |amount: i64| client.post("/pay/i", json!({"to": "j", "amount": amount}));
    let paid = pay(3).by("ann").go().await.is(200).json();
    assert_eq!(paid, json!({"id": "i", "owner": "ann", "balance": 7}));
    pay(8).by("ann").go().await.is(422);
    pay(1).by("bob").go().await.is(404);
    assert_eq!(balances(&app, ["i", "j"]).await, [7, 13]);
}

async fn everything(store: Arc<dyn Store>) {
    all_or_nothing(store.clone()).await;
    inside_another(store.clone()).await;
    at_the_same_time(store.clone()).await;
    the_next_number(store.clone()).await;
    a_taken_one(store.clone()).await;
    dropped_half_way(store.clone()).await;
    from_a_handler(store).await;
}

scenarios![on_this_store];

async fn on_this_store(backend: Backend) {
    everything(backend.store()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_servers() {
    for server in servers::all(true).await {
        everything(server.store.clone()).await;
        server.end().await;
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(store = "other", rules(read = "true", write = "true"))]
struct Elsewhere {
    #[model(id)]
    id: String,
}

/// A transaction is of one store: the first that is used. Another one is read outside of it, and not written.
#[tokio::test]
async fn two_stores() {
    let app = App::builder()
        .models(models![Entry, Elsewhere])
        .store("main", MemoryStore::new())
        .store("other", MemoryStore::new())
        .build()
        .await
        .unwrap();
    let system = app.as_system("a test");
    let entry = Entry {
        id: "a".to_owned(),
        amount: 1,
    };
    let there = Elsewhere { id: "a".to_owned() };
    let refused = system.transaction(async |cx| {
        cx.session().create(&entry).await?;
        assert_eq!(cx.session().count::<Elsewhere>().await?, 0);
        cx.session().create(&there).await.map(drop)
    });
    let refused = refused.await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert!(refused.message().contains("`cx.app()`"), "{refused}");
    assert_eq!(system.count::<Entry>().await.unwrap(), 0);
    let other_way = system.transaction(async |cx| {
        cx.session().create(&there).await?;
        cx.session().create(&entry).await.map(drop)
    });
    assert_eq!(other_way.await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(system.count::<Elsewhere>().await.unwrap(), 0);
}
