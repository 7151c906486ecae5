//! Writes by somebody who may write a record and not read it: they are done, and nothing of the record comes back.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

/// Anybody may drop something in or change it; only the owner of the box reads.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/letters", timestamps)]
#[model(rules(read = "$actor.role=owner", create = "true", update = "true"))]
struct Letter {
    #[model(id)]
    id: String,
    text: String,
    #[serde(default)]
    answer: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Letter])
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .build()
        .await
        .unwrap();
    Client::new(&app)
}

async fn no_record_comes_back(backend: Backend) {
    let client = client(&backend).await;
    let owner = "ann; role=owner";

    let put = client
        .put("/letters/a", json!({"text": "one", "answer": "hidden"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        (put.text().as_str(), put.header("location")),
        ("", "/letters/a")
    );
    let posted = client
        .post("/letters", json!({"text": "two"}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.text(), "");
    assert!(posted.header("location").starts_with("/letters/"));

    let patched = client
        .patch("/letters/a", json!({"text": "three"}))
        .go()
        .await
        .is(204);
    assert_eq!(patched.text(), "");
    let kept = client.get("/letters/a").by(owner).go().await.is(200);
    assert_eq!(kept.json()["answer"], "hidden");
    assert_eq!(kept.etag(), patched.etag());
    let replaced = client
        .put("/letters/a", json!({"text": "four"}))
        .go()
        .await
        .is(204);
    assert_eq!(replaced.text(), "");

    let seen = client
        .put("/letters/a", json!({"text": "five"}))
        .by(owner)
        .go()
        .await
        .is(200);
    assert_eq!(seen.json()["text"], "five");
}

scenarios! { no_record_comes_back }
