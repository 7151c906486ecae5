//! PATCH by a JSON Patch (RFC 6902) over REST: what it changes, how it fails, and that it shows nothing hidden.

use larder::prelude::*;
use larder_tests::{Answer, Ask, Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Address {
    city: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/people", id(client), timestamps)]
#[model(rules(read = "true", create = "true", write = "owner=$actor.id"))]
struct Person {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: Option<String>,
    #[schemars(length(min = 1, max = 20))]
    name: String,
    #[serde(default = "blue")]
    colour: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    address: Option<Address>,
    #[serde(default)]
    tags: Vec<String>,
    #[model(read_only)]
    score: i64,
    #[model(server_only)]
    pin: Secret<String>,
    /// Called as a member of a patch's operation is.
    #[model(server_only)]
    path: Secret<String>,
}

fn blue() -> String {
    "blue".to_owned()
}

/// The same with hooks, so that its writes take a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/counters", id(client), rules(read = "true", write = "true"))]
struct Counter {
    #[model(id)]
    id: String,
    #[serde(default)]
    count: i64,
    #[serde(default)]
    log: Vec<i64>,
}

#[model_impl]
impl Counter {
    #[before(update)]
    fn remember(&mut self) -> Result<()> {
        if self.count == 13 {
            return Err(Error::denied(418, "unlucky"));
        }
        self.log.push(self.count);
        Ok(())
    }
}

/// Anybody may write, and only Ann may read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/letters",
    id(client),
    rules(read = "$actor.id=ann", write = "true")
)]
struct Letter {
    #[model(id)]
    id: String,
    text: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Person, Counter, Letter])
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .body_limit(20_000)
        .build()
        .await
        .unwrap();
    Client::new(&app)
}

fn asked(client: &Client, path: &str, patch: &Value) -> Ask {
    client
        .ask("PATCH", path)
        .raw(patch.to_string())
        .header("content-type", "application/json-patch+json; charset=utf-8")
        .by("ann")
}

async fn patch(client: &Client, path: &str, patch: Value) -> Answer {
    asked(client, path, &patch).go().await
}

async fn with_ann(backend: &Backend) -> (Client, Answer) {
    let client = client(backend).await;
    let body =
        json!({"name": "Ann", "tags": ["a", "b"], "address": {"city": "Rome"}, "colour": "red"});
    let made = client.put("/people/ann", body).by("ann").go().await.is(201);
    (client, made)
}

async fn it_changes_the_record(backend: Backend) {
    let (client, made) = with_ann(&backend).await;
    let operations = json!([
        {"op": "test", "path": "/name", "value": "Ann"},
        {"op": "replace", "path": "/name", "value": "Bea"},
        {"op": "add", "path": "/tags/1", "value": "x"},
        {"op": "add", "path": "/tags/-", "value": "y"},
        {"op": "remove", "path": "/colour"},
        {"op": "add", "path": "/address/street", "value": "Via Appia"},
        {"op": "copy", "from": "/address/street", "path": "/note"},
    ]);
    let patched = patch(&client, "/people/ann", operations).await.is(200);
    let body = patched.json();
    assert_eq!(body["name"], "Bea");
    assert_eq!(body["tags"], json!(["a", "x", "b", "y"]));
    assert_eq!(body["colour"], "blue", "what is removed gets its default");
    assert_eq!(
        body["address"],
        json!({"city": "Rome", "street": "Via Appia"})
    );
    assert_eq!(body["note"], "Via Appia");
    assert_eq!((&body["owner"], &body["score"]), (&json!("ann"), &json!(0)));
    assert_ne!(body["_updated"], made.json()["_updated"]);
    assert_ne!(patched.etag(), made.etag());
    let got = client.get("/people/ann").go().await.is(200);
    assert_eq!((got.json(), got.etag()), (body, patched.etag()));
}

async fn a_patch_that_only_tests_changes_nothing(backend: Backend) {
    let (client, made) = with_ann(&backend).await;
    for operations in [
        json!([]),
        json!([{"op": "test", "path": "/tags", "value": ["a", "b"]}]),
    ] {
        let answer = patch(&client, "/people/ann", operations).await.is(200);
        assert_eq!((answer.etag(), answer.json()), (made.etag(), made.json()));
    }
}

