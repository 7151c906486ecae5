//! Paths: ids of all signs, routers that are nested, slashes at the end.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

use super::{Item, Number, client};

async fn odd_ids(backend: Backend) {
    let client = client(&backend).await;
    let body = json!({"title": "t", "size": 1});
    for (segment, id) in [
        ("a%2Fb", "a/b"),
        ("%C3%BC%E2%82%AC", "ü€"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("a%3Fb%23c", "a?b#c"),
        ("100%25", "100%"),
        ("it's", "it's"),
        ("%22quoted%22", "\"quoted\""),
        ("a%2C(b)", "a,(b)"),
    ] {
        let path = format!("/items/{segment}");
        let made = client.put(&path, body.clone()).go().await.is(201);
        assert_eq!(
            (made.json()["id"].as_str(), made.header("location")),
            (Some(id), path.as_str())
        );
        assert_eq!(client.get(&path).go().await.is(200).json()["id"], id);
        client.patch(&path, json!({"size": 2})).go().await.is(200);
        client.delete(&path).go().await.is(204);
        // POST says where it is in a form that works as it stands.
        let posted = client
            .post("/items", json!({"id": id, "title": "t", "size": 1}))
            .go()
            .await
            .is(201);
        assert_eq!(
            client
                .get(posted.header("location"))
                .go()
                .await
                .is(200)
                .json()["id"],
            id
        );
        client.delete(posted.header("location")).go().await.is(204);
    }
    let long = "x".repeat(255);
    client
        .put(&format!("/items/{long}"), body.clone())
        .go()
        .await
        .is(201);
    client.get(&format!("/items/{long}")).go().await.is(200);
    let too_long = "x".repeat(256);
    for impossible in [
        too_long.as_str(),
        "%FF",
        "a%00b",
        "a%0Ab",
        "_hidden",
        "%2E%2E",
    ] {
        let path = format!("/items/{impossible}");
        client.get(&path).go().await.is(404);
        client.put(&path, body.clone()).go().await.is(404);
        client.patch(&path, json!({})).go().await.is(404);
        client.delete(&path).go().await.is(404);
    }
    for no_number in ["x", "1.5", "9223372036854775808", "%20"] {
        client
            .get(&format!("/numbers/{no_number}"))
            .go()
            .await
            .is(404);
    }
    client
        .put("/numbers/-7", json!({"word": "w"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        client.get("/numbers/-7").go().await.is(200).json(),
        json!({"id": -7, "word": "w"})
    );
}

async fn nested_and_slashes(backend: Backend) {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let client = Client::of(axum::Router::new().nest("/api/v1", app.rest()));
    let posted = client
        .post("/api/v1/items", json!({"id": "p", "title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.header("location"), "/api/v1/items/p");
    let put = client
        .put("/api/v1/items/q", json!({"title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(put.header("location"), "/api/v1/items/q");
    let slash = client
        .post(
            "/api/v1/items/?x",
            json!({"id": "r", "title": "t", "size": 1}),
        )
        .go()
        .await
        .is(201);
    assert_eq!(slash.header("location"), "/api/v1/items/r");
    assert_eq!(
        client.get("/api/v1/items/").go().await.is(200).each("id"),
        [json!("p"), json!("q"), json!("r")]
    );
    client.get("/items").go().await.is(404);
    client.get("/api/v1/openapi.json").go().await.is(200);
}

/// A path may hold letters beyond ASCII as they are. A header may not.
async fn paths_beyond_ascii(backend: Backend) {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    let client = Client::of(axum::Router::new().nest("/dépôt", app.rest()));
    let item = json!({"title": "t", "size": 1});
    let put = client
        .put("/dépôt/items/é", item.clone())
        .go()
        .await
        .is(201);
    assert_eq!(put.json()["id"], "é");
    let location = "/d%C3%A9p%C3%B4t/items/%C3%A9";
    assert_eq!(put.header("location"), location);
    let posted = client
        .post("/dépôt/items", json!({"id": "ü", "title": "t", "size": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.header("location"), "/d%C3%A9p%C3%B4t/items/%C3%BC");
    let list = client.get("/dépôt/items?limit=1").go().await.is(200);
    let link = list.header("link");
    assert!(link.starts_with("</d%C3%A9p%C3%B4t/items?"), "{link}");
}

scenarios! {
    odd_ids, nested_and_slashes, paths_beyond_ascii,
}
