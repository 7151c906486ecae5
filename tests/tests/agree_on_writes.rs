//! Random writes over REST, good and bad, to an app in memory and to the same one on SQLite: statuses, bodies and what is stored are the
//! same, and none is a fault of the server.
//!
//! 1,200 writes in the usual run, 40,000 with `LARDER_LONG` (`cargo xtask test --long`).

use std::collections::BTreeMap;

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, Dice, rounds, seed};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Draft,
    Published,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/things", id(client))]
#[model(rules(
    read = "open=true|owner=$actor.id",
    create = "true",
    write = "open=true|owner=$actor.id"
))]
struct Thing {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: Option<String>,
    #[model(unique)]
    title: Option<String>,
    status: Option<Status>,
    n: Option<i64>,
    big: Option<u64>,
    f: Option<f64>,
    price: Option<rust_decimal::Decimal>,
    day: Option<chrono::NaiveDate>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    uid: Option<uuid::Uuid>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    lines: BTreeMap<String, Line>,
    #[serde(default)]
    any: Option<Value>,
    #[serde(default)]
    #[model(read_only)]
    score: i64,
    #[serde(default)]
    #[model(server_only)]
    vault: Option<Secret<String>>,
}

const FIELDS: [&str; 18] = [
    "title", "status", "n", "big", "f", "price", "day", "at", "uid", "open", "tags", "lines",
    "any", "id", "owner", "score", "vault", "nothing",
];

/// Anything that JSON can hold.
fn odd(dice: &mut Dice) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(9_007_199_254_740_993_u64),
        json!(""),
        json!("a\u{0}b"),
        json!("x".repeat(300)),
        json!("2024-02-30"),
        json!("draft"),
        json!([]),
        json!([1, "a", null]),
        json!({}),
        json!({"a": null}),
        json!({"a": {"sku": 1, "note": null}, "b\"c": {"sku": 2}}),
        json!({"a": {"sku": "1"}}),
        json!([[[[{"deep": [1]}]]]]),
    ];
    dice.of(&all)
}

fn fitting(dice: &mut Dice, field: &str) -> Value {
    let all: &[Value] = &match field {
        "title" => vec![
            json!("a"),
            json!("b"),
            json!("c\u{0}"),
            json!("é"),
            json!(null),
        ],
        "status" => vec![json!("draft"), json!("published"), json!(null)],
        "n" => vec![
            json!(0),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(2.0),
            json!(null),
        ],
        "big" => vec![json!(0), json!(u64::MAX), json!(1_u64 << 63), json!(null)],
        "f" => vec![
            json!(0.1),
            json!(-0.0),
            json!(1e-300),
            json!(3),
            json!(u64::MAX),
            json!(null),
        ],
        "price" => vec![
            json!("1.50"),
            json!("-0.0001"),
            json!(7),
            json!("79228162514264337593543950335"),
            json!(null),
        ],
        "day" => vec![
            json!("2024-02-29"),
            json!("0001-01-01"),
            json!("9999-12-31"),
            json!("0000-01-01"),
            json!("-000001-12-31"),
            json!(null),
        ],
        "at" => vec![
            json!("2024-01-02T00:00:00.123456789Z"),
            json!("2024-01-02T02:00:00+02:00"),
            json!(null),
        ],
        "uid" => vec![json!("00000000-0000-0000-0000-00000000000A"), json!(null)],
        "open" => vec![json!(true), json!(false)],
        "tags" => vec![json!([]), json!(["a", "a"])],
        "lines" => vec![
            json!({}),
            json!({"x": {"sku": 1}}),
            json!({"x": {"note": "n"}}),
            json!({"x": null}),
            json!({"x": {"note": null}}),
        ],
        "any" => vec![
            json!({"a": {"b": [1]}}),
            json!({"a": null}),
            json!({"a": [-0.0, 0]}),
            json!({"a": {"b": null, "c": 1}}),
            json!(1.0),
            json!("t"),
        ],
        _ => vec![json!("a"), json!(1)],
    };
    dice.of(all)
}

fn body(dice: &mut Dice) -> Value {
    if dice.once_in(40) {
        return odd(dice);
    }
    let mut object = Map::new();
    for _ in 0..dice.below(5) {
        let known = if dice.once_in(4) { 18 } else { 13 };
        let field = dice.of(&FIELDS[..known]);
        let value = if dice.once_in(8) {
            odd(dice)
        } else {
            fitting(dice, field)
        };
        object.insert(field.to_owned(), value);
    }
    object.into()
}

