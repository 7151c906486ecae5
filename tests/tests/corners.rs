//! Values at their edges, ids of every type, and many writers at once, through the whole of larder.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/kinds", id(client), search(big = eq, small = eq, real = eq, text = eq, flag = eq), sort(big, real))]
#[model(rules(read = "true", write = "true"))]
struct Kinds {
    #[model(id)]
    id: u64,
    big: Option<u64>,
    small: Option<i64>,
    real: Option<f64>,
    text: Option<String>,
    flag: Option<bool>,
    list: Option<Vec<i64>>,
    any: Option<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/numbers", rules(read = "true", write = "true"))]
struct Number {
    #[model(id)]
    id: i64,
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/counters",
    id(client),
    rules(read = "true", create = "true", update = "true")
)]
struct Counter {
    #[model(id)]
    id: String,
    #[model(read_only)]
    count: i64,
    #[serde(default)]
    note: String,
}

#[model_impl]
impl Counter {
    #[before(update)]
    async fn count(&mut self) -> Result<()> {
        tokio::task::yield_now().await;
        self.count += 1;
        Ok(())
    }

    #[action(allow = "true")]
    fn up(&mut self) -> Result<()> {
        self.note = "up".to_owned();
        self.count += 1;
        Ok(())
    }
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Kinds, Number, Counter])
        .store("main", backend.store());
    Client::new(&app.build().await.unwrap())
}

async fn values_come_back(backend: Backend) {
    let client = client(&backend).await;
    for (at, body) in [
        json!({"big": u64::MAX, "small": i64::MIN}),
        json!({"big": i64::MAX as u64 + 1, "small": i64::MAX}),
        json!({"big": 0, "small": 0, "real": 0.0}),
        json!({"real": f64::MAX}),
        json!({"real": f64::MIN_POSITIVE}),
        json!({"real": 0.1}),
        json!({"real": -1e-300}),
        json!({"real": 5}),
        json!({"text": ""}),
        json!({"text": "\u{0}\u{1F600} e\u{301} \\ \" \n \u{2028}"}),
        json!({"text": "x".repeat(200_000)}),
        json!({"flag": false, "list": []}),
        json!({"flag": true, "list": [i64::MIN, 0, i64::MAX]}),
        json!({"any": {"": {"a": [null, true, 1.5, "x", {}]}, "é": 9_007_199_254_740_993_i64}}),
        json!({"any": []}),
        json!({"any": "text"}),
        json!({"any": u64::MAX}),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/kinds/{at}");
        let made = client.put(&path, body.clone()).go().await.is(201).json();
        let got = client.get(&path).go().await.is(200).json();
        assert_eq!(made, got);
        let list = client.get("/kinds").go().await.is(200).json();
        assert_eq!(list[at], got);
        for (name, value) in body.as_object().unwrap() {
            let same =
                got[name] == *value || name == "real" && got[name].as_f64() == value.as_f64();
            assert!(same, "{name}: {value} came back as {}", got[name]);
        }
    }
    client
        .put(&format!("/kinds/{}", u64::MAX), json!({}))
        .go()
        .await
        .is(201);
    client
        .get(&format!("/kinds/{}", u64::MAX))
        .go()
        .await
        .is(200);
    client.get("/kinds/18446744073709551616").go().await.is(404);
    client.get("/kinds/-1").go().await.is(404);
    for (query, count) in [
        (format!("big={}", u64::MAX), 1),
        (format!("big=ge={}", i64::MAX), 2),
        (format!("small={}", i64::MIN), 1),
        ("real=0.1".to_owned(), 1),
        ("real=5".to_owned(), 1),
        ("text=".to_owned(), 1),
        ("flag=false".to_owned(), 1),
        ("flag=true".to_owned(), 1),
    ] {
        let found = client.get(&format!("/kinds?{query}")).go().await.is(200);
        assert_eq!(
            found.json().as_array().unwrap().len(),
            count,
            "{query}: {}",
            found.text()
        );
    }
    let sorted = client
        .get("/kinds?sortBy=-big&limit=3")
        .go()
        .await
        .is(200)
        .each("big");
    assert_eq!(
        sorted,
        [json!(u64::MAX), json!(i64::MAX as u64 + 1), json!(0)]
    );
    for bad in [
        json!({"big": -1}),
        json!({"small": 1e19}),
        json!({"small": 1.5}),
        json!({"flag": 1}),
        json!({"text": 1}),
        json!({"list": [1.5]}),
    ] {
        client.put("/kinds/99", bad.clone()).go().await.is(422);
    }
    for not_json in [
        r#"{"real": 1e999}"#,
        r#"{"real": NaN}"#,
        r#"{"big": 01}"#,
        "{\"text\": \"\u{1}\"}",
        r#"{"text": "\ud800"}"#,
    ] {
        let answer = client.ask("PUT", "/kinds/99").raw(not_json).go().await;
        assert!(
            matches!(answer.status, 400 | 422),
            "{not_json}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

async fn numbered_ids(backend: Backend) {
    let client = client(&backend).await;
    let mut last = 0;
    for _ in 0..50 {
        let made = client
            .post("/numbers", json!({"word": "w"}))
            .go()
            .await
            .is(201);
        let id = made.json()["id"].as_i64().unwrap();
        assert!(id > last && id < 1 << 53, "{id}");
        assert_eq!(made.header("location"), format!("/numbers/{id}"));
        client.get(made.header("location")).go().await.is(200);
        last = id;
    }
}

async fn race(backend: Backend, limit: u32) {
    let client = client(&backend).await;
    client.put("/counters/x", json!({})).go().await.is(201);
    let (mut done, mut lost) = (0, 0);
    for _ in 0..10 {
        let writers: Vec<_> = (0..8)
            .map(|at| {
                let ask = match at % 2 {
                    0 => client.patch("/counters/x", json!({"note": "n"})),
                    _ => client.ask("PUT", "/counters/x/up"),
                };
                tokio::spawn(ask.go())
            })
            .collect();
        for (at, writer) in writers.into_iter().enumerate() {
            let answer = writer.await.unwrap();
            match answer.status {
                200 => done += 1,
                // The action counts once, and so does the hook.
                204 => done += 2,
                409 => lost += 1,
                other => panic!("{at}: {other} {}", answer.text()),
            }
        }
    }
    let count = client.get("/counters/x").go().await.json()["count"]
        .as_i64()
        .unwrap();
    assert_eq!(count, done, "an update was lost");
    assert!(lost <= limit, "{lost} of 80 gave up");
}

/// Every write that was answered with success counts, though each reads, changes and writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lost_count_in_memory() {
    race(Backend::memory(), 80).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lost_count_in_sqlite() {
    race(Backend::sqlite().await, 0).await;
}

scenarios! { values_come_back, numbered_ids }
