//! Unique values that are taken: 409 and the field, whoever has them, and nothing about who does.

use larder::ErrorKind;
use larder::prelude::*;
use larder_services::Service;
use larder_tests::{Answer, Backend, Client};
use serde_json::json;

use crate::place::Place;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/cards", id(client))]
#[model(rules(
    read = "open=true|owner=$actor.id",
    create = "true",
    write = "owner=$actor.id"
))]
struct Card {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    #[serde(default)]
    open: bool,
    #[model(unique)]
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    note: String,
}

/// The same where the model wants the status of other faults of content.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/forms", id(client), duplicates_are_invalid)]
#[model(rules(read = "true", write = "true"))]
struct Form {
    #[model(id)]
    id: String,
    #[model(unique)]
    #[schemars(length(min = 1))]
    code: String,
}

async fn told_by_field(store: impl larder::IntoStore) {
    let app = App::builder()
        .models(models![Card, Form])
        .store("main", store)
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for (id, open) in [("hidden-card", false), ("open-card", true)] {
        let card = json!({"code": format!("of-{id}"), "open": open, "note": "s3cret"});
        let put = client.put(&format!("/cards/{id}"), card).by("ann-owns");
        put.go().await.is(201);
    }
    let own = client.put("/cards/own", json!({"code": "mine"}));
    own.by("bob").go().await.is(201);
    let taken = async |id: &str| -> Vec<Answer> {
        let code = json!({"code": format!("of-{id}")});
        let post = json!({"id": "new", "code": format!("of-{id}")});
        let mut said = Vec::new();
        for ask in [
            client.post("/cards", post),
            client.put("/cards/new", code.clone()),
            client.put("/cards/own", code.clone()),
            client.patch("/cards/own", code),
        ] {
            let answer = ask.by("bob").go().await.is(409);
            assert_eq!(answer.faults(), ["/code unique"]);
            assert_eq!(answer.json()["errors"][0]["field"], "code");
            for secret in [id, "ann-owns", "s3cret", "cards_", "E11000", "SQL"] {
                assert!(!answer.text().contains(secret), "{}", answer.text());
            }
            said.push(answer);
        }
        said
    };
    // What is seen of the other record makes no difference.
    assert_eq!(taken("hidden-card").await, taken("open-card").await);
    client.get("/cards/new").by("bob").go().await.is(404);
    let own = client.get("/cards/own").by("bob").go().await.is(200);
    assert_eq!(own.json()["code"], "mine");
    // A taken id: the same, of the id.
    let id = |id: &str| {
        let post = client.post("/cards", json!({"id": id, "code": "other"}));
        post.by("bob").go()
    };
    let (hidden, open) = (
        id("hidden-card").await.is(409),
        id("open-card").await.is(409),
    );
    assert_eq!(hidden.faults(), ["/id unique"]);
    assert_eq!(hidden, open);
    let form = |id: &str| json!({"id": id, "code": "a"});
    client.post("/forms", form("a")).go().await.is(201);
    for (id, fault) in [("b", "/code unique"), ("a", "/id unique")] {
        let answer = client.post("/forms", form(id)).go().await.is(422);
        // Of a key and a value that are both taken a store may name either.
        let faults = answer.faults();
        assert!(
            faults == [fault] || id == "a" && faults == ["/code unique"],
            "{faults:?}"
        );
    }
    // Code on the server decides by the kind, whatever clients are told.
    let system = app.as_system("test");
    let taken = Form {
        id: "c".to_owned(),
        code: "a".to_owned(),
    };
    let refused = system.create(&taken).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Duplicate, "{refused:?}");
    let refused = system.model("Form").create(&form("c")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Duplicate, "{refused:?}");
    let faults = refused.fields().iter();
    let faults: Vec<&str> = faults.map(|fault| fault.field.as_str()).collect();
    assert_eq!(faults, ["code"]);
}

async fn on_a_server(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    told_by_field(store::open(place.url()).await.unwrap()).await;
    place.end().await;
}

#[tokio::test]
async fn memory() {
    told_by_field(Backend::memory().store()).await;
}

#[tokio::test]
async fn sqlite() {
    let backend = Backend::sqlite().await;
    told_by_field(backend.store()).await;
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
