//! Writing over REST: statuses, headers, what a body may and may not say, conditions.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
struct Address {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(default)]
    city: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/people",
    id(client),
    timestamps,
    rules(read = "true", write = "true")
)]
struct Person {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: Option<String>,
    #[schemars(length(min = 1, max = 20))]
    name: String,
    #[schemars(range(min = 0, max = 150))]
    age: Option<i64>,
    #[serde(default = "blue")]
    colour: String,
    address: Option<Address>,
    #[serde(default)]
    tags: Vec<String>,
    #[model(unique)]
    mail: Option<String>,
    #[model(read_only)]
    #[serde(default = "seven")]
    score: i64,
    #[model(server_only)]
    notes: Secret<String>,
}

fn blue() -> String {
    "blue".to_owned()
}

fn seven() -> i64 {
    7
}

#[model_impl]
impl Person {
    #[action(global, method = GET, allow = "true")]
    fn newest() -> Result<u8> {
        Ok(1)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", timestamps, rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: Id<Plain>,
    word: String,
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Person, Plain])
        .store("main", backend.store())
        .body_limit(2000);
    app.identity(DevelopmentHeader).build().await.unwrap()
}

async fn client(backend: &Backend) -> Client {
    Client::new(&app(backend).await)
}

async fn created(backend: Backend) {
    let client = client(&backend).await;
    let made = client
        .post("/plain", json!({"id": "mine", "word": "w"}))
        .go()
        .await
        .is(201);
    let body = made.json();
    let id = body["id"].as_str().unwrap();
    assert_ne!(
        id, "mine",
        "an id in a POST is ignored where the model does not say `id(client)`"
    );
    assert_eq!(made.header("location"), format!("/plain/{id}"));
    assert_eq!(body["_created"], body["_updated"]);
    let got = client.get(made.header("location")).go().await.is(200);
    assert_eq!((got.etag(), got.json()), (made.etag(), body));
    let chosen = client
        .post("/people", json!({"id": "ann", "name": "Ann"}))
        .go()
        .await
        .is(201);
    assert_eq!(chosen.header("location"), "/people/ann");
    let taken = client
        .post("/people", json!({"id": "ann", "name": "Other"}))
        .go()
        .await
        .is(409);
    assert_eq!(taken.faults(), ["/id unique"]);
    for reserved in ["newest", "_count", "", ".", ".."] {
        let answer = client
            .post("/people", json!({"id": reserved, "name": "N"}))
            .go()
            .await
            .is(422);
        assert_eq!(answer.faults(), ["/id id"], "{reserved}");
    }
    client
        .put("/people/newest", json!({"name": "N"}))
        .go()
        .await
        .is(405);
    client
        .put("/people/_count", json!({"name": "N"}))
        .go()
        .await
        .is(501);
}

async fn replaced(backend: Backend) {
    let client = client(&backend).await;
    let full = json!({"name": "Ann", "age": 5, "colour": "red", "address": {"city": "Rome"}, "tags": ["a"], "mail": "a@b"});
    let made = client.put("/people/ann", full).by("ann").go().await.is(201);
    assert_eq!(made.header("location"), "/people/ann");
    let first = made.json();
    assert_eq!(
        (&first["owner"], &first["score"]),
        (&json!("ann"), &json!(7))
    );
    let again = client
        .put("/people/ann", json!({"name": "Bea"}))
        .by("bob")
        .go()
        .await
        .is(200);
    assert_eq!(again.header("location"), "");
    assert_ne!(again.etag(), made.etag());
    let second = again.json();
    let expected = json!({
        "id": "ann", "owner": "ann", "name": "Bea", "age": null, "colour": "blue", "address": null, "tags": [],
        "mail": null, "score": 7, "_created": first["_created"], "_updated": second["_updated"],
    });
    assert_eq!(
        second, expected,
        "missing fields go, defaults apply, what a client may not write stays"
    );
    assert_eq!(client.get("/people/ann").go().await.json(), second);
}

