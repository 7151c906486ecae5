//! Models without a struct, made of configurations while the program runs.

use larder::prelude::*;
use larder::{ErrorKind, FieldDef, Key, ModelDef, Op, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

fn config() -> Value {
    json!({
        "name": "Ticket",
        "description": "Something to be mended.",
        "url": "/rooms/{room}/tickets",
        "schema": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "room": {"type": "string", "x-parent": "Room"},
                "author": {"type": "string"},
                "title": {"type": "string", "minLength": 1, "maxLength": 20},
                "state": {"enum": ["open", "done"], "default": "open"},
                "due": {"type": "string", "format": "date"},
                "place": {"$ref": "#/$defs/Place"},
                "cost": {"type": "integer", "default": 0},
                "remark": {"type": "string"},
            },
            "required": ["room", "author", "title"],
            "$defs": {"Place": {"type": "object", "properties": {"floor": {"type": "integer"}}, "required": ["floor"], "additionalProperties": false}},
        },
        "owner": "author",
        "read_only": ["cost"],
        "server_only": ["remark"],
        "index": ["state"],
        "rules": {"read": "state=open|author=$actor.id", "create": "true", "write": "author=$actor.id"},
        "search": {"title": "contains", "state": "eq"},
        "sort": ["title", "_created"],
        "default_sort": "+title",
        "page": 3,
        "timestamps": true,
    })
}

/// A second one, by the builder, with names that are not constants.
fn room(url: &str) -> ModelDef {
    ModelDef::new("Room".to_owned())
        .url(url.to_owned())
        .field(FieldDef::new("id", json!({"type": "integer"})).id())
        .field(FieldDef::new("name", json!({"type": "string"})).unique())
        .rule(Operation::Read, "true")
        .rule(Operation::Create, String::from("$actor.id=ann"))
}

fn rooms_by_text() -> ModelDef {
    ModelDef::new("Room")
        .url("/rooms")
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .rule(Operation::Read, "true")
        .rule(Operation::Create, "true")
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .model(ModelDef::from_json(&config()).unwrap())
        .model(rooms_by_text())
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let room = app.as_system("test").model("Room");
    room.create(&json!({"id": "r"})).await.unwrap();
    app
}

