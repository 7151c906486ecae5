//! What is told at `build()`, what the documents say, which indexes there are, and how long a query may take.

use std::sync::Arc;
use std::time::Duration;

use larder::manifest::Manifest;
use larder::prelude::*;
use larder::{BoxFuture, FieldDef, MemoryStore, ModelDef, Operation, Runtime};
use larder_tests::{Backend, Client, Counting};
use serde_json::{Value, json};

use super::{Post, builder};

fn model(name: &str, store: &str) -> ModelDef {
    let link = |to: &str| json!({"type": "string", "x-link": to});
    ModelDef::new(name.to_owned())
        .store(store.to_owned())
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .field(FieldDef::new("name", json!({"type": "string"})))
        .field(FieldDef::new("pin", json!({"type": "string"})).server_only().default_to("0"))
        .field(FieldDef::new("other", link("Other")))
        .field(FieldDef::new("many", json!({"type": "array", "items": {"type": "string"}, "x-links": "Other"})))
        .field(FieldDef::new("inner", json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false})))
        .rule(Operation::Read, "true")
}

async fn told(def: ModelDef, store: &str) -> String {
    let app = App::builder()
        .model(def)
        .model(model("Other", store))
        .store("main", MemoryStore::new())
        .store("side", MemoryStore::new());
    app.build().await.unwrap_err().message().to_owned()
}

#[tokio::test]
async fn mistakes_are_told_at_the_start() {
    let one = || model("One", "main");
    for (def, expected) in [
        (
            one().search("other.nam", "eq"),
            "model One: `search(other.nam)`: Other has no field `nam`; did you mean `name`?",
        ),
        (
            one().search("other.pin", "eq"),
            "`pin` of Other is server-only",
        ),
        (
            one().search("other.other.pin", "eq"),
            "`pin` of Other is server-only",
        ),
        (one().search("pin", "eq"), "`pin` of One is server-only"),
        (
            one().search("many.name", "eq"),
            "`many` is a `ModelLinksSimpleArray`, which leads to several records of Other",
        ),
        (
            one().search("inner.b", "eq"),
            "model One: `search(inner.b)`: there is no `b` inside",
        ),
        (
            one().search("name.first", "eq"),
            "`name` of One is text, with nothing inside",
        ),
        (
            one().sort(&["inner.a"]),
            "model One: `sort(inner.a)`: a list can't be sorted by what is inside a field",
        ),
        (
            one().default_sort("-other.nam"),
            "model One: `default_sort(other.nam)`: Other has no field `nam`",
        ),
        (
            one().search("name", "scan(contain)"),
            "`contain` is not a search operator; did you mean `contains`?",
        ),
        (
            one().search("other.other.other.other.other.name", "eq"),
            "it goes through more than 4 links",
        ),
    ] {
        let told = told(def, "main").await;
        assert!(told.contains(expected), "{told}\n{expected}");
    }
    let apart = told(model("One", "main").search("other.name", "eq"), "side").await;
    assert!(
        apart.contains(
            "`other` leads to Other, which is kept in the store `side`, and One in `main`"
        ),
        "{apart}"
    );
    // A link holds an id of several fields as one text, which no join finds: it would lead nowhere without a word.
    let part = |name: &'static str| FieldDef::new(name, json!({"type": "string"})).id();
    let parted = ModelDef::new("Other")
        .store("main")
        .field(part("left"))
        .field(part("right"))
        .field(FieldDef::new("name", json!({"type": "string"})))
        .rule(Operation::Read, "true");
    let parted = App::builder()
        .model(model("One", "main").search("other.name", "eq"))
        .model(parted)
        .store("main", MemoryStore::new());
    let parted = parted.build().await.unwrap_err();
    let expected =
        "model One: `search(other.name)`: `other` leads to Other, whose id is several fields";
    assert!(parted.message().contains(expected), "{}", parted.message());
    // A model that is not there is told once, as the link's own mistake.
    let alone = App::builder()
        .model(model("One", "main").search("other.name", "eq"))
        .store("main", MemoryStore::new());
    let alone = alone.build().await.unwrap_err();
    assert_eq!(
        alone
            .message()
            .matches("Other, which the app does not have")
            .count(),
        2,
        "{}",
        alone.message()
    );
    assert!(
        !alone.message().contains("search(other.name)"),
        "{}",
        alone.message()
    );
}

