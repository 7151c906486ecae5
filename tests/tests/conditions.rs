//! `If-Match` and `If-None-Match` on writes, with and without hooks: no update is lost.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, rounds, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", id(client), rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: String,
    number: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    number: i64,
}

#[model_impl]
impl Hooked {
    #[before(save, delete)]
    async fn wait(&mut self) -> Result<()> {
        tokio::task::yield_now().await;
        Ok(())
    }
}

const KINDS: [&str; 2] = ["plain", "hooked"];

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Plain, Hooked])
        .store("main", backend.store())
        .build()
        .await
        .unwrap();
    Client::new(&app)
}

async fn write(client: &Client, method: &str, path: &str, header: &str, value: &str) -> Answer {
    let ask = client.ask(method, path).header(header, value);
    if method == "DELETE" {
        ask.go().await
    } else {
        ask.json(&json!({"number": 2})).go().await
    }
}

async fn on_a_record_that_is_there(backend: Backend) {
    let client = client(&backend).await;
    for kind in KINDS {
        let path = format!("/{kind}/x");
        for method in ["PUT", "PATCH", "DELETE"] {
            let fresh = async || {
                client.delete(&path).go().await;
                client
                    .put(&path, json!({"number": 1}))
                    .go()
                    .await
                    .is(201)
                    .etag()
            };
            let done = if method == "DELETE" { 204 } else { 200 };
            let tag = fresh().await;
            for (header, value, status) in [
                ("if-match", "\"ff\"".to_owned(), 412),
                ("if-match", format!("W/{tag}"), 412),
                ("if-match", String::new(), 412),
                ("if-match", "nonsense".to_owned(), 400),
                ("if-none-match", "nonsense".to_owned(), 400),
                ("if-match", "\"1\", *".to_owned(), 400),
                ("if-none-match", tag.clone(), 412),
                ("if-none-match", format!("W/{tag}"), 412),
                ("if-none-match", "*".to_owned(), 412),
                ("if-none-match", format!("\"1\", {tag}"), 412),
            ] {
                let refused = write(&client, method, &path, header, &value).await;
                assert_eq!(
                    refused.status,
                    status,
                    "{kind} {method} {header}: {value}: {}",
                    refused.text()
                );
                let still = client.get(&path).go().await.is(200);
                assert_eq!(
                    (still.etag(), &still.json()["number"]),
                    (tag.clone(), &json!(1))
                );
            }
            write(&client, method, &path, "if-match", &tag)
                .await
                .is(done);
            let tag = fresh().await;
            write(
                &client,
                method,
                &path,
                "if-match",
                &format!("\"ff\", {tag}"),
            )
            .await
            .is(done);
            fresh().await;
            write(&client, method, &path, "if-match", "*")
                .await
                .is(done);
            fresh().await;
            write(&client, method, &path, "if-none-match", "\"ff\"")
                .await
                .is(done);
        }
    }
}

async fn on_a_record_that_is_not_there(backend: Backend) {
    let client = client(&backend).await;
    for kind in KINDS {
        let path = format!("/{kind}/x");
        for header in ["if-match", "if-none-match"] {
            for value in ["*", "\"1\""] {
                write(&client, "PATCH", &path, header, value).await.is(404);
                write(&client, "DELETE", &path, header, value).await.is(404);
            }
        }
        for value in ["*", "\"1\"", "W/\"1\""] {
            write(&client, "PUT", &path, "if-match", value)
                .await
                .is(412);
            client.get(&path).go().await.is(404);
        }
        for value in ["*", "\"1\""] {
            write(&client, "PUT", &path, "if-none-match", value)
                .await
                .is(201);
            client.delete(&path).go().await.is(204);
        }
        let both = client
            .put(&path, json!({"number": 1}))
            .header("if-match", "*")
            .header("if-none-match", "*");
        both.go().await.is(412);
        client.get(&path).go().await.is(404);
    }
}

async fn two_lines_of_one_header(backend: Backend) {
    let client = client(&backend).await;
    let tag = client
        .put("/plain/x", json!({"number": 1}))
        .go()
        .await
        .etag();
    let ask = client
        .put("/plain/x", json!({"number": 2}))
        .header("if-match", "\"ff\"")
        .header("if-match", &tag);
    ask.go().await.is(200);
}

/// A version is never used again, so a tag from before a delete does not fit the record that came after.
async fn deleted_and_made_again(backend: Backend) {
    let client = client(&backend).await;
    for kind in KINDS {
        let path = format!("/{kind}/x");
        let mut seen = Vec::new();
        for _ in 0..20 {
            let made = client
                .put(&path, json!({"number": 1}))
                .go()
                .await
                .is(201)
                .etag();
            let changed = client
                .put(&path, json!({"number": 1}))
                .go()
                .await
                .is(200)
                .etag();
            for tag in [made, changed] {
                assert!(!seen.contains(&tag), "{kind}: {tag} came twice");
                seen.push(tag);
            }
            client.delete(&path).go().await.is(204);
        }
        client.put(&path, json!({"number": 1})).go().await.is(201);
        for old in seen {
            write(&client, "PUT", &path, "if-match", &old).await.is(412);
            write(&client, "DELETE", &path, "if-match", &old)
                .await
                .is(412);
        }
    }
}

async fn race(backend: Backend, rounds: usize) {
    let client = client(&backend).await;
    for kind in KINDS {
        let path = format!("/{kind}/x");
        let mut tag = client
            .put(&path, json!({"number": 0}))
            .go()
            .await
            .is(201)
            .etag();
        for round in 0..rounds {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let method = if writer % 2 == 0 { "PUT" } else { "PATCH" };
                    let ask = client
                        .ask(method, &path)
                        .json(&json!({"number": round * 4 + writer}));
                    tokio::spawn(ask.header("if-match", &tag).go())
                })
                .collect();
            let mut won = Vec::new();
            for writer in writers {
                let answer = writer.await.unwrap();
                match answer.status {
                    200 => won.push(answer),
                    412 => {}
                    other => panic!("{kind}: {other} {}", answer.text()),
                }
            }
            assert_eq!(won.len(), 1, "{kind}, round {round}");
            let now = client.get(&path).go().await.is(200);
            assert_eq!((now.etag(), now.json()), (won[0].etag(), won[0].json()));
            tag = now.etag();
        }
    }
}

/// Of writers who all have seen the same version, exactly one wins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_winner_in_memory() {
    race(Backend::memory(), rounds(200, 1_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_winner_in_sqlite() {
    race(Backend::sqlite().await, rounds(200, 1_000)).await;
}

async fn create_race(backend: Backend) {
    let client = client(&backend).await;
    for kind in KINDS {
        for round in 0..50 {
            let path = format!("/{kind}/new{round}");
            let ask = |number: i32| {
                client
                    .put(&path, json!({"number": number}))
                    .header("if-none-match", "*")
                    .go()
            };
            let (one, other) = tokio::join!(tokio::spawn(ask(1)), tokio::spawn(ask(2)));
            let mut statuses = [one.unwrap().status, other.unwrap().status];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 412], "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_creator_in_memory() {
    create_race(Backend::memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_creator_in_sqlite() {
    create_race(Backend::sqlite().await).await;
}

scenarios! {
    on_a_record_that_is_there, on_a_record_that_is_not_there, two_lines_of_one_header, deleted_and_made_again,
}
