//! What clients can do with a model: `handle`, `restrict` and `echo`; counting; what paths without a route answer.

#![expect(
    clippy::unused_self,
    reason = "actions of test models need nothing of their record"
)]

use axum::Router;
use axum::routing::get;
use larder::prelude::*;
use larder::{FieldDef, Method, ModelDef, ModelSet, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

/// Handles what JsonRestStores calls `handleGet`, `handleGetQuery` and `handlePut`, the latter only for new records.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/events",
    handle(get, list, put_new),
    rules(read = "true", write = "true")
)]
struct Occurrence {
    #[model(id)]
    id: String,
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/rates",
    restrict(put_new, delete),
    rules(read = "true", write = "true")
)]
struct Rate {
    #[model(id)]
    id: String,
    word: String,
}

/// As `Rate`, with a hook: its writes take the other way through the pipeline.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/hooked",
    restrict(put_new, delete, list),
    rules(read = "true", write = "true")
)]
struct Hooked {
    #[model(id)]
    id: String,
    word: String,
}

#[model_impl]
impl Hooked {
    #[before(save)]
    fn nothing(&mut self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/facts",
    restrict(put_existing),
    rules(read = "word!=hidden", write = "word!=hidden", create = "true")
)]
struct Fact {
    #[model(id)]
    id: String,
    word: String,
}