async fn what_a_body_may_not_say(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    let body =
        json!({"name": "Ann", "score": 99, "owner": "bob", "_created": "1999-01-01T00:00:00Z"});
    let made = client
        .put("/people/ann", body.clone())
        .by("ann")
        .go()
        .await
        .is(201)
        .json();
    let written = |json: &Value| {
        assert_eq!(
            (&json["id"], &json["score"], &json["owner"]),
            (&json!("ann"), &json!(7), &json!("ann"))
        );
        assert_eq!(json["_created"], made["_created"]);
    };
    written(&made);
    written(
        &client
            .put("/people/ann", body.clone())
            .by("ann")
            .go()
            .await
            .is(200)
            .json(),
    );
    written(
        &client
            .patch("/people/ann", body)
            .by("ann")
            .go()
            .await
            .is(200)
            .json(),
    );
    // Another id is no mistake to pass over.
    let other = || json!({"name": "Ann", "id": "other"});
    for ask in [
        client.put("/people/ann", other()),
        client.patch("/people/ann", other()),
    ] {
        assert_eq!(ask.by("ann").go().await.is(422).faults(), ["/id id"]);
    }
    client.get("/people/other").go().await.is(404);
    // What was read can be sent back.
    let read = client.get("/people/ann").go().await.json();
    written(
        &client
            .put("/people/ann", read.clone())
            .go()
            .await
            .is(200)
            .json(),
    );
    written(&client.patch("/people/ann", read).go().await.is(200).json());
    // A server-only field looks like one that was never declared.
    for ask in [
        client.post("/people", json!({"name": "B", "notes": "x"})),
        client.put("/people/ann", json!({"name": "B", "notes": "x"})),
        client.patch("/people/ann", json!({"notes": null})),
    ] {
        let hidden = ask.go().await.is(422);
        assert_eq!(hidden.faults(), ["/notes unknown"]);
    }
    let hidden = client
        .patch("/people/ann", json!({"notes": 1}))
        .go()
        .await
        .text();
    let unknown = client
        .patch("/people/ann", json!({"zzzzz": 1}))
        .go()
        .await
        .text();
    assert_eq!(hidden.replace("notes", "zzzzz"), unknown);
    // A write from outside keeps what the server has put there.
    let mut entity = app.as_system("test").get::<Person>("ann").await.unwrap();
    entity.notes = Secret::new("kept".to_owned());
    entity.score = 8;
    entity.save().await.unwrap();
    client
        .put("/people/ann", json!({"name": "C"}))
        .go()
        .await
        .is(200);
    client
        .patch("/people/ann", json!({"name": "D"}))
        .go()
        .await
        .is(200);
    let entity = app.as_system("test").get::<Person>("ann").await.unwrap();
    assert_eq!(
        (
            entity.notes.expose().as_str(),
            entity.score,
            entity.name.as_str()
        ),
        ("kept", 8, "D")
    );
}

