//! Reading over REST: one record, conditions, media types; lists, and paths of every kind.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[path = "rest_read/lists.rs"]
mod lists;
#[path = "rest_read/paths.rs"]
mod paths;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/items", id(client), rules(read = "true", write = "true"))]
#[model(search(title = contains, size = scan(eq), tag = eq, note = starts_with), sort(title, size))]
struct Item {
    #[model(id)]
    id: String,
    title: String,
    #[model(index)]
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    note: Option<String>,
    /// Neither searchable nor sortable.
    #[serde(default)]
    other: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/numbers", rules(read = "true", write = "true"))]
struct Number {
    #[model(id)]
    id: i64,
    word: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Item, Number])
        .store("main", backend.store());
    Client::new(&app.identity(DevelopmentHeader).build().await.unwrap())
}

async fn with_items(backend: &Backend, count: i64) -> Client {
    let client = client(backend).await;
    for at in 0..count {
        let item = json!({"title": format!("item {at:03}"), "size": at % 5, "tag": if at % 2 == 0 { "even" } else { "odd" }});
        client
            .put(&format!("/items/{at:03}"), item)
            .go()
            .await
            .is(201);
    }
    client
}

async fn one_record(backend: Backend) {
    let client = with_items(&backend, 2).await;
    let got = client.get("/items/001").go().await.is(200);
    let expected = json!({"id": "001", "title": "item 001", "size": 1, "tag": "odd", "note": null, "other": 0});
    assert_eq!(got.json(), expected);
    assert_eq!(got.header("content-type"), "application/json");
    assert!(
        got.etag().starts_with('"') && got.etag().ends_with('"'),
        "{}",
        got.etag()
    );
    let head = client.ask("HEAD", "/items/001").go().await.is(200);
    assert_eq!((head.etag(), head.body.len()), (got.etag(), 0));
    assert_eq!(head.header("content-length"), got.body.len().to_string());
    let absent = client.get("/items/none").go().await.is(404);
    assert_eq!(absent.header("content-type"), "application/problem+json");
    let problem = absent.json();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["message"], problem["detail"]);
    assert_eq!(problem["errors"], json!([]));
    client.ask("HEAD", "/items/none").go().await.is(404);
}

async fn conditional_reads(backend: Backend) {
    let client = with_items(&backend, 1).await;
    let tag = client.get("/items/000").go().await.etag();
    let ask = |name: &str, value: &str| client.get("/items/000").header(name, value).go();
    for same in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = ask("if-none-match", &same).await.is(304);
        assert_eq!((answer.etag(), answer.body.len()), (tag.clone(), 0));
    }
    ask("if-none-match", "\"ff\"").await.is(200);
    ask("if-none-match", "not a tag").await.is(200);
    ask("if-match", &tag).await.is(200);
    ask("if-match", "*").await.is(200);
    ask("if-match", "\"ff\"").await.is(412);
    // Weak tags never match strongly (RFC 9110, 13.1.1).
    ask("if-match", &format!("W/{tag}")).await.is(412);
    let head = client
        .ask("HEAD", "/items/000")
        .header("if-none-match", &tag)
        .go()
        .await
        .is(304);
    assert_eq!(head.etag(), tag);
    // It would be that of the record (RFC 9110, 8.6), and none is said.
    assert!(!head.headers.contains_key("content-length"));
    client
        .get("/items/none")
        .header("if-none-match", "*")
        .go()
        .await
        .is(404);
    client
        .get("/items/none")
        .header("if-match", "*")
        .go()
        .await
        .is(404);
}

async fn options(backend: Backend) {
    let client = client(&backend).await;
    let item = client.ask("OPTIONS", "/items/x").go().await.is(204);
    assert_eq!(
        item.header("allow"),
        "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
    );
    assert_eq!(
        item.header("accept-patch"),
        "application/merge-patch+json, application/json, application/json-patch+json"
    );
    let list = client.ask("OPTIONS", "/items").go().await.is(204);
    assert_eq!(
        (list.header("allow"), list.header("accept-patch")),
        ("GET, HEAD, POST, OPTIONS", "")
    );
}

async fn media_types(backend: Backend) {
    let client = with_items(&backend, 1).await;
    for path in ["/items", "/items/000"] {
        for (accept, status) in [
            ("*/*", 200),
            ("application/json", 200),
            ("text/html, application/*;q=0.5", 200),
            ("text/html", 406),
            ("application/json;q=0", 406),
        ] {
            let answer = client
                .get(path)
                .header("accept", accept)
                .go()
                .await
                .is(status);
            if status == 406 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
        }
    }
    // What is refused is refused before it is done.
    client
        .delete("/items/000")
        .header("accept", "text/html")
        .go()
        .await
        .is(406);
    client.get("/items/000").go().await.is(200);
}

scenarios! {
    one_record, conditional_reads, options, media_types,
}
