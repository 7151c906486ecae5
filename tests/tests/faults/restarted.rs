//! A server that was restarted while nobody asked: the app finds out by itself, and no request has to be made twice.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use larder_services::Service;
use larder_tests::{Logs, rounds};
use serde_json::json;

use crate::controlled::{Controlled, End};
use crate::shop::Shop;

/// The first request after a restart, for each restart another one.
async fn between_requests(service: Service, ends: &[End], firsts: &[&str]) {
    let Some(server) = Controlled::start(service).await else {
        return;
    };
    let shop = Shop::open(&server.url()).await;
    let client = &shop.client;
    let line = json!({"text": "a"});
    client.put("/lines/a", line.clone()).go().await.is(201);
    for first in firsts {
        // So that several connections wait.
        let reads = (0..8).map(|_| tokio::spawn(client.get("/lines/a").go()));
        for read in join_all(reads).await {
            read.unwrap().is(200);
        }
        for end in ends {
            server.end(*end);
        }
        server.begin().await;
        let (ask, status) = match *first {
            "PUT" => (client.put("/lines/a", line.clone()), 200),
            "POST" => (client.post("/lines", json!({"id": "b", "text": "b"})), 201),
            "GET" => (client.get("/lines/a"), 200),
            "list" => (client.get("/lines"), 200),
            _ => (client.put("/orders/a", line.clone()), 201),
        };
        let answer = ask.go().await;
        assert_eq!(answer.status, status, "{first}: {}", answer.text());
    }
}

/// What is asked first: some of it can be asked again, of some nobody would know whether it was done.
const FIRSTS: [&str; 5] = ["PUT", "POST", "GET", "list", "transaction"];

#[tokio::test]
async fn postgres() {
    between_requests(Service::Postgres, &[End::Stop], &FIRSTS).await;
}

#[tokio::test]
async fn mysql() {
    between_requests(Service::Mysql, &[End::Stop], &FIRSTS).await;
}

/// All three of them, so that there is another primary or none.
#[tokio::test]
async fn mongodb() {
    let ends = [End::KillOne(0), End::KillOne(1), End::KillOne(2)];
    // Three servers take their time to start.
    let firsts = ["transaction", "PUT", "POST", "GET", "list"];
    let firsts = firsts.get(..rounds(1, 5)).unwrap_or(&firsts);
    between_requests(Service::Mongodb, &ends, firsts).await;
}

/// Requests that begin while the server is away for a moment wait for it. Nothing of them was sent, so nobody has to guess.
async fn waited_for(service: Service) {
    let logs = Logs::default();
    let _guard = tracing::subscriber::set_default(logs.clone());
    let Some(server) = Controlled::start(service).await else {
        return;
    };
    let shop = Shop::on(patient(service, &server.url()).await).await;
    let client = &shop.client;
    let line = json!({"text": "a"});
    client.put("/lines/a", line.clone()).go().await.is(201);
    server.end(End::Kill(0));
    // The first one finds out that the connection is dead, so it is one that can be made again.
    let first = tokio::spawn(client.get("/lines/a").go());
    while !logs.text().contains("the database is away") {
        assert!(!first.is_finished(), "{}", logs.text());
        tokio::task::yield_now().await;
    }
    let asks = [
        client.put("/lines/a", line.clone()).header("if-match", "*"),
        client.put("/lines/b", line.clone()),
        client.post("/lines", json!({"id": "c", "text": "c"})),
        client.put("/orders/a", line.clone()),
        client.get("/lines"),
    ];
    let asked: Vec<_> = asks.into_iter().map(|ask| tokio::spawn(ask.go())).collect();
    server.begin().await;
    first.await.unwrap().is(200);
    let answers = join_all(asked).await;
    let statuses: Vec<u16> = answers.into_iter().map(|one| one.unwrap().status).collect();
    assert_eq!(statuses, [200, 201, 201, 201, 200]);
    assert!(shop.has_order("a").await);
    assert!(logs.text().contains("the database is back"));
}

/// A store that waits for its server for longer than a busy machine takes to start it.
async fn patient(service: Service, url: &str) -> Arc<dyn larder::Store> {
    let long = Duration::from_secs(60);
    match service {
        #[cfg(feature = "postgres")]
        Service::Postgres => {
            let store = larder_sql::PostgresStore::builder(url).patience(long);
            Arc::new(store.open().await.unwrap())
        }
        #[cfg(feature = "mysql")]
        Service::Mysql => {
            let store = larder_sql::MySqlStore::builder(url).patience(long);
            Arc::new(store.open().await.unwrap())
        }
        #[allow(
            clippy::match_wildcard_for_single_variants,
            reason = "without all features it stands for others too"
        )]
        _ => panic!("{service} at {url} is not waited for {long:?}"),
    }
}

#[tokio::test]
async fn postgres_is_waited_for() {
    waited_for(Service::Postgres).await;
}

#[tokio::test]
async fn mysql_is_waited_for() {
    waited_for(Service::Mysql).await;
}