async fn patched(backend: Backend) {
    let client = client(&backend).await;
    let body = json!({"name": "Ann", "age": 5, "colour": "red", "address": {"street": "S", "city": "Rome"}, "tags": ["a", "b"]});
    let made = client.put("/people/ann", body).go().await.is(201);
    let patch = async |patch: Value| client.patch("/people/ann", patch).go().await.is(200).json();
    let json = patch(json!({"age": 6})).await;
    assert_eq!(
        (&json["age"], &json["name"], &json["colour"]),
        (&json!(6), &json!("Ann"), &json!("red"))
    );
    assert_eq!(
        patch(json!({"address": {"street": null}})).await["address"],
        json!({"city": "Rome"})
    );
    assert_eq!(
        patch(json!({"address": {"street": "T"}})).await["address"],
        json!({"street": "T", "city": "Rome"})
    );
    assert_eq!(patch(json!({"tags": ["c"]})).await["tags"], json!(["c"]));
    assert_eq!(
        patch(json!({"address": null})).await["address"],
        json!(null)
    );
    assert_eq!(
        patch(json!({"address": {"city": "Bern"}})).await["address"]["city"],
        "Bern"
    );
    let json = patch(json!({"age": null, "colour": null, "tags": null})).await;
    assert_eq!(
        (&json["age"], &json["colour"], &json["tags"]),
        (&json!(null), &json!("blue"), &json!([]))
    );
    let before = client.get("/people/ann").go().await;
    let same = client.patch("/people/ann", json!({})).go().await.is(200);
    assert_eq!(
        (same.etag(), same.json()),
        (before.etag(), before.json()),
        "an empty patch changes nothing"
    );
    assert_ne!(same.etag(), made.etag());
    let merge = client
        .ask("PATCH", "/people/ann")
        .header("content-type", "application/merge-patch+json");
    assert_eq!(
        merge.raw(r#"{"name":"Eve"}"#).go().await.is(200).json()["name"],
        "Eve"
    );
    client
        .patch("/people/none", json!({"name": "X"}))
        .go()
        .await
        .is(404);
    let errors = client
        .patch("/people/ann", json!({"name": null}))
        .go()
        .await
        .is(422);
    assert_eq!(errors.faults(), ["/name required"]);
    let errors = client
        .patch(
            "/people/ann",
            json!({"name": 5, "age": "x", "adress": {}, "tags": [1]}),
        )
        .go()
        .await
        .is(422);
    assert_eq!(
        errors.faults(),
        ["/adress unknown", "/age type", "/name type", "/tags/0 type"],
        "{}",
        errors.text()
    );
    let errors = client
        .patch("/people/ann", json!({"address": {"city": 5}}))
        .go()
        .await
        .is(422);
    assert_eq!(errors.faults(), ["/address/city type"]);
}

async fn deleted(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/people/ann", json!({"name": "Ann"}))
        .go()
        .await
        .is(201);
    let gone = client.delete("/people/ann").go().await.is(204);
    assert_eq!((gone.body.len(), gone.header("content-type")), (0, ""));
    client.delete("/people/ann").go().await.is(404);
    client.get("/people/ann").go().await.is(404);
}

async fn every_fault_at_once(backend: Backend) {
    let client = client(&backend).await;
    let bad = json!({"name": "", "age": 151, "colour": 5, "tags": [1, "x", null], "nam": 1, "a/b~c": 1, "address": {"city": []}});
    let expected = [
        "/address/city type",
        "/age maximum",
        "/a~1b~0c unknown",
        "/colour type",
        "/nam unknown",
        "/name minLength",
        "/tags/0 type",
        "/tags/2 type",
    ];
    for answer in [
        client.post("/people", bad.clone()).go().await,
        client.put("/people/x", bad.clone()).go().await,
    ] {
        let answer = answer.is(422);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.faults(), expected, "{}", answer.text());
        assert!(answer.text().contains("did you mean `name`?"));
    }
    assert_eq!(
        client
            .post("/people", json!({}))
            .go()
            .await
            .is(422)
            .faults(),
        ["/name required"]
    );
    for other in [
        json!([]),
        json!("x"),
        json!(5),
        json!(null),
        json!(true),
        json!(-1.5),
    ] {
        assert_eq!(
            client
                .post("/people", other.clone())
                .go()
                .await
                .is(422)
                .faults(),
            [" type"],
            "{other}"
        );
        assert_eq!(
            client
                .patch("/people/x", other.clone())
                .go()
                .await
                .is(422)
                .faults(),
            [" type"],
            "{other}"
        );
    }
    let twice = client
        .ask("POST", "/people")
        .raw(r#"{"name":"a","name":"b"}"#)
        .go()
        .await
        .is(422);
    assert_eq!(twice.faults(), ["/name duplicate"]);
    client.get("/people/x").go().await.is(404);
}

async fn bodies_that_are_not_read(backend: Backend) {
    let client = client(&backend).await;
    for (body, place) in [
        ("{", "line 1 column 1"),
        ("", "the body is empty"),
        ("{\"name\":\n x}", "line 2 column 2"),
        ("{} {}", "line 1 column 4"),
    ] {
        for method in ["POST", "PUT", "PATCH"] {
            let path = if method == "POST" {
                "/people"
            } else {
                "/people/x"
            };
            let problem = client.ask(method, path).raw(body).go().await.is(400).json();
            assert!(
                problem["detail"].as_str().unwrap().contains(place),
                "{method} {body}: {problem}"
            );
        }
    }
    client
        .ask("POST", "/people")
        .raw(vec![b'"', 0xff, b'"'])
        .go()
        .await
        .is(400);
    let deep = format!("{{\"name\":{}{}}}", "[".repeat(900), "]".repeat(900));
    client.ask("POST", "/people").raw(deep).go().await.is(400);
    let large = json!({"name": "x".repeat(2000)});
    for answer in [
        client.post("/people", large.clone()),
        client.put("/people/x", large.clone()),
        client.patch("/people/x", large),
    ] {
        assert!(answer.go().await.is(413).text().contains("2000 bytes"));
    }
    let announced = client
        .ask("POST", "/people")
        .header("content-length", "999999")
        .raw("{}")
        .go()
        .await;
    assert_eq!(announced.status, 413);
    let other = client
        .ask("PATCH", "/people/x")
        .header("content-type", "text/plain")
        .raw("{}")
        .go()
        .await
        .is(415);
    assert_eq!(
        other.header("accept-patch"),
        "application/merge-patch+json, application/json, application/json-patch+json"
    );
    client
        .ask("POST", "/people")
        .header("content-type", "application/x-www-form-urlencoded")
        .raw("a=b")
        .go()
        .await
        .is(415);
    client
        .ask("PUT", "/people/x")
        .header("content-type", "application/merge-patch+json")
        .raw("{}")
        .go()
        .await
        .is(415);
    let charset = client
        .ask("PUT", "/people/x")
        .header("content-type", "Application/JSON; charset=utf-8");
    charset.raw(r#"{"name":"n"}"#).go().await.is(201);
}

async fn methods(backend: Backend) {
    let client = client(&backend).await;
    for (method, path, allow) in [
        ("PUT", "/people", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/people", "GET, HEAD, POST, OPTIONS"),
        ("PATCH", "/people", "GET, HEAD, POST, OPTIONS"),
        (
            "POST",
            "/people/x",
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        ),
        (
            "PROPFIND",
            "/people/x",
            "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
        ),
    ] {
        let answer = client.ask(method, path).go().await.is(501);
        assert_eq!(answer.header("allow"), allow);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let answer = client.ask("POST", "/people/newest").go().await.is(405);
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
}

async fn unique_values(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/people/a", json!({"name": "A", "mail": "m"}))
        .go()
        .await
        .is(201);
    client
        .put("/people/b", json!({"name": "B"}))
        .go()
        .await
        .is(201);
    client
        .put("/people/c", json!({"name": "C"}))
        .go()
        .await
        .is(201);
    let mail = json!({"name": "B", "mail": "m"});
    for ask in [
        client.put("/people/b", mail.clone()),
        client.put("/people/new", mail.clone()),
        client.post("/people", mail.clone()),
        client.patch("/people/b", mail.clone()),
    ] {
        assert_eq!(ask.go().await.is(409).faults(), ["/mail unique"]);
    }
    let only_new = client
        .put("/people/new", mail)
        .header("if-none-match", "*")
        .go()
        .await
        .is(409);
    assert_eq!(only_new.faults(), ["/mail unique"]);
    client
        .put("/people/a", json!({"name": "A", "mail": "m"}))
        .go()
        .await
        .is(200);
    client.delete("/people/a").go().await.is(204);
    client
        .patch("/people/b", json!({"mail": "m"}))
        .go()
        .await
        .is(200);
}

scenarios! {
    created, replaced, what_a_body_may_not_say, patched, deleted, every_fault_at_once, bodies_that_are_not_read, methods,
    unique_values,
}
