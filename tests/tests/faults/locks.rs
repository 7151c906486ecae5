//! Transactions that wait for each other, and for somebody who does not let go.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
#[cfg(feature = "mysql")]
use std::time::Duration;

use larder::prelude::*;
use larder_services::Service;
use larder_tests::Client;
use serde_json::json;
use tokio::sync::Barrier;

use crate::place::Place;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/accounts", id(client), rules(read = "true", write = "true"))]
struct Account {
    #[model(id)]
    id: String,
    #[serde(default)]
    balance: i64,
}

/// Takes from one account, and then gives to another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/transfers", id(client), rules(read = "true", write = "true"))]
struct Transfer {
    #[model(id)]
    id: String,
    from: String,
    to: String,
}

/// Where two transfers meet that each have one of the two accounts. Each waits there once: run again, they find their way.
#[derive(Debug)]
struct Meeting {
    barrier: Barrier,
    met: Mutex<BTreeSet<String>>,
}

#[model_impl]
impl Transfer {
    #[before(create)]
    async fn book(&mut self, cx: &Ctx) -> Result<()> {
        let accounts = cx.as_system("booking");
        let from = accounts.update::<Account>(&*self.from);
        from.add(Account::BALANCE, -1).await?;
        let meeting: &Arc<Meeting> = cx.get()?;
        let first = meeting.met.lock().unwrap().insert(self.id.clone());
        if first {
            meeting.barrier.wait().await;
        }
        let to = accounts.update::<Account>(&*self.to);
        to.add(Account::BALANCE, 1).await?;
        Ok(())
    }
}

/// The database ends one of two that wait for each other; it is run again, and both are done.
async fn deadlock(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    let meeting = Arc::new(Meeting {
        barrier: Barrier::new(2),
        met: Mutex::default(),
    });
    let app = App::builder()
        .models(models![Account, Transfer])
        .store("main", store::open(place.url()).await.unwrap())
        .provide(meeting);
    let client = Client::new(&app.build().await.unwrap());
    for id in ["a", "b"] {
        let ask = client.put(&format!("/accounts/{id}"), json!({"balance": 10}));
        ask.go().await.is(201);
    }
    for round in 0..3 {
        let transfer = |id: &str, from: &str, to: &str| {
            let path = format!("/transfers/{id}{round}");
            tokio::spawn(client.put(&path, json!({"from": from, "to": to})).go())
        };
        let (there, back) = (transfer("x", "a", "b"), transfer("y", "b", "a"));
        there.await.unwrap().is(201);
        back.await.unwrap().is(201);
        for id in ["a", "b"] {
            let account = client.get(&format!("/accounts/{id}")).go().await;
            assert_eq!(account.is(200).json()["balance"], 10, "{id}, round {round}");
        }
    }
    place.end().await;
}

#[tokio::test]
async fn postgres() {
    deadlock(Service::Postgres).await;
}

#[tokio::test]
async fn mysql() {
    deadlock(Service::Mysql).await;
}

#[tokio::test]
async fn mongodb() {
    deadlock(Service::Mongodb).await;
}

/// Whoever has waited in vain for a lock is told so once, and not made to wait for it twenty times over.
#[cfg(feature = "mysql")]
#[tokio::test]
async fn a_lock_that_nobody_lets_go() {
    use sqlx::{Connection, Executor};
    let Some(place) = Place::on(Service::Mysql).await else {
        return;
    };
    let app = App::builder()
        .models(models![Account])
        .store("main", store::open(place.url()).await.unwrap());
    let client = Client::new(&app.build().await.unwrap());
    let put = || client.put("/accounts/a", json!({"balance": 1})).go();
    put().await.is(201);
    let mut other = sqlx::MySqlConnection::connect(place.url()).await.unwrap();
    other.execute("START TRANSACTION").await.unwrap();
    let lock = "SELECT * FROM accounts WHERE id = 'a' FOR UPDATE";
    other.execute(lock).await.unwrap();
    // The database itself gives up after 5 s, so this is longer than that and shorter than twice.
    let waited = tokio::time::timeout(Duration::from_secs(9), put());
    let refused = waited.await.expect("one wait").is(503);
    assert_eq!(refused.header("retry-after"), "1");
    other.execute("ROLLBACK").await.unwrap();
    put().await.is(200);
    place.end().await;
}