async fn all_or_nothing(backend: Backend) {
    let (client, made) = with_ann(&backend).await;
    let rename = json!({"op": "replace", "path": "/name", "value": "Bea"});
    for (second, status, faults) in [
        (
            json!({"op": "test", "path": "/colour", "value": "green"}),
            409,
            vec!["/1/path test"],
        ),
        (
            json!({"op": "remove", "path": "/tags/2"}),
            409,
            vec!["/1/path path"],
        ),
        (
            json!({"op": "replace", "path": "/note", "value": "n"}),
            409,
            vec!["/1/path path"],
        ),
        (
            json!({"op": "replace", "path": "/name", "value": ""}),
            422,
            vec!["/name minLength"],
        ),
        (
            json!({"op": "remove", "path": "/name"}),
            422,
            vec!["/name required"],
        ),
        (
            json!({"op": "add", "path": "/tags/0", "value": 1}),
            422,
            vec!["/tags/0 type"],
        ),
        (
            json!({"op": "remove", "path": "/address/city"}),
            422,
            vec!["/address/city required"],
        ),
        (
            json!({"op": "increment", "path": "/name"}),
            400,
            vec!["/1/op patch"],
        ),
    ] {
        let answer = patch(&client, "/people/ann", json!([rename, second])).await;
        assert_eq!(
            (answer.status, answer.faults()),
            (
                status,
                faults.iter().map(|fault| (*fault).to_owned()).collect()
            ),
            "{second}"
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let got = client.get("/people/ann").go().await;
    assert_eq!((got.etag(), got.json()), (made.etag(), made.json()));
}

/// Answers about a field that a client can't write, with its name taken out.
async fn hidden_fields_do_not_exist(backend: Backend) {
    let (client, _) = with_ann(&backend).await;
    let mut answers = Vec::new();
    for name in [
        "pin",
        "qqq",
        "score",
        "owner",
        "id",
        "_created",
        "constructor",
    ] {
        for operation in [
            json!({"op": "test", "path": format!("/{name}"), "value": ""}),
            json!({"op": "copy", "from": format!("/{name}"), "path": "/note"}),
            json!({"op": "move", "from": format!("/{name}/0"), "path": "/note"}),
            json!({"op": "replace", "path": format!("/{name}"), "value": "x"}),
        ] {
            let answer = patch(&client, "/people/ann", json!([operation]))
                .await
                .is(422);
            answers.push(answer.text().replace(name, "*"));
        }
    }
    for answer in &answers {
        let same = answers.iter().take(4).any(|first| first == answer);
        assert!(same, "{answer}");
    }
    // Nor by the record as a whole.
    for operation in [
        json!({"op": "copy", "from": "", "path": "/note"}),
        json!({"op": "test", "path": "", "value": {}}),
        json!({"op": "replace", "path": "", "value": {"name": "x"}}),
    ] {
        patch(&client, "/people/ann", json!([operation]))
            .await
            .is(422);
    }
}

async fn who_may_not_read_can_not_test(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/letters/l", json!({"text": "secret"}))
        .go()
        .await
        .is(201);
    let guess = |text| json!([{"op": "test", "path": "/text", "value": text}]);
    let by = |actor: &'static str, text| {
        let patch = asked(&client, "/letters/l", &guess(text));
        async move {
            if actor == "ann" {
                patch
            } else {
                patch.header("x-actor", actor)
            }
            .go()
            .await
        }
    };
    by("ann", "secret").await.is(200);
    by("ann", "other").await.is(409);
    let blind = |text| {
        client
            .ask("PATCH", "/letters/l")
            .raw(guess(text).to_string())
            .header("content-type", "application/json-patch+json")
            .by("bob")
    };
    let (right, wrong) = (
        blind("secret").go().await.is(403),
        blind("other").go().await.is(403),
    );
    assert_eq!(right.text(), wrong.text());
}

async fn rules_and_conditions_hold(backend: Backend) {
    let (client, made) = with_ann(&backend).await;
    let rename = json!([{"op": "replace", "path": "/name", "value": "Bea"}]);
    let by = |actor: &str| {
        client
            .ask("PATCH", "/people/ann")
            .raw(rename.to_string())
            .header("content-type", "application/json-patch+json")
            .by(actor)
    };
    by("bob").go().await.is(403);
    by("").go().await.is(401);
    asked(&client, "/people/none", &rename).go().await.is(404);
    asked(&client, "/people/ann", &rename)
        .header("if-match", "\"ff\"")
        .go()
        .await
        .is(412);
    asked(&client, "/people/ann", &rename)
        .header("if-none-match", "*")
        .go()
        .await
        .is(412);
    let patched = asked(&client, "/people/ann", &rename)
        .header("if-match", &made.etag())
        .go()
        .await
        .is(200);
    assert_eq!(patched.json()["name"], "Bea");
}

async fn hooks_run_and_no_write_is_lost(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/counters/c", json!({"count": 1}))
        .go()
        .await
        .is(201);
    let patched = patch(
        &client,
        "/counters/c",
        json!([{"op": "replace", "path": "/count", "value": 2}]),
    )
    .await
    .is(200);
    assert_eq!(patched.json()["log"], json!([2]));
    patch(
        &client,
        "/counters/c",
        json!([{"op": "replace", "path": "/count", "value": 13}]),
    )
    .await
    .is(418);
    // Each adds one item to what the others left.
    let all = (0..12).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            patch(
                &client,
                "/counters/c",
                json!([{"op": "add", "path": "/log/-", "value": n}]),
            )
            .await
            .status
        })
    });
    for one in all.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 200);
    }
    let log = client.get("/counters/c").go().await.json()["log"].clone();
    assert_eq!(log.as_array().unwrap().len(), 1 + 2 * 12);
}