async fn over_rest(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    let url = "/rooms/r/tickets";
    let body = json!({"title": "Lamp", "due": "2026-02-01", "place": {"floor": 2}, "cost": 9});
    let made = client.post(url, body).by("ann").go().await.is(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{url}/{id}");
    let mut shown = client.get(&path).go().await.is(200).json();
    let times = ["_created", "_updated"].map(|name| shown.as_object_mut().unwrap().remove(name));
    assert!(times.iter().all(Option::is_some));
    assert_eq!(
        shown,
        json!({"id": id, "room": "r", "author": "ann", "title": "Lamp", "state": "open", "due": "2026-02-01",
               "place": {"floor": 2}, "cost": 0})
    );
    for (body, fault) in [
        (json!({"title": ""}), "/title minLength"),
        (json!({"title": "a", "state": "lost"}), "/state enum"),
        (json!({"title": "a", "due": "soon"}), "/due type"),
        (json!({"title": "a", "place": {}}), "/place/floor required"),
        (json!({"title": "a", "remark": "x"}), "/remark unknown"),
        (json!({"title": "a", "colour": 1}), "/colour unknown"),
        (json!({}), "/title required"),
    ] {
        let said = client.post(url, body).by("ann").go().await.is(422);
        assert_eq!(said.faults(), [fault]);
    }
    let done = json!({"state": "done"});
    client
        .patch(&path, done.clone())
        .by("bob")
        .go()
        .await
        .is(403);
    client
        .patch(&path, done)
        .by("ann")
        .header("if-match", &made.etag())
        .go()
        .await
        .is(200);
    client.get(&path).by("bob").go().await.is(404);
    client.get(&path).by("ann").go().await.is(200);
    client
        .put(&path, json!({"title": "Desk"}))
        .by("ann")
        .go()
        .await
        .is(200);
    let shown = client.get(&path).go().await.is(200).json();
    assert_eq!((&shown["state"], shown.get("due")), (&json!("open"), None));
    client.get("/rooms/other/tickets/x").go().await.is(404);
    client.delete(&path).by("ann").go().await.is(204);
    client.get(&path).by("ann").go().await.is(404);
}

async fn lists_over_rest(backend: Backend) {
    let app = app(&backend).await;
    let tickets = app.as_system("test").model("Ticket");
    for (title, state) in [
        ("d", "open"),
        ("b", "done"),
        ("a", "open"),
        ("c", "open"),
        ("ab", "open"),
    ] {
        let ticket = json!({"title": title, "state": state, "author": "ann", "room": "r", "remark": "canary"});
        tickets.create(&ticket).await.unwrap();
    }
    let client = Client::new(&app);
    let titles = async |query: &str| {
        client
            .get(&format!("/rooms/r/tickets{query}"))
            .go()
            .await
            .is(200)
            .each("title")
    };
    assert_eq!(titles("").await, ["a", "ab", "c"]);
    assert_eq!(titles("?title=a").await, ["a", "ab"]);
    assert_eq!(titles("?state=done").await, [""; 0]);
    assert_eq!(titles("?sortBy=-title&limit=2").await, ["d", "c"]);
    for query in [
        "?remark=canary",
        "?author=ann",
        "?sortBy=remark",
        "?sortBy=state",
    ] {
        let said = client
            .get(&format!("/rooms/r/tickets{query}"))
            .go()
            .await
            .is(400);
        assert!(!said.text().contains("canary") || query.contains("canary"));
    }
    let all = client.get("/rooms/r/tickets").by("ann").go().await.is(200);
    assert!(!all.text().contains("canary") && !all.text().contains("remark"));
}

async fn by_name(backend: Backend) {
    let app = app(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let tickets = ann.model("Ticket");
    let lamp = json!({"id": "lamp", "room": "r", "title": "Lamp", "remark": "canary", "cost": 5});
    let mut made = tickets.create(&lamp).await.unwrap();
    assert_eq!(made.get("cost"), Some(&json!(5)));
    assert_eq!(made.get("remark"), Some(&json!("canary")));
    assert_eq!(made.get("due"), Some(&Value::Null));
    assert_eq!(
        (made.key().unwrap(), made.created()),
        (Key::from("lamp"), made.updated())
    );
    // To clients, and to logs, it shows what they may see.
    let shown = serde_json::to_value(&made).unwrap();
    assert!(
        shown.get("remark").is_none() && shown.get("due").is_none(),
        "{shown}"
    );
    assert!(!format!("{made:?}").contains("canary"));
    let mut other = tickets.get("lamp").await.unwrap();
    made.set("title", "Lamps").unwrap();
    made.set("place", json!({"floor": 1})).unwrap();
    made.save().await.unwrap();
    other.set("title", "Bulb").unwrap();
    let lost = other.save().await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::PreconditionFailed);
    other.load().await.unwrap();
    assert_eq!(other.get("title"), Some(&json!("Lamps")));
    assert_eq!(other.get("remark"), Some(&json!("canary")));
}

async fn changes_by_name(backend: Backend) {
    let app = app(&backend).await;
    let tickets = app.as_actor(&Actor::user("ann")).model("Ticket");
    let lamp = json!({"id": "lamp", "room": "r", "title": "Lamps", "remark": "canary", "cost": 5});
    tickets.create(&lamp).await.unwrap();
    let changed = tickets
        .change("lamp", &json!({"place": {"floor": 3}, "title": null}))
        .await;
    let refused = changed.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.fields()[0].field.as_str()),
        (ErrorKind::Invalid, "title")
    );
    let changed = tickets
        .change("lamp", &json!({"place": {"floor": 3}}))
        .await
        .unwrap();
    assert_eq!(
        (changed.get("place"), changed.get("title")),
        (Some(&json!({"floor": 3})), Some(&json!("Lamps")))
    );
    // A replace keeps what a client may not write, unless the server says it.
    let saved = tickets
        .save(&json!({"id": "lamp", "room": "r", "title": "New"}))
        .await
        .unwrap();
    assert_eq!(
        (saved.get("remark"), saved.get("place")),
        (Some(&json!("canary")), Some(&Value::Null))
    );
    let saved = tickets
        .save(&json!({"id": "lamp", "room": "r", "title": "New", "remark": null}))
        .await
        .unwrap();
    assert_eq!(saved.get("remark"), Some(&Value::Null));
    #[derive(Deserialize)]
    struct Part {
        title: String,
        cost: u32,
    }
    let part: Part = saved.to().unwrap();
    assert_eq!((part.title.as_str(), part.cost), ("New", 5));
    saved.delete().await.unwrap();
    assert!(tickets.find("lamp").await.unwrap().is_none());
}

