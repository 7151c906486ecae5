//! All connections in use: who waits for one is told so, and whoever has them can go on.

use std::sync::Arc;
use std::time::Duration;

use larder::Store;
use larder_services::Service;
use larder_tests::Answer;
use serde_json::json;

use crate::place::Place;
use crate::proxy::{Break, Proxy};
use crate::shop::Shop;

/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_millis(500);

/// A store with as few connections as it works with.
async fn narrow(service: Service, url: &str) -> Arc<dyn Store> {
    match service {
        #[cfg(feature = "postgres")]
        Service::Postgres => {
            let store = larder_sql::PostgresStore::builder(url).connections(1);
            Arc::new(store.acquire_timeout(PATIENCE).open().await.unwrap())
        }
        #[cfg(feature = "mysql")]
        Service::Mysql => {
            let store = larder_sql::MySqlStore::builder(url).connections(1);
            Arc::new(store.acquire_timeout(PATIENCE).open().await.unwrap())
        }
        #[cfg(feature = "mongodb")]
        Service::Mongodb => {
            let store = larder_mongodb::MongoStore::builder(url).connections(2);
            Arc::new(store.patience(PATIENCE).open().await.unwrap())
        }
        #[allow(unreachable_patterns, reason = "with all features there is no other")]
        _ => unreachable!("there is no place on {service} without its feature {PATIENCE:?} {url}"),
    }
}

fn all_in_use(answer: Answer) {
    let answer = answer.is(503);
    assert_eq!(answer.header("retry-after"), "1");
    let detail = answer.json()["detail"].to_string();
    assert!(detail.contains("are in use; try again"), "{detail}");
}

/// A transaction keeps its connection from its first statement to its end.
async fn by_a_transaction(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    let shop = Shop::on(narrow(service, place.url()).await).await;
    let client = &shop.client;
    let held = tokio::spawn(client.put("/orders/held", json!({"text": "waits"})).go());
    shop.stop.reached.notified().await;
    let line = json!({"text": "a"});
    let asks = [
        client.get("/lines/a"),
        client.get("/lines"),
        client.put("/lines/a", line.clone()),
        client.put("/orders/a", line.clone()),
    ];
    for ask in asks {
        all_in_use(ask.go().await);
    }
    shop.stop.go.notify_one();
    held.await.unwrap().is(201);
    client.get("/lines/a").go().await.is(404);
    client.put("/orders/a", line).go().await.is(201);
    assert!(shop.has_order("held").await && shop.has_order("a").await);
    place.end().await;
}

/// MongoDB's transactions keep none between two commands, but writes that wait for one do: they must not keep it from its commit.
async fn by_writes_that_wait(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    let shop = Shop::on(narrow(service, place.url()).await).await;
    let client = &shop.client;
    let held = tokio::spawn(client.put("/orders/held", json!({"text": "waits"})).go());
    shop.stop.reached.notified().await;
    let after = tokio::spawn(
        client
            .put("/lines/line-of-held", json!({"text": "after"}))
            .go(),
    );
    // Once that one has its connection there is none for others.
    let refused = loop {
        let answer = client.get("/lines/a").go().await;
        if answer.status != 404 {
            break answer;
        }
    };
    all_in_use(refused);
    shop.stop.go.notify_one();
    held.await.unwrap().is(201);
    after.await.unwrap().is(200);
    assert!(shop.has_order("held").await);
    let line = client.get("/lines/line-of-held").go().await.json();
    assert_eq!(line["text"], "after");
    place.end().await;
}

/// Of commands in a transaction, too, none waits for a connection without an end: two calls have the two that there are, for their answers do
/// not come, and one of them is in a transaction.
async fn by_commands_that_are_not_answered(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    let proxy = Proxy::start(place.server()).await;
    let shop = Shop::on(narrow(service, &place.through(proxy.address())).await).await;
    let client = &shop.client;
    let line = json!({"text": "a"});
    proxy.trap(Break::Hold, "no-answer", 2);
    let read = tokio::spawn(client.get("/lines/no-answer").go());
    let write = tokio::spawn(client.put("/orders/no-answer", line.clone()).go());
    while proxy.left() > 0 {
        tokio::task::yield_now().await;
    }
    for ask in [
        client.put("/orders/a", line.clone()),
        client.get("/lines/a"),
        client.put("/lines/a", line.clone()),
    ] {
        all_in_use(ask.go().await);
    }
    proxy.let_go(2);
    read.await.unwrap().is(404);
    write.await.unwrap().is(201);
    assert!(shop.has_order("no-answer").await && !shop.has_order("a").await);
    client.put("/orders/a", line).go().await.is(201);
    assert!(shop.has_order("a").await);
    place.end().await;
}

#[tokio::test]
async fn postgres() {
    by_a_transaction(Service::Postgres).await;
}

#[tokio::test]
async fn mysql() {
    by_a_transaction(Service::Mysql).await;
}

#[tokio::test]
async fn mongodb() {
    by_writes_that_wait(Service::Mongodb).await;
}

#[tokio::test]
async fn mongodb_in_transactions() {
    by_commands_that_are_not_answered(Service::Mongodb).await;
}
