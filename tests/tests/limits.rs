//! What a client can't do to a server, however it asks: no panic, no 5xx, no answer that outgrows its request.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", timestamps)]
#[model(rules(read = "true", create = "true", update = "true"))]
#[model(search(text = eq, size = eq), sort(text, size))]
struct Note {
    #[model(id)]
    id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    size: i64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    forms: Vec<Form>,
    #[serde(default)]
    counts: BTreeMap<String, u8>,
}

/// Any of two forms, which nothing in a value tells apart.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Form {
    Number { at: u8 },
    Text { at: String },
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Note])
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .build()
        .await
        .unwrap();
    Client::new(&app)
}

async fn list(client: &Client, query: &str) -> Answer {
    client.get(&format!("/notes?{query}")).go().await
}

async fn sort_keys_of_any_letters(backend: Backend) {
    let client = client(&backend).await;
    for query in [
        "sortBy=%C3%A9",
        "sort(%C3%A9)",
        "sort=-%C3%A9",
        "sort=-",
        "sort=%2B",
    ] {
        let problem = list(&client, query).await.is(400).json();
        assert_eq!(problem["errors"][0]["field"], "sortBy", "{query}");
    }
    for query in ["sort=+text", "sort=%2Btext,-size", "sort(-text,size)"] {
        list(&client, query).await.is(200);
    }
    // A field that comes again decides nothing, and a store takes only so many keys.
    list(&client, &format!("sort={}", "size,".repeat(600)))
        .await
        .is(200);
}

async fn what_is_wrong_with_a_query_is_said_once(backend: Backend) {
    let problem = list(&client(&backend).await, "text=((")
        .await
        .is(400)
        .json();
    assert_eq!(
        problem["message"],
        "at byte 6: this `(` is never closed; add `)`\ntext=((\n      ^"
    );
}

async fn long_queries(backend: Backend) {
    let client = client(&backend).await;
    let too_many = vec!["size=1"; 257].join("&");
    let problem = list(&client, &too_many).await.is(400).json();
    let detail = |problem: &serde_json::Value| problem["detail"].as_str().unwrap().to_owned();
    let expected = "there are more than 256 conditions";
    assert!(detail(&problem).contains(expected), "{problem}");
    let half = vec!["size=1"; 129].join("|");
    let problem = list(&client, &format!("({half})&({half})")).await.is(400);
    let problem = problem.json();
    assert!(detail(&problem).contains(expected), "{problem}");
    // What is long is not sent back.
    assert!(detail(&problem).len() < 100, "{problem}");
    list(&client, &vec!["size=1"; 256].join("&")).await.is(200);

    let too_long = format!("text={}", "a".repeat(4092));
    assert_eq!(too_long.len(), 4097);
    let problem = list(&client, &too_long).await.is(400).json();
    assert_eq!(
        problem["detail"],
        "the query string is longer than 4096 bytes"
    );
    list(&client, &too_long[..4096]).await.is(200);
}

async fn filters_after_a_limit(backend: Backend) {
    let client = client(&backend).await;
    for query in ["limit(5)&size=1", "size=1&limit(5,1)&text=a"] {
        let problem = list(&client, query).await.is(400).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("a condition stands before limit(..)"),
            "{detail}"
        );
    }
    let problem = list(&client, "limit(5)&sort(size)").await.is(400).json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("sort(..) stands before limit(..)"),
        "{detail}"
    );
    for query in ["size=1&limit(5)", "limit=5&size=1", "limit=5&sort(size)"] {
        list(&client, query).await.is(200);
    }
}

fn is_short(answer: &Answer, most: usize) {
    let faults = answer.json()["errors"].as_array().map(Vec::len);
    assert!(
        faults.is_some_and(|faults| (100..200).contains(&faults)),
        "{faults:?}"
    );
    assert!(answer.body.len() < most, "{} bytes", answer.body.len());
}

async fn bodies_full_of_faults(backend: Backend) {
    let client = client(&backend).await;
    let entries = |entry: &Value, count: usize| Value::from(vec![entry.clone(); count]);
    let numbers = json!({"tags": entries(&json!(0), 500_000)});
    is_short(
        &client.post("/notes", numbers.clone()).go().await.is(422),
        20_000,
    );
    is_short(
        &client.put("/notes/a", numbers.clone()).go().await.is(422),
        20_000,
    );
    client.put("/notes/b", json!({})).go().await.is(201);
    is_short(
        &client.patch("/notes/b", numbers).go().await.is(422),
        20_000,
    );

    let forms = json!({"forms": entries(&json!({"at": []}), 80_000)});
    is_short(&client.post("/notes", forms).go().await.is(422), 40_000);

    let unknown: serde_json::Map<String, Value> = (0..100_000)
        .map(|at| (format!("k{at:x}"), Value::from(0)))
        .collect();
    is_short(
        &client.post("/notes", unknown.into()).go().await.is(422),
        20_000,
    );
}

async fn refusals_keep_their_headers(backend: Backend) {
    let client = client(&backend).await;
    let refused = client.ask("PATCH", "/notes").go().await.is(501);
    assert_eq!(refused.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let refused = client
        .ask("PATCH", "/notes/a")
        .raw("a=1")
        .header("content-type", "text/plain");
    assert_eq!(
        refused.go().await.is(415).header("accept-patch"),
        "application/merge-patch+json, application/json, application/json-patch+json"
    );
}

/// A merge patch costs by its length, not by its length times that of what it changes.
async fn a_merge_of_many_members(backend: Backend) {
    let client = client(&backend).await;
    client.put("/notes/a", json!({})).go().await.is(201);
    let members = |from: u32| -> serde_json::Map<String, Value> {
        (from..from + 50_000)
            .map(|at| (format!("k{at:x}"), Value::from(1)))
            .collect()
    };
    let begun = Instant::now();
    for from in [0, 25_000] {
        let counts = json!({"counts": members(from)});
        client.patch("/notes/a", counts).go().await.is(200);
    }
    assert!(begun.elapsed() < Duration::from_secs(30));
    let read = client.get("/notes/a").go().await.is(200).json();
    assert_eq!(read["counts"].as_object().unwrap().len(), 75_000);
}

async fn conditions_of_many_tags(backend: Backend) {
    let client = client(&backend).await;
    client.put("/notes/a", json!({})).go().await.is(201);
    let tags = vec!["\"1\""; 40_000].join(",");
    for name in ["if-match", "if-none-match"] {
        let ask = client.put("/notes/a", json!({})).header(name, &tags);
        let refused = ask.go().await.is(400).json();
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.ends_with("more than 256 entity tags"), "{detail}");
    }
}

scenarios! {
    a_merge_of_many_members, conditions_of_many_tags,
    what_is_wrong_with_a_query_is_said_once, sort_keys_of_any_letters,
    long_queries,
    filters_after_a_limit,
    bodies_full_of_faults,
    refusals_keep_their_headers,
}