#[model_impl]
impl Fact {
    #[before(delete)]
    fn nothing(&self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/loud", echo(delete, put = false, post = false), id(client))]
#[model(search(word = contains), rules(read = "word!=hidden", write = "true"))]
struct Loud {
    #[model(id)]
    id: String,
    word: String,
    #[model(server_only)]
    pin: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/loud/{loud}/parts",
    rules(read = "$actor.id=ann", create = "true"),
    sort(word)
)]
struct Part {
    #[model(id)]
    id: i64,
    loud: ModelParent<Loud>,
    word: String,
}

async fn app(backend: &Backend) -> App {
    let by_hand = ModelDef::new("Note")
        .url("/notes")
        .handle(&[Method::Get, Method::Post, Method::Delete])
        .restrict(&[Method::Get])
        .echo(&[Method::Delete], true)
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .field(FieldDef::new("text", json!({"type": "string"})))
        .rule(Operation::Read, "true")
        .rule(Operation::Create, "true")
        .rule(Operation::Delete, "true");
    App::builder()
        .models(models![Occurrence, Rate, Hooked, Fact, Loud, Part])
        .models(ModelSet::new().with_def(by_hand))
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .build()
        .await
        .unwrap()
}

async fn what_is_not_handled_is_501(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    client
        .put("/events/a", json!({"word": "w"}))
        .go()
        .await
        .is(201);
    client.get("/events/a").go().await.is(200);
    client.get("/events").go().await.is(200);
    client.get("/events/_count").go().await.is(200);
    let item = "GET, HEAD, PUT, OPTIONS";
    for (method, path, allow) in [
        ("POST", "/events", "GET, HEAD, OPTIONS"),
        ("PATCH", "/events/a", item),
        ("DELETE", "/events/a", item),
        // Replacing is not handled, though adding is.
        ("PUT", "/events/a", "GET, HEAD, OPTIONS"),
    ] {
        let answer = client
            .ask(method, path)
            .json(&json!({"word": "x"}))
            .go()
            .await
            .is(501);
        assert_eq!(answer.header("allow"), allow, "{method}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert_eq!(client.get("/events/a").go().await.json()["word"], "w");
    let options = client.ask("OPTIONS", "/events/a").go().await.is(204);
    assert_eq!(
        (options.header("allow"), options.header("accept-patch")),
        (item, "")
    );
}

async fn what_is_restricted_is_405(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    let system = app.as_system("a test");
    system
        .create(&Rate {
            id: "a".to_owned(),
            word: "w".to_owned(),
        })
        .await
        .unwrap();
    system
        .create(&Hooked {
            id: "a".to_owned(),
            word: "w".to_owned(),
        })
        .await
        .unwrap();
    for url in ["/rates", "/hooked"] {
        let one = format!("{url}/a");
        let answer = client.delete(&one).go().await.is(405);
        assert_eq!(answer.header("allow"), "GET, HEAD, PUT, PATCH, OPTIONS");
        let told = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            told.starts_with("DELETE is not allowed here: clients can't delete a "),
            "{told}"
        );
        client.put(&one, json!({"word": "x"})).go().await.is(200);
        // Whether a record is not there or can't be seen is one answer, so adding it is 404.
        client
            .put(&format!("{url}/new"), json!({"word": "x"}))
            .go()
            .await
            .is(404);
        client.get(&format!("{url}/new")).go().await.is(404);
        client
            .put(&format!("{url}/new"), json!({"word": "x"}))
            .header("if-none-match", "*")
            .go()
            .await
            .is(404);
    }
    client.get("/rates/_count").go().await.is(200);
    for hidden in ["/hooked", "/hooked/_count", "/hooked?word=w"] {
        client.get(hidden).go().await.is(405);
    }
    assert_eq!(
        client.get("/hooked").go().await.header("allow"),
        "POST, OPTIONS"
    );
    assert_eq!(
        client.get("/hooked/_count").go().await.header("allow"),
        "OPTIONS"
    );
    // Code on the server still has all of it, with an actor's rights too.
    system.delete::<Rate>("a").await.unwrap();
    app.as_actor(&Actor::user("ann"))
        .delete::<Hooked>("a")
        .await
        .unwrap();
    assert_eq!(system.count::<Hooked>().await.unwrap(), 0);
}

async fn put_that_only_adds(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let put = |id: &str, word: &str| client.put(&format!("/facts/{id}"), json!({"word": word}));
    let made = put("a", "one").go().await.is(201);
    put("b", "hidden").go().await.is(201);
    for again in [
        put("a", "two"),
        put("a", "two").header("if-match", &made.etag()),
    ] {
        let answer = again.go().await.is(405);
        assert_eq!(answer.header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
        assert_eq!(
            answer.json()["detail"],
            "PUT is not allowed here: clients can't replace a Fact that is there"
        );
    }
    put("a", "two")
        .header("if-none-match", "*")
        .go()
        .await
        .is(412);
    put("a", "two")
        .header("if-match", "\"ff\"")
        .go()
        .await
        .is(412);
    // A record that can't be seen answers as one that can't be changed does, not as one that is there.
    put("b", "two").go().await.is(404);
    assert_eq!(client.get("/facts/a").go().await.json()["word"], "one");
}

async fn echoes(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let made = client
        .post("/loud", json!({"id": "a", "word": "w"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        (made.text().as_str(), made.header("location")),
        ("", "/loud/a")
    );
    let got = client.get("/loud/a").go().await.is(200);
    assert_eq!(made.etag(), got.etag());
    let replaced = client
        .put("/loud/a", json!({"word": "x"}))
        .go()
        .await
        .is(204);
    assert_eq!(
        (replaced.text().as_str(), replaced.etag().is_empty()),
        ("", false)
    );
    let patched = client
        .patch("/loud/a", json!({"word": "y"}))
        .go()
        .await
        .is(200);
    assert_eq!(patched.json()["word"], "y");
    let gone = client.delete("/loud/a").go().await.is(200);
    assert_eq!(gone.json(), json!({"id": "a", "word": "y"}));
    assert_eq!(gone.etag(), "");
    client.delete("/loud/a").go().await.is(404);
    // A record that the actor may not read is deleted without an echo.
    client
        .put("/loud/b", json!({"word": "hidden"}))
        .go()
        .await
        .is(201);
    let unseen = client.delete("/loud/b").go().await.is(204);
    assert_eq!(unseen.text(), "");
}

async fn counts(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    for (id, word) in [
        ("a", "one"),
        ("b", "two"),
        ("c", "one more"),
        ("d", "hidden"),
    ] {
        client
            .put(&format!("/loud/{id}"), json!({"word": word}))
            .go()
            .await
            .is(201);
    }
    let count = |query: &str| client.get(&format!("/loud/_count{query}"));
    assert_eq!(count("").go().await.is(200).json(), json!({"count": 3}));
    assert_eq!(count("?word=one").go().await.json(), json!({"count": 2}));
    assert_eq!(
        count("?word==one&limit=1&skip=1").go().await.json(),
        json!({"count": 1})
    );
    assert_eq!(count("?word=hidden").go().await.json(), json!({"count": 0}));
    assert_eq!(
        count("?pin=1").go().await.is(400).text(),
        client.get("/loud?pin=1").go().await.text()
    );
    count("?colour=red").go().await.is(400);
    let posted = client.post("/loud/_count", json!({})).go().await.is(501);
    assert_eq!(posted.header("allow"), "GET, HEAD, OPTIONS");
    client
        .put("/loud/_count", json!({"word": "w"}))
        .go()
        .await
        .is(501);
    // Refused where the list is, and counted below the parent alone.
    client
        .post("/loud/a/parts", json!({"word": "w"}))
        .go()
        .await
        .is(201);
    for by in ["", "bob", "ann"] {
        let (list, count) = (
            client.get("/loud/a/parts").by(by).go().await,
            client.get("/loud/a/parts/_count").by(by).go().await,
        );
        assert_eq!(list.status, count.status, "{by}");
    }
    assert_eq!(
        client
            .get("/loud/a/parts/_count")
            .by("ann")
            .go()
            .await
            .json(),
        json!({"count": 1})
    );
    assert_eq!(
        client
            .get("/loud/b/parts/_count")
            .by("ann")
            .go()
            .await
            .json(),
        json!({"count": 0})
    );
}

async fn described_by_hand(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    let made = client
        .post("/notes", json!({"text": "t"}))
        .go()
        .await
        .is(201);
    let path = made.header("location").to_owned();
    client.get(&path).go().await.is(405);
    client.get("/notes").go().await.is(501);
    client.put(&path, json!({"text": "u"})).go().await.is(501);
    assert_eq!(client.delete(&path).go().await.is(200).json()["text"], "t");
}

async fn documents_say_so(backend: Backend) {
    let app = app(&backend).await;
    let document = Client::new(&app)
        .get("/openapi.json")
        .go()
        .await
        .is(200)
        .json();
    assert!(document.get("servers").is_none());
    let methods = |path: &str| -> Vec<String> {
        let item = document["paths"][path].as_object().into_iter().flatten();
        item.map(|(name, _)| name.clone())
            .filter(|name| name != "parameters")
            .collect()
    };
    assert_eq!(methods("/events"), ["get"]);
    assert_eq!(methods("/events/{id}"), ["get", "put"]);
    assert_eq!(methods("/rates/{id}"), ["get", "patch", "put"]);
    assert_eq!(methods("/hooked"), ["post"]);
    assert_eq!(methods("/hooked/_count"), Vec::<String>::new());
    assert_eq!(methods("/loud/{loud}/parts/_count"), ["get"]);
    let responses = |path: &str, method: &str| -> Vec<String> {
        let all = document["paths"][path][method]["responses"]
            .as_object()
            .unwrap();
        all.keys()
            .filter(|status| status.starts_with('2'))
            .cloned()
            .collect()
    };
    assert_eq!(responses("/rates/{id}", "put"), ["200"]);
    assert_eq!(responses("/facts/{id}", "put"), ["201"]);
    assert_eq!(responses("/loud/{id}", "put"), ["201", "204"]);
    assert_eq!(responses("/loud/{id}", "delete"), ["200", "204"]);
    assert_eq!(responses("/loud/_count", "get"), ["200"]);
    let models: Vec<_> = app.models().cloned().collect();
    let manifest = serde_json::to_value(larder::manifest::Manifest::of(&models)).unwrap();
    let of = |name: &str| {
        let models = manifest["models"].as_array().unwrap();
        models
            .iter()
            .find(|model| model["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        of("Occurrence")["methods"],
        json!(["get", "list", "put_new"])
    );
    assert_eq!(
        of("Rate")["methods"],
        json!(["get", "list", "post", "put_existing", "patch"])
    );
    assert_eq!(of("Loud")["echo"], json!(["patch", "delete"]));
}

async fn paths_without_a_route(backend: Backend) {
    let app = app(&backend).await;
    let own = get(|| async { "mine" });
    let router = Router::new()
        .merge(app.rest())
        .route("/loud/{p0}/own", own.clone())
        .route("/loud/export/all", own.clone())
        .nest("/loud/{p0}/files", Router::new().route("/{name}", own))
        .fallback(|| async { "fallback" });
    let client = Client::of(router);
    for path in [
        "/loud/a/nope",
        "/loud/a/nope/deeper",
        "/loud/a/",
        "/loud/a/parts/7/nope",
    ] {
        let answer = client.get(path).go().await.is(404);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    for path in ["/loud/a/own", "/loud/export/all", "/loud/a/files/x"] {
        assert_eq!(client.get(path).go().await.is(200).text(), "mine", "{path}");
    }
    assert_eq!(client.get("/elsewhere").go().await.text(), "fallback");
    client
        .put("/loud/a", json!({"word": "x"}))
        .go()
        .await
        .is(201);
    client.get("/loud/a/parts").by("ann").go().await.is(200);
}

async fn where_it_is_nested(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::of(Router::new().nest("/api/v1", app.rest()));
    let document = client.get("/api/v1/openapi.json").go().await.is(200).json();
    assert_eq!(document["servers"], json!([{"url": "/api/v1"}]));
    assert!(document["paths"]["/loud"].is_object());
    let tenants = Client::of(Router::new().nest("/{tenant}", app.rest()));
    for prefix in ["/one", "/two", "/%7Bx%7D"] {
        let document = tenants
            .get(&format!("{prefix}/openapi.json"))
            .go()
            .await
            .is(200)
            .json();
        assert_eq!(document["servers"][0]["url"], prefix);
    }
}

async fn what_people_are_told(backend: Backend) {
    let client = Client::new(&app(&backend).await);
    client
        .put("/loud/a", json!({"word": "w"}))
        .go()
        .await
        .is(201);
    let detail =
        |answer: larder_tests::Answer| answer.json()["detail"].as_str().unwrap().to_owned();
    for (method, path) in [("POST", "/loud"), ("PUT", "/loud/a"), ("PATCH", "/loud/a")] {
        let answer = client
            .ask(method, path)
            .header("content-type", "application/json")
            .go()
            .await
            .is(400);
        let text = detail(answer);
        assert!(
            text.starts_with("the body is empty: ") && text.contains("application/json"),
            "{text}"
        );
    }
    let sorted = client.get("/loud?sortBy=+word").go().await.is(400);
    assert_eq!(
        detail(sorted),
        "a list of Loud can't be sorted by clients: leave this out"
    );
    let other = client
        .get("/loud/a/parts?sortBy=id")
        .by("ann")
        .go()
        .await
        .is(400);
    assert_eq!(detail(other), "can't sort by `id`; sortable are: word");
    let tag = client
        .patch("/loud/a", json!({}))
        .header("if-match", "abc")
        .go()
        .await
        .is(400);
    assert!(detail(tag).starts_with("If-Match: `abc` is not an entity tag; write"));
    // A store of Dojo's under Node sends this for "no condition".
    client
        .put("/loud/a", json!({"word": "w"}))
        .header("if-match", "null")
        .header("if-none-match", "null")
        .go()
        .await
        .is(204);
}

scenarios![
    what_is_not_handled_is_501,
    what_is_restricted_is_405,
    put_that_only_adds,
    echoes,
    counts,
    described_by_hand,
    documents_say_so,
    paths_without_a_route,
    where_it_is_nested,
    what_people_are_told,
];