async fn plain_writes_lose_nothing_either(backend: Backend) {
    let (client, _) = with_ann(&backend).await;
    let all = (0..12).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            let add = json!([{"op": "add", "path": "/tags/-", "value": n.to_string()}]);
            patch(&client, "/people/ann", add).await.status
        })
    });
    for one in all.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 200);
    }
    let tags = client.get("/people/ann").go().await.json()["tags"].clone();
    assert_eq!(tags.as_array().unwrap().len(), 14);
}

async fn limits_and_media_types(backend: Backend) {
    let (client, _) = with_ann(&backend).await;
    let many: Vec<Value> = (0..101)
        .map(|_| json!({"op": "test", "path": "/name", "value": "Ann"}))
        .collect();
    patch(&client, "/people/ann", json!(many)).await.is(413);
    let long = json!([{"op": "add", "path": "/tags/-", "value": "x".repeat(20_000)}]);
    patch(&client, "/people/ann", long).await.is(413);
    for accepting in [
        client.ask("OPTIONS", "/people/ann").go().await.is(204),
        client
            .ask("PATCH", "/people/ann")
            .raw("x")
            .header("content-type", "text/plain")
            .by("ann")
            .go()
            .await
            .is(415),
    ] {
        let expected =
            "application/merge-patch+json, application/json, application/json-patch+json";
        assert_eq!(accepting.header("accept-patch"), expected);
    }
    let empty = asked(&client, "/people/ann", &json!([]))
        .raw("")
        .go()
        .await
        .is(400);
    assert!(
        empty.json()["detail"]
            .as_str()
            .unwrap()
            .contains("the body is empty"),
        "{}",
        empty.text()
    );
    // Plain JSON stays a merge patch: an array is none.
    client
        .ask("PATCH", "/people/ann")
        .json(&json!([]))
        .by("ann")
        .go()
        .await
        .is(422);
    let document = client.get("/openapi.json").go().await.is(200).json();
    let body = &document["paths"]["/people/{id}"]["patch"]["requestBody"]["content"];
    assert_eq!(
        body["application/json-patch+json"]["schema"]["$ref"],
        "#/components/schemas/JsonPatch"
    );
    assert!(body["application/merge-patch+json"].is_object());
}

scenarios![
    it_changes_the_record,
    a_patch_that_only_tests_changes_nothing,
    all_or_nothing,
    hidden_fields_do_not_exist,
    who_may_not_read_can_not_test,
    rules_and_conditions_hold,
    hooks_run_and_no_write_is_lost,
    plain_writes_lose_nothing_either,
    limits_and_media_types,
];