fn operations(dice: &mut Dice) -> Value {
    let one = |dice: &mut Dice| {
        let field = dice.of(&FIELDS);
        let inside = dice.of(&["", "", "", "/a", "/x", "/x/note", "/-", "/0", "/b~1c"]);
        let (path, value) = (format!("/{field}{inside}"), fitting(dice, field));
        match dice.below(6) {
            0 => json!({"op": "remove", "path": path}),
            1 => json!({"op": "test", "path": path, "value": value}),
            2 => json!({"op": "copy", "from": path, "path": "/any"}),
            3 => json!({"op": "move", "from": path, "path": "/title"}),
            4 => json!({"op": "replace", "path": path, "value": value}),
            _ => json!({"op": "add", "path": path, "value": value}),
        }
    };
    (0..1 + dice.below(3)).map(|_| one(dice)).collect()
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Thing])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    Client::new(&app.build().await.unwrap())
}

#[tokio::test]
async fn both_stores_take_the_same() {
    let (memory, sqlite) = (Backend::memory(), Backend::sqlite().await);
    let clients = [client(&memory).await, client(&sqlite).await];
    let mut dice = Dice::new(seed().unwrap_or(20_261_122));
    // Each store has entity tags of its own.
    let mut tags: [BTreeMap<&str, String>; 2] = Default::default();
    let mut seen = BTreeMap::<u16, usize>::new();
    for at in 0..rounds(1_200, 40_000) {
        let id = dice.of(&["a", "b", "c", "d"]);
        let who = dice.of(&["", "ann", "bob"]);
        let method = dice.of(&[
            "PUT",
            "PUT",
            "PUT",
            "PATCH",
            "PATCH",
            "JSON PATCH",
            "DELETE",
            "POST",
        ]);
        let sent = match method {
            "JSON PATCH" => operations(&mut dice),
            _ => body(&mut dice),
        };
        let condition = dice.of(&["", "", "", "if-match", "if-none-match"]);
        let tag = dice.of(&["*", "\"ff\"", "last", "last"]);
        let mut answers: Vec<(Answer, Answer)> = Vec::new();
        for (client, tags) in clients.iter().zip(&mut tags) {
            let path = match method {
                "POST" => "/things".to_owned(),
                _ => format!("/things/{id}"),
            };
            let mut ask = client
                .ask(method.strip_prefix("JSON ").unwrap_or(method), &path)
                .by(who);
            if !condition.is_empty() && method != "POST" {
                let last = tags.get(id).map_or("\"1\"", String::as_str);
                ask = ask.header(condition, if tag == "last" { last } else { tag });
            }
            if method == "JSON PATCH" {
                ask = ask
                    .raw(sent.to_string())
                    .header("content-type", "application/json-patch+json");
            } else if method != "DELETE" {
                let mut sent = sent.clone();
                if let ("POST", Value::Object(map)) = (method, &mut sent) {
                    map.insert("id".to_owned(), id.into());
                }
                ask = ask.json(&sent);
            }
            let done = ask.go().await;
            let now = client.get(&format!("/things/{id}")).by("ann").go().await;
            if now.status == 200 {
                tags.insert(id, now.etag());
            }
            answers.push((done, now));
        }
        let [(one, stored), (other, also)] = answers.as_slice() else {
            panic!("two stores");
        };
        let shown = || {
            format!(
                "number {at}: {method} {id} by `{who}` {condition}: {tag} {sent}\n{}\n{}",
                one.text(),
                other.text()
            )
        };
        assert!(one.status < 500 && other.status < 500, "{}", shown());
        assert_eq!(
            (one.status, one.text()),
            (other.status, other.text()),
            "{}",
            shown()
        );
        assert_eq!(
            (stored.status, stored.text()),
            (also.status, also.text()),
            "{}",
            shown()
        );
        assert!(!one.text().contains("vault\":"), "{}", shown());
        *seen.entry(one.status).or_default() += 1;
    }
    for status in [200, 201, 204, 404, 409, 412, 422] {
        assert!(
            seen.contains_key(&status),
            "no answer was {status}: {seen:?}"
        );
    }
}

/// Not every database keeps the sign of a zero, or a day before the year 0: so no store is given one.
#[tokio::test]
async fn zeros_have_no_sign_and_days_are_of_our_era() {
    let (memory, sqlite) = (Backend::memory(), Backend::sqlite().await);
    for backend in [&memory, &sqlite] {
        let client = client(backend).await;
        let body = json!({"f": -0.0, "any": {"a": [-0.0, {"b": -0.0}]}, "day": "0000-01-01", "open": true});
        let put = client.put("/things/a", body);
        put.go().await.is(201);
        let stored = client.get("/things/a").go().await.is(200);
        assert!(!stored.text().contains("-0."), "{}", stored.text());
        assert_eq!(stored.json()["day"], "0000-01-01");
        let patch = client.patch("/things/a", json!({"day": "-000001-12-31"}));
        let refused = patch.go().await.is(422);
        assert_eq!(refused.json()["errors"][0]["field"], "day");
    }
}