async fn rules_by_name(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test").model("Ticket");
    for (id, state) in [("a", "open"), ("b", "done"), ("c", "open")] {
        let ticket = json!({"id": id, "title": id, "state": state, "author": "ann", "room": "r"});
        system.create(&ticket).await.unwrap();
    }
    let bob = app.as_actor(&Actor::user("bob")).model("Ticket");
    assert!(bob.get("b").await.unwrap_err().is_not_found());
    assert_eq!(bob.count().await.unwrap(), 2);
    assert_eq!(
        bob.delete("a").await.unwrap_err().kind(),
        ErrorKind::Forbidden
    );
    assert!(bob.delete("b").await.unwrap_err().is_not_found());
    let change = bob.change("a", &json!({"title": "x"})).await;
    assert_eq!(change.unwrap_err().kind(), ErrorKind::Forbidden);
    let ids = async |query: larder::RecordQuery| -> String {
        let found = query.all().await.unwrap();
        found
            .iter()
            .map(|one| one.get("id").unwrap().as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(system.query().sort("-title")).await, "cba");
    assert_eq!(
        ids(system.query().filter("state=open").sort("title").skip(1)).await,
        "c"
    );
    assert_eq!(
        ids(system.query().test("title", Op::In, json!(["a", "b"]))).await,
        "ab"
    );
    assert_eq!(ids(bob.query().filter("author=$actor.id")).await, "");
    let ann = app.as_actor(&Actor::user("ann")).model("Ticket");
    assert_eq!(ids(ann.query().filter("author=$actor.id")).await, "abc");
    let (page, total) = ann.query().limit(1).page().await.unwrap();
    assert_eq!((page.len(), total), (1, 3));
    // Nobody finds out by searching what they may not see.
    for query in [
        ann.query().filter("not(remark=null)"),
        ann.query().test("remark", Op::StartsWith, "c"),
        ann.query().sort("-remark"),
    ] {
        let refused = query.all().await.unwrap_err();
        assert!(
            refused.message().starts_with("`remark` is server-only"),
            "{refused:?}"
        );
    }
    assert_eq!(
        ids(system
            .query()
            .test("remark", Op::Eq, Value::Null)
            .sort("-remark"))
        .await,
        "abc"
    );
    // What is bound is never read as a filter.
    assert_eq!(ids(ann.query().test("title", Op::Eq, "a|true")).await, "");
}

async fn mistakes_of_callers(backend: Backend) {
    let app = app(&backend).await;
    let system = app.as_system("test");
    let told = |error: larder::Error| error.message().to_owned();
    assert_eq!(
        told(system.model("Tickt").count().await.unwrap_err()),
        "the app does not have the model Tickt; did you mean `Ticket`?"
    );
    let tickets = system.model("Ticket");
    let base = || json!({"author": "ann", "room": "r", "title": "a"});
    let mut wrong = base();
    wrong["titel"] = json!(1);
    wrong["due"] = json!(7);
    let error = tickets.create(&wrong).await.unwrap_err();
    let mut names: Vec<&str> = error
        .fields()
        .iter()
        .map(|fault| fault.field.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["due", "titel"]);
    let error = tickets.create(&json!([])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        told(tickets.save(&base()).await.unwrap_err()),
        "id: is required: it says which record to store"
    );
    for query in [
        tickets.query().filter("titel=a"),
        tickets.query().test("titel", Op::Eq, "a"),
        tickets.query().sort("titel"),
    ] {
        let error = query.all().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Setup && told(error).contains("`titel`"));
    }
    assert!(tickets.query().filter("title=(").all().await.is_err());
    assert!(tickets.query().test("due", Op::Eq, 5).all().await.is_err());
    assert!(tickets.query().test("due", Op::In, 5).all().await.is_err());
    let mut one = tickets.create(&base()).await.unwrap();
    assert!(told(one.set("titel", 1).unwrap_err()).contains("did you mean `title`?"));
    one.set("title", "x".repeat(30)).unwrap();
    assert_eq!(one.save().await.unwrap_err().kind(), ErrorKind::Invalid);
}

async fn keys_of_other_kinds(backend: Backend) {
    let app = App::builder()
        .model(room("/rooms"))
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    client
        .put("/rooms/7", json!({"name": "a"}))
        .by("ann")
        .go()
        .await
        .is(201);
    client
        .put("/rooms/8", json!({"name": "b"}))
        .by("bob")
        .go()
        .await
        .is(404);
    let rooms = app.as_system("test").model("Room");
    assert_eq!(rooms.get(7).await.unwrap().get("name"), Some(&json!("a")));
    assert_eq!(rooms.get("7").await.unwrap().get("id"), Some(&json!(7)));
    assert!(rooms.find("seven").await.unwrap().is_none());
    let taken = rooms.create(&json!({"name": "a"})).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Duplicate);
}

