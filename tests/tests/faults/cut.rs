//! Connections that are cut in the middle of something. What is known not to have been kept is done again; what may have been is not.

use larder_services::Service;
use larder_tests::Answer;
use serde_json::json;

use crate::place::Place;
use crate::proxy::{Break, Proxy};
use crate::shop::Shop;

/// A shop whose connections lead through a proxy, and the place of its tables.
async fn cuttable(service: Service) -> Option<(Shop, Proxy, Place)> {
    let place = Place::on(service).await?;
    let proxy = Proxy::start(place.server()).await;
    let shop = Shop::open(&place.through(proxy.address())).await;
    Some((shop, proxy, place))
}

/// That the store can't answer now, and when to ask again.
fn unavailable(answer: Answer) {
    let answer = answer.is(503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

/// The transaction has begun and not been committed, so nothing of it is kept, and all of it is run again.
async fn before_the_commit(service: Service) {
    let Some((shop, proxy, place)) = cuttable(service).await else {
        return;
    };
    let put = |id: &str| {
        let ask = shop
            .client
            .put(&format!("/orders/{id}"), json!({"text": "a"}));
        ask.go()
    };
    proxy.trap(Break::Before, "line-of-a", 1);
    put("a").await.is(201);
    assert_eq!((proxy.left(), shop.stop.runs()), (0, 2));
    assert!(shop.has_order("a").await);
    // Where it happens again and again, somebody has to be told.
    proxy.trap(Break::Before, "line-of-b", usize::MAX);
    unavailable(put("b").await);
    assert_eq!(shop.stop.runs(), 3);
    proxy.trap(Break::Before, "line-of-b", 0);
    assert!(!shop.has_order("b").await);
    put("b").await.is(201);
    assert!(shop.has_order("b").await);
    place.end().await;
}

/// Nobody can know of a commit whether it arrived. MongoDB knows its transactions by number and can be asked again, others can't.
async fn at_the_commit(service: Service, how: Break) {
    let Some((shop, proxy, place)) = cuttable(service).await else {
        return;
    };
    let (commit, asks_again) = match service {
        Service::Mongodb => ("commitTransaction", true),
        _ => ("COMMIT", false),
    };
    let put = || shop.client.put("/orders/a", json!({"text": "a"})).go();
    proxy.trap(how, commit, 1);
    let answer = put().await;
    assert_eq!((proxy.left(), shop.stop.runs()), (0, 1), "run again");
    if asks_again {
        answer.is(201);
    } else {
        unavailable(answer);
    }
    let kept = asks_again || how == Break::Answer;
    assert_eq!(shop.has_order("a").await, kept);
    put().await.is(if kept { 200 } else { 201 });
    place.end().await;
}

/// One statement by itself whose answer is lost was done, and is not done twice.
async fn a_statement_without_an_answer(service: Service) {
    let Some((shop, proxy, place)) = cuttable(service).await else {
        return;
    };
    let post = || {
        let line = json!({"id": "a", "text": "lost-answer"});
        shop.client.post("/lines", line).go()
    };
    proxy.trap(Break::Answer, "lost-answer", 1);
    let answer = post().await;
    assert_eq!(proxy.left(), 0);
    match service {
        // The driver sends it once more, and the server knows that it has done it.
        Service::Mongodb => drop(answer.is(201)),
        _ => unavailable(answer),
    }
    shop.client.get("/lines/a").go().await.is(200);
    post().await.is(409);
    place.end().await;
}

/// Reads change nothing, so they are done again.
async fn a_read(service: Service) {
    let Some((shop, proxy, place)) = cuttable(service).await else {
        return;
    };
    let line = json!({"text": "a"});
    shop.client.put("/lines/the-line", line).go().await.is(201);
    for how in [Break::Before, Break::Answer] {
        proxy.trap(how, "the-line", 1);
        let found = shop.client.get("/lines/the-line").go().await.is(200);
        assert_eq!(
            (found.json()["text"].as_str(), proxy.left()),
            (Some("a"), 0)
        );
    }
    place.end().await;
}

macro_rules! on_each_server {
    ($($name:ident => $service:expr),* $(,)?) => {
        $(mod $name {
            use super::*;

            #[tokio::test]
            async fn before_the_commit() {
                super::before_the_commit($service).await;
            }

            #[tokio::test]
            async fn before_the_commit_arrives() {
                at_the_commit($service, Break::Before).await;
            }

            #[tokio::test]
            async fn before_the_answer_to_the_commit() {
                at_the_commit($service, Break::Answer).await;
            }

            #[tokio::test]
            async fn a_statement_without_an_answer() {
                super::a_statement_without_an_answer($service).await;
            }

            #[tokio::test]
            async fn a_read() {
                super::a_read($service).await;
            }
        })*
    };
}

on_each_server!(
    postgres => Service::Postgres,
    mysql => Service::Mysql,
    mongodb => Service::Mongodb,
);