#[tokio::test]
async fn documents_have_all_parameters() {
    let app = builder(MemoryStore::new()).build().await.unwrap();
    let models: Vec<_> = app.models().cloned().collect();
    let manifest = serde_json::to_value(Manifest::of(&models)).unwrap();
    let post = manifest["models"]
        .as_array()
        .unwrap()
        .iter()
        .find(|model| model["name"] == "Post")
        .unwrap();
    let search = post["search"].as_array().unwrap();
    let named = |name: &str| search.iter().find(|one| one["field"] == name).unwrap();
    assert_eq!(
        named("author.name"),
        &json!({"field": "author.name", "operator": "starts_with", "scan": true})
    );
    assert_eq!(
        named("status"),
        &json!({"field": "status", "operator": "eq"})
    );
    assert_eq!(
        named("mood"),
        &json!({"field": "mood", "operator": "eq", "scan": true})
    );
    let parameters = post["parameters"].as_array().unwrap();
    assert_eq!(parameters[0]["name"], "q");
    assert_eq!(
        parameters[0]["description"],
        "Words of the title, or the beginning of the author's name."
    );
    assert_eq!(parameters[0]["with"], json!(["status"]));
    let names: Vec<&Value> = parameters.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["q", "rank-from", "to"]);
    let document = larder::schema::openapi(&models, "API", "1");
    let listed = document["paths"]["/posts"]["get"]["parameters"]
        .as_array()
        .unwrap();
    let parameter = |name: &str| &listed.iter().find(|one| one["name"] == name).unwrap()["schema"];
    for (name, kind) in [
        ("q", "string"),
        ("rank-from", "integer"),
        ("author.age", "integer"),
        ("author.name", "string"),
        ("address.floor", "integer"),
        ("tags", "string"),
        ("sizes", "integer"),
    ] {
        assert_eq!(parameter(name)["type"], kind, "{name}");
    }
    let order = parameter("sortBy")["pattern"].as_str().unwrap();
    assert!(order.contains("author\\.name"), "{order}");
}

/// The fields of a model that an index begins with.
fn indexed(app: &App, name: &str) -> Vec<String> {
    let model = app.models().find(|model| model.name() == name).unwrap();
    let layout = model.layout();
    let first = layout
        .indexes
        .iter()
        .map(|index| &layout.fields[index.fields[0]].name);
    let mut first: Vec<String> = first.map(ToString::to_string).collect();
    first.sort();
    first
}

#[tokio::test]
async fn what_is_searched_and_sorted_has_its_index() {
    let app = builder(MemoryStore::new()).build().await.unwrap();
    // None for `contains`, `match`, `ne` and what is inside fields; title and rank are sorted by.
    assert_eq!(
        indexed(&app, "Post"),
        ["author", "mood", "rank", "status", "title"]
    );
    assert_eq!(indexed(&app, "Person"), ["age", "name", "team"]);
    assert_eq!(indexed(&app, "Team"), ["name"]);
    assert_eq!(indexed(&app, "Note"), ["post", "size", "text"]);
}

#[tokio::test]
async fn a_refused_query_never_reaches_the_store() {
    let store = Counting::new(Backend::memory().store());
    let app = builder(store.clone()).build().await.unwrap();
    let client = Client::new(&app);
    store.take();
    for query in [
        "status=ne=draft",
        "q=a&q=b",
        "rank-from=x",
        "author.mail=x",
        "address.city.x=1",
    ] {
        client.get(&format!("/posts?{query}")).go().await.is(400);
        client
            .get(&format!("/posts/_count?{query}"))
            .go()
            .await
            .is(400);
    }
    assert_eq!(store.take().queries, 0);
    client.get("/posts?q=a").go().await.is(200);
    assert_eq!(store.take().queries, 1);
}

/// A clock whose every wait is over at once.
#[derive(Debug)]
struct Hasty;

impl Runtime for Hasty {
    fn sleep(&self, _: Duration) -> Option<BoxFuture<'static, ()>> {
        Some(Box::pin(std::future::ready(())))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        Err(task)
    }
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_given_up() {
    let backend = Backend::sqlite().await;
    builder(backend.store()).build().await.unwrap();
    // SQLite answers from another thread, so every query waits at least once.
    let app = builder(backend.store())
        .build_with(Arc::new(Hasty))
        .await
        .unwrap();
    let client = Client::new(&app);
    client.get("/posts?status=draft").go().await.is(503);
    let slow = client.get("/posts?title=tea").go().await.is(400);
    assert!(slow.text().contains("takes too long"), "{}", slow.text());
    let all = app.as_system("a test").query::<Post>().all().await.unwrap();
    assert!(all.is_empty());
}

#[tokio::test]
async fn a_limit_is_more_than_nothing() {
    let app = builder(MemoryStore::new())
        .query_limit(Duration::ZERO)
        .build()
        .await;
    assert!(app.unwrap_err().message().contains("a query limit of 0"));
}