/// Any model has a name: those of structs too, their secrets included.
async fn models_of_structs(backend: Backend) {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(rules(read = "true", create = "true"))]
    struct Safe {
        #[model(id)]
        id: Id<Safe>,
        name: String,
        #[model(server_only)]
        code: Secret<String>,
    }
    let app = App::builder()
        .models(models![Safe])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let session = app.as_system("test");
    let made = session
        .model("Safe")
        .create(&json!({"id": "s", "name": "a", "code": "canary"}))
        .await
        .unwrap();
    assert!(!serde_json::to_string(&made).unwrap().contains("canary"));
    let typed = session.get::<Safe>("s").await.unwrap();
    assert_eq!(
        (typed.name.as_str(), typed.code.expose().as_str()),
        ("a", "canary")
    );
}

scenarios![
    over_rest,
    lists_over_rest,
    by_name,
    changes_by_name,
    rules_by_name,
    mistakes_of_callers,
    keys_of_other_kinds,
    models_of_structs,
];

#[tokio::test]
async fn documents_of_it() {
    let app = app(&Backend::memory()).await;
    let client = Client::new(&app);
    let openapi = client.get("/openapi.json").go().await.is(200).json();
    let item = &openapi["paths"]["/rooms/{room}/tickets/{id}"];
    assert!(item["get"].is_object() && item["patch"].is_object());
    assert!(!openapi.to_string().contains("remark"));
    let model = app.models().find(|model| model.name() == "Ticket").unwrap();
    let input = &model.views().input;
    assert_eq!(input["description"], "Something to be mended.");
    assert_eq!(input["required"], json!(["title"]));
    assert_eq!(
        input["properties"]["due"]["type"],
        json!(["string", "null"])
    );
    assert!(input["properties"].get("remark").is_none());
    assert!(input["$defs"]["Place"].is_object());
    assert_eq!(model.data().fields[0].name, "author");
}

#[test]
fn mistakes_in_configurations() {
    let told = |change: &dyn Fn(&mut Value)| {
        let mut config = config();
        change(&mut config);
        let def = ModelDef::from_json(&config);
        let done = def.and_then(larder::Compiled::new);
        done.unwrap_err().message().to_owned()
    };
    type Case = (&'static str, fn(&mut Value));
    let cases: [Case; 14] = [
        ("model Ticket: unknown field `rule`", |c| {
            c["rule"] = json!({});
        }),
        (
            "model Ticket: there is no field `autor`; did you mean `author`?",
            |c| c["owner"] = json!("autor"),
        ),
        ("model Ticket: there is no field `key`", |c| {
            c["id"] = json!("key");
        }),
        ("model Ticket: its schema has `oneOf` at the top", |c| {
            c["schema"]["oneOf"] = json!([]);
        }),
        ("model Ticket: its schema has `additionalProperties`", |c| {
            c["schema"]["additionalProperties"] = json!(true);
        }),
        (
            "model Ticket: its schema must be of the type `object`",
            |c| c["schema"]["type"] = json!("array"),
        ),
        (
            "model Ticket: `required` names `titel`, which is not among its properties; did you mean `title`?",
            |c| {
                c["schema"]["required"] = json!(["titel"]);
            },
        ),
        (
            "model Ticket: field `place`: it refers to `#/$defs/Plac`, which the schema does not have",
            |c| {
                c["schema"]["properties"]["place"] = json!({"$ref": "#/$defs/Plac"});
            },
        ),
        (
            "model Ticket: field `place`: it refers to `other.json`",
            |c| {
                c["schema"]["properties"]["place"] = json!({"$ref": "other.json"});
            },
        ),
        ("model Ticket: field `title` is `writeOnly`", |c| {
            c["schema"]["properties"]["title"]["writeOnly"] = json!(true);
        }),
        ("model Ticket: the default of field `state` ", |c| {
            c["schema"]["properties"]["state"]["default"] = json!("lost");
        }),
        (
            "model Ticket: the default of field `cost` is not a whole number",
            |c| {
                c["schema"]["properties"]["cost"]["default"] = json!("much");
            },
        ),
        (
            "model Ticket: the URL has no parameter `{floor}` for the parent `state`",
            |c| {
                c["parents"] = json!({"floor": "state"});
            },
        ),
        (
            "model Ticket: mistake in the update and delete rule:\n    autor=$actor.id",
            |c| {
                c["rules"]["write"] = json!("autor=$actor.id");
            },
        ),
    ];
    for (expected, change) in cases {
        let text = told(&change);
        assert!(text.starts_with(expected), "{text}");
    }
}
