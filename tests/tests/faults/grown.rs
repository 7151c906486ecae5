//! Records that grow write by write: no body is long, and no record gets larger than the app says, on whichever store.

use std::collections::BTreeMap;

use larder::ErrorKind;
use larder::prelude::*;
use larder_services::Service;
use larder_tests::{Answer, Backend, Client};
use serde_json::{Value, json};

use crate::place::Place;

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/sheets", id(client), rules(read = "true", write = "true"))]
struct Sheet {
    #[model(id)]
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    c: String,
    #[serde(default)]
    n: i64,
    #[model(server_only)]
    #[serde(default)]
    hidden: Secret<String>,
}

/// The longest body, and the largest record.
const BODY: usize = 10_000;
const RECORD: usize = 40_000;

/// Asks again and again until it is refused; how often it was not.
async fn until_refused(client: &Client, ask: impl AsyncFn(usize) -> Answer) -> usize {
    for count in 0..20 {
        let before = client.get("/sheets/s").go().await.is(200).json();
        let answer = ask(count).await;
        if answer.status == 413 {
            assert!(answer.text().contains("larger than a record may be"));
            let after = client.get("/sheets/s").go().await.is(200).json();
            assert_eq!(after, before, "what is refused leaves all as it was");
            return count;
        }
        answer.is(200);
    }
    panic!("it grows without an end");
}

async fn grown(store: impl larder::IntoStore) {
    let app = App::builder()
        .models(models![Sheet])
        .store("main", store)
        .body_limit(BODY)
        .record_limit(RECORD)
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    let system = app.as_system("test");
    let patch = async |operations: Value| {
        let patch = client.patch("/sheets/s", operations);
        let patch = patch.header("content-type", "application/json-patch+json");
        patch.go().await
    };
    let begin = async || {
        client.put("/sheets/s", json!({})).go().await;
    };
    // As much as there may be, of what a client has no say in: it does not count, and is not found out.
    let hidden = Sheet {
        id: "s".to_owned(),
        hidden: Secret::new("x".repeat(RECORD - 1_000)),
        ..Sheet::default()
    };
    system.create(&hidden).await.unwrap();
    let text = "x".repeat(5_000);

    let more = async |_| patch(json!([{"op": "add", "path": "/tags/-", "value": text}])).await;
    let added = until_refused(&client, more).await;
    assert_eq!(added, 7);
    // Others see to it too, and what makes it smaller is never refused.
    let long = json!({"a": "x".repeat(9_000)});
    client.patch("/sheets/s", long.clone()).go().await.is(413);
    client.patch("/sheets/s", json!({"n": 1})).go().await.is(200);
    patch(json!([{"op": "remove", "path": "/tags/0"}])).await.is(200);
    patch(json!([{"op": "remove", "path": "/tags/0"}])).await.is(200);
    client.patch("/sheets/s", long).go().await.is(200);

    begin().await;
    let more = async |count: usize| {
        let member = BTreeMap::from([(format!("m{count}"), &text)]);
        client.patch("/sheets/s", json!({ "notes": member })).go().await
    };
    assert_eq!(until_refused(&client, more).await, 7);

    begin().await;
    let fields = ["a", "b", "c", "tags"];
    let more = async |count: usize| {
        let long = "x".repeat(9_900);
        let value = match fields[count % 4] {
            "tags" => json!([&long[100..], "of those that are set at once"]),
            _ => json!(long),
        };
        let field = BTreeMap::from([(fields[count % 4], value)]);
        client.patch("/sheets/s", json!(field)).go().await
    };
    let all = async |count: usize| match count {
        0..4 => more(count).await,
        _ => patch(json!([{"op": "add", "path": "/tags/-", "value": text}])).await,
    };
    assert_eq!(until_refused(&client, all).await, 4);

    // Code in the process adds to a list without a look at the record, and not for ever.
    let long = "x".repeat(5 * 1024 * 1024);
    let mut pushed = 0;
    let refused = loop {
        match system.update::<Sheet>("s").push(Sheet::TAGS, &*long).await {
            Ok(_) => pushed += 1,
            Err(error) => break error,
        }
        assert!(pushed < 4, "it grows without an end");
    };
    assert_eq!(refused.kind(), ErrorKind::TooLarge, "{refused:?}");
    let sheet = system.get::<Sheet>("s").await.unwrap();
    assert_eq!(sheet.tags.len(), 2 + pushed);
}

async fn on_a_server(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    grown(store::open(place.url()).await.unwrap()).await;
    place.end().await;
}

#[tokio::test]
async fn memory() {
    grown(Backend::memory().store()).await;
}

#[tokio::test]
async fn sqlite() {
    let backend = Backend::sqlite().await;
    grown(backend.store()).await;
}

#[tokio::test]
async fn postgres() {
    on_a_server(Service::Postgres).await;
}

#[tokio::test]
async fn mysql() {
    on_a_server(Service::Mysql).await;
}

#[tokio::test]
async fn mongodb() {
    on_a_server(Service::Mongodb).await;
}
