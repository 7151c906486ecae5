//! Many writers of one record, through the whole of an app on each server: of those who have seen the same version exactly one wins, and
//! of those who count no step is lost. (In memory and SQLite the first is in `conditions`, the second in the conformance suite.)

use larder::prelude::*;
use larder_services::Service;
use larder_tests::{Client, rounds};
use serde_json::json;

use crate::place::Place;

/// Written by one statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/plain", id(client), rules(read = "true", write = "true"))]
struct Plain {
    #[model(id)]
    id: String,
    #[serde(default)]
    number: i64,
}

/// Written in a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", id(client), rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: String,
    #[serde(default)]
    number: i64,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    async fn look(&mut self, _cx: &Ctx) -> Result<()> {
        Ok(())
    }
}

const WRITERS: usize = 4;
const COUNTERS: usize = 32;
const STEPS: usize = 100;

async fn one_wins(client: &Client, kind: &str, rounds: usize) {
    let path = format!("/{kind}/x");
    let first = client.put(&path, json!({"number": 0})).go().await.is(201);
    let mut tag = first.etag();
    for round in 0..rounds {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let method = if writer % 2 == 0 { "PUT" } else { "PATCH" };
                let body = json!({"number": round * WRITERS + writer});
                let ask = client.ask(method, &path).json(&body);
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

async fn no_step_is_lost(app: &App) {
    let count = Plain {
        id: "count".to_owned(),
        number: 0,
    };
    app.as_system("test").create(&count).await.unwrap();
    let counters = (0..COUNTERS).map(|_| {
        let app = app.clone();
        tokio::spawn(async move {
            for _ in 0..STEPS {
                let count = app.as_system("test").update::<Plain>("count");
                count.add(Plain::NUMBER, 1).await.unwrap();
            }
        })
    });
    for counter in counters.collect::<Vec<_>>() {
        counter.await.unwrap();
    }
    let count = app.as_system("test").get::<Plain>("count").await.unwrap();
    assert_eq!(count.number, (COUNTERS * STEPS) as i64);
}

async fn on_a_server(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    let app = App::builder()
        .models(models![Plain, Hooked])
        .store("main", store::open(place.url()).await.unwrap());
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for kind in ["plain", "hooked"] {
        one_wins(&client, kind, rounds(50, 1_000)).await;
    }
    no_step_is_lost(&app).await;
    place.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    on_a_server(Service::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql() {
    on_a_server(Service::Mysql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb() {
    on_a_server(Service::Mongodb).await;
}
