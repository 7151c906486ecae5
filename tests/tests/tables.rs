//! Models over tables with habits of their own: no versions, keys from the database, read-only, renamed columns.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

async fn served(backend: &Backend, models: larder::ModelSet) -> Client {
    Client::new(&built(backend, models).await)
}

async fn built(backend: &Backend, models: larder::ModelSet) -> App {
    App::builder()
        .models(models)
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .build()
        .await
        .unwrap()
}

/// No column for versions; one field is hidden, one record is hidden from all but its owner.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", collection = "notes", version = none, id(client))]
#[model(rules(read = "open=true|by=$actor.id", write = "true"))]
struct Note {
    #[model(id)]
    id: String,
    text: String,
    #[serde(default)]
    tags: Vec<String>,
    score: Option<f64>,
    #[serde(default = "yes")]
    open: bool,
    #[serde(default)]
    by: String,
    #[model(server_only)]
    secret: Secret<String>,
}

fn yes() -> bool {
    true
}

async fn content_stands_for_a_version(backend: Backend) {
    let client = served(&backend, models![Note]).await;
    let body = json!({"id": "a", "text": "one", "tags": ["x"], "score": 1});
    let made = client
        .post("/notes", body.clone())
        .go()
        .await
        .is(201)
        .etag();
    let read = client.get("/notes/a").go().await.is(200);
    assert_eq!(read.etag(), made, "what was written hashes as what is read");
    client
        .get("/notes/a")
        .header("if-none-match", &made)
        .go()
        .await
        .is(304);
    // The same content again has the same tag, another content has another.
    let same = client.put("/notes/a", body).go().await.is(200).etag();
    assert_eq!(same, made);
    let patched = client
        .patch("/notes/a", json!({"text": "two"}))
        .header("if-match", &made)
        .go()
        .await
        .is(200);
    assert_ne!(patched.etag(), made);
    assert_eq!(patched.etag(), client.get("/notes/a").go().await.etag());
    for method in ["PUT", "PATCH", "DELETE"] {
        let ask = client.ask(method, "/notes/a").header("if-match", &made);
        ask.json(&json!({"text": "lost"})).go().await.is(412);
    }
    assert_eq!(client.get("/notes/a").go().await.json()["text"], "two");
    let put = client
        .put("/notes/a", json!({"text": "three"}))
        .header("if-match", &patched.etag());
    put.go().await.is(200);
    let put = client.put("/notes/b", json!({"text": "new"}));
    let put = put.go().await.is(201);
    client
        .put("/notes/b", json!({}))
        .header("if-none-match", "*")
        .json(&json!({"text": "x"}))
        .go()
        .await
        .is(412);
    client
        .delete("/notes/b")
        .header("if-match", &put.etag())
        .go()
        .await
        .is(204);
}

async fn no_update_is_lost_without_versions(backend: Backend) {
    let app = built(&backend, models![Note]).await;
    let client = Client::new(&app);
    client
        .post("/notes", json!({"id": "n", "text": "0"}))
        .go()
        .await
        .is(201);
    let writers = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut done = 0;
            while done < 4 {
                let read = client.get("/notes/n").go().await.is(200);
                let next: u32 = read.json()["text"]
                    .as_str()
                    .unwrap()
                    .parse::<u32>()
                    .unwrap()
                    + 1;
                let patch = client.patch("/notes/n", json!({"text": next.to_string()}));
                match patch.header("if-match", &read.etag()).go().await.status {
                    200 => done += 1,
                    412 | 409 => {}
                    other => panic!("{other}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(client.get("/notes/n").go().await.json()["text"], "32");
}

async fn code_on_the_server_loses_nothing_hidden(backend: Backend) {
    let app = built(&backend, models![Note]).await;
    let session = app.as_system("test");
    let note = session
        .construct::<Note>(larder::query::Value::from(json!({"id": "a", "text": "t"})))
        .unwrap();
    session.create(&note).await.unwrap();
    let mut one = session.get::<Note>("a").await.unwrap();
    let mut other = session.get::<Note>("a").await.unwrap();
    other.secret = Secret::new("changed".to_owned());
    let before = other.version();
    other.save().await.unwrap();
    assert_eq!(
        other.version(),
        before,
        "a hidden field is no part of what clients see"
    );
    one.text = "mine".to_owned();
    let error = one.save().await.unwrap_err();
    assert_eq!(
        error.kind(),
        larder::ErrorKind::PreconditionFailed,
        "{error}"
    );
    assert_eq!(
        session.get::<Note>("a").await.unwrap().secret.expose(),
        "changed"
    );
    // The same without a struct at hand.
    let notes = session.model("Note");
    let mut document = notes.get("a").await.unwrap();
    let stale = notes.get("a").await.unwrap();
    let mut other = session.get::<Note>("a").await.unwrap();
    other.secret = Secret::new("again".to_owned());
    other.save().await.unwrap();
    document.set("text", "mine").unwrap();
    for error in [
        document.save().await.unwrap_err(),
        stale.delete().await.unwrap_err(),
    ] {
        assert_eq!(
            error.kind(),
            larder::ErrorKind::PreconditionFailed,
            "{error}"
        );
    }
    assert_eq!(
        session.get::<Note>("a").await.unwrap().secret.expose(),
        "again"
    );
}

async fn a_tag_tells_nothing_of_what_is_hidden(backend: Backend) {
    let client = served(&backend, models![Note]).await;
    let body = json!({"id": "a", "text": "t", "open": false, "by": "ann"});
    let made = client.post("/notes", body).by("bob").go().await.is(201);
    assert_eq!(made.header("etag"), "", "bob may not read what he wrote");
    let tag = client.get("/notes/a").by("ann").go().await.is(200).etag();
    // A right guess is answered as a wrong one.
    for guess in [tag.as_str(), "\"1\""] {
        for method in ["PUT", "PATCH", "DELETE"] {
            let ask = client
                .ask(method, "/notes/a")
                .by("bob")
                .header("if-match", guess);
            let answer = ask.json(&json!({"text": "x"})).go().await.is(412);
            assert_eq!(answer.header("etag"), "");
        }
    }
    let patched = client
        .patch("/notes/a", json!({"text": "y"}))
        .by("bob")
        .go()
        .await
        .is(204);
    assert_eq!(patched.header("etag"), "");
}

/// The database counts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", id(database), sort(id))]
#[model(rules(read = "true", write = "true"))]
struct Order {
    #[model(id)]
    id: i64,
    #[model(unique)]
    item: String,
}

/// The same with a hook before and after.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hooked", collection = "hooked", id(database), version = none)]
#[model(rules(read = "true", write = "true"))]
struct Hooked {
    #[model(id)]
    id: i64,
    item: String,
    #[serde(default)]
    seen: i64,
}

#[model_impl]
impl Hooked {
    #[before(create)]
    fn early(&mut self) -> Result<()> {
        self.seen = self.id;
        Ok(())
    }
    #[after(create)]
    fn late(&self) -> Result<()> {
        match self.id {
            0 => Err(Error::denied(500, "the id should be known by now")),
            _ => Ok(()),
        }
    }
}

async fn the_database_gives_ids(backend: Backend) {
    let app = built(&backend, models![Order, Hooked]).await;
    let client = Client::new(&app);
    let made = client
        .post("/orders", json!({"item": "a", "id": 77}))
        .go()
        .await
        .is(201);
    assert_eq!(
        made.json()["id"],
        1,
        "what a client sends is ignored, as for every id it may not choose"
    );
    assert_eq!(made.header("location"), "/orders/1");
    let made = client
        .post("/orders", json!({"item": "b"}))
        .go()
        .await
        .is(201);
    assert_eq!(made.json()["id"], 2);
    client
        .patch("/orders/2", json!({"item": "B"}))
        .header("if-match", &made.etag())
        .go()
        .await
        .is(200);
    // A key that is gone never comes again.
    client.delete("/orders/2").go().await.is(204);
    assert_eq!(
        client
            .post("/orders", json!({"item": "c"}))
            .go()
            .await
            .is(201)
            .json()["id"],
        3
    );
    // A client can't choose one on PUT either.
    client
        .put("/orders/9", json!({"item": "x"}))
        .go()
        .await
        .is(404);
    client
        .put("/orders/9", json!({"item": "x"}))
        .header("if-none-match", "*")
        .go()
        .await
        .is(404);
    client
        .put("/orders/3", json!({"item": "C"}))
        .go()
        .await
        .is(200);
    let taken = client
        .post("/orders", json!({"item": "C"}))
        .go()
        .await
        .is(409)
        .json();
    assert_eq!(taken["errors"][0]["field"], "item");
    for _ in 0..2 {
        let made = client
            .post("/hooked", json!({"item": "h"}))
            .go()
            .await
            .is(201);
        assert_eq!(made.json()["seen"], 0, "before it is written it has none");
        let read = client.get(made.header("location")).go().await.is(200);
        assert_eq!((read.json(), read.etag()), (made.json(), made.etag()));
    }
}

async fn ids_from_the_database_in_code(backend: Backend) {
    let app = built(&backend, models![Order]).await;
    let session = app.as_system("test");
    let order = |id, item: &str| Order {
        id,
        item: item.to_owned(),
    };
    let made = session.create(&order(0, "a")).await.unwrap();
    assert_eq!(made.id, 1);
    // Code that moves records in may say which id they have.
    assert_eq!(session.create(&order(40, "b")).await.unwrap().id, 40);
    session
        .create_many(&[order(0, "c"), order(0, "d"), order(50, "e"), order(0, "f")])
        .await
        .unwrap();
    let all = session.query::<Order>().all().await.unwrap();
    let ids: Vec<i64> = all.iter().map(|order| order.id).collect();
    assert_eq!(ids, [1, 40, 41, 42, 50, 51]);
    let new: Order = session
        .construct(larder::query::Value::from(json!({"item": "g"})))
        .unwrap();
    assert_eq!(new.id, 0);
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    name = "City",
    url = "/cities",
    collection = "cities",
    id(client),
    rules(read = "true", write = "true")
)]
struct OldCity {
    #[model(id)]
    id: String,
    #[model(index)]
    label: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/cities", collection = "cities", read_only, search(label = eq), rules(read = "not(label=Hidden)"))]
struct City {
    #[model(id)]
    id: String,
    label: String,
}

#[model_impl]
impl City {
    #[action(method = GET, allow = "true")]
    fn shout(&self) -> Result<String> {
        Ok(self.label.to_uppercase())
    }
}

async fn cities(backend: &Backend) {
    let client = served(backend, models![OldCity]).await;
    for (id, label) in [("p", "Paris"), ("r", "Rome"), ("h", "Hidden")] {
        client
            .post("/cities", json!({"id": id, "label": label}))
            .go()
            .await
            .is(201);
    }
}

async fn a_read_only_model_is_only_read(backend: Backend) {
    cities(&backend).await;
    let app = built(&backend, models![City]).await;
    let client = Client::new(&app);
    assert_eq!(
        client.get("/cities?label=Rome").go().await.is(200).json()[0]["id"],
        "r"
    );
    assert_eq!(
        client.get("/cities/p/shout").go().await.is(200).json(),
        json!("PARIS")
    );
    for (method, path) in [
        ("POST", "/cities"),
        ("PUT", "/cities/p"),
        ("PATCH", "/cities/p"),
        ("DELETE", "/cities/p"),
        // Whether there is such a record, or one that may be seen, makes no difference.
        ("PUT", "/cities/none"),
        ("DELETE", "/cities/h"),
    ] {
        let answer = client
            .ask(method, path)
            .json(&json!({"label": "x"}))
            .go()
            .await
            .is(405);
        let message = &answer.json()["message"];
        assert!(
            message.as_str().unwrap().ends_with(" is read-only"),
            "{message}"
        );
        assert_eq!(
            answer.header("allow"),
            "GET, HEAD, OPTIONS",
            "{method} {path}"
        );
        let broken = client
            .ask(method, path)
            .raw("{")
            .header("content-type", "application/json");
        broken.go().await.is(405);
    }
    let options = client.ask("OPTIONS", "/cities/p").go().await.is(204);
    assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    assert_eq!(options.header("accept-patch"), "");
    client.get("/cities/h").go().await.is(404);
    // Not even code that no rule limits.
    let session = app.as_system("test");
    let city = City {
        id: "x".to_owned(),
        label: "X".to_owned(),
    };
    for error in [
        session.create(&city).await.unwrap_err(),
        session.save(&city).await.unwrap_err(),
        session.delete::<City>("p").await.unwrap_err(),
        session.create_many(&[city]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), larder::ErrorKind::MethodNotAllowed, "{error}");
    }
    let document = client.get("/openapi.json").go().await.json();
    let paths = &document["paths"];
    let methods = |path: &str| {
        paths[path]
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "parameters")
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (methods("/cities"), methods("/cities/{id}")),
        (vec!["get".to_owned()], vec!["get".to_owned()])
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    name = "City",
    url = "/towns",
    collection = "towns",
    was = "cities",
    id(client),
    rules(read = "true", write = "true")
)]
struct Town {
    #[model(id)]
    id: String,
    #[model(was = "label", column = "town_name", index)]
    name: String,
    #[serde(default)]
    size: i64,
}

async fn renamed_tables_and_columns_keep_their_records(backend: Backend) {
    cities(&backend).await;
    let client = served(&backend, models![Town]).await;
    let tag = client.get("/towns/r").go().await.is(200);
    assert_eq!(tag.json(), json!({"id": "r", "name": "Rome", "size": 0}));
    client
        .patch("/towns/r", json!({"name": "Roma"}))
        .header("if-match", &tag.etag())
        .go()
        .await
        .is(200);
    // A second start finds it done.
    let client = served(&backend, models![Town]).await;
    assert_eq!(
        client.get("/towns/r").go().await.is(200).json()["name"],
        "Roma"
    );
    let bad = client
        .post("/towns", json!({"id": "x", "town_name": "x"}))
        .go()
        .await
        .is(422)
        .json();
    let codes: Vec<&Value> = bad["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["code"])
        .collect();
    assert_eq!(
        codes,
        ["unknown", "required"],
        "a column's name is no field's: {bad}"
    );
}

/// A listener before the write sees a record whose id is still to come.
async fn listeners_before_the_database_gives_an_id(backend: Backend) {
    let app = App::builder()
        .models(models![Order])
        .store("main", backend.store())
        .on::<Order>(Event::Save, |notice: Notice<Order>| async move {
            let order = notice.record()?;
            if order.id == 0 && order.item != "no" {
                Ok(())
            } else {
                Err(Error::denied(418, "not this one"))
            }
        });
    let client = Client::new(&app.build().await.unwrap());
    client
        .post("/orders", json!({"item": "yes"}))
        .go()
        .await
        .is(201);
    client
        .post("/orders", json!({"item": "no"}))
        .go()
        .await
        .is(418);
}

scenarios!(
    listeners_before_the_database_gives_an_id,
    content_stands_for_a_version,
    no_update_is_lost_without_versions,
    code_on_the_server_loses_nothing_hidden,
    a_tag_tells_nothing_of_what_is_hidden,
    the_database_gives_ids,
    ids_from_the_database_in_code,
    a_read_only_model_is_only_read,
    renamed_tables_and_columns_keep_their_records,
);
