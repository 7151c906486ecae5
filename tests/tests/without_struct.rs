//! Hooks, actions, computed fields and listeners of models that have no struct.

#![allow(
    clippy::needless_pass_by_value,
    reason = "listeners have the signatures that an app would give them"
)]

use std::sync::{Arc, Mutex};

use larder::model::{
    ActionCall, ActionDef, ActionOutput, Behaviour, ComputedDef, HookDef, computed_value,
    schema_of, this_mut, this_ref,
};
use larder::prelude::*;
use larder::{Document, Fields, HookPoint, ModelDef, Op, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

/// What was run, in its order.
type Told = Arc<Mutex<Vec<String>>>;

fn take(told: &Told) -> Vec<String> {
    std::mem::take(&mut told.lock().unwrap())
}

fn ticket() -> ModelDef {
    let def = ModelDef::from_json(&json!({
        "name": "Ticket",
        "url": "/tickets",
        "client_id": true,
        "schema": {
            "properties": {
                "id": {"type": "string"},
                "title": {"type": "string", "minLength": 1, "maxLength": 20},
                "state": {"enum": ["open", "done"], "default": "open"},
                "due": {"type": "string", "format": "date"},
                "at": {"type": "string", "format": "date-time"},
                "price": {"type": "string", "format": "decimal"},
                "weight": {"type": "number", "default": 1.0},
                "photo": {"type": "string", "contentEncoding": "base64"},
                "more": {"type": "object"},
                "remark": {"type": "string"},
            },
            "required": ["title"],
        },
        "server_only": ["remark"],
        "rules": {"read": "true", "create": "state=open", "write": "not(title=locked)"},
        "search": {"state": "eq"},
        "timestamps": true,
    }));
    def.unwrap()
}

/// A ticket whose every hook tells that it ran.
fn hooked(told: &Told) -> ModelDef {
    let told = told.clone();
    let tell = move |point: &'static str| {
        let told = told.clone();
        move |mut ticket: Fields, cx: Ctx| {
            let told = told.clone();
            async move {
                let title: String = ticket.to("title")?;
                told.lock()
                    .unwrap()
                    .push(format!("{point} {title} by {}", cx.actor()));
                match (point, title.as_str()) {
                    ("before create" | "before update", "closed") => {
                        return Err(Error::denied(409, "nothing is closed here"));
                    }
                    ("before create" | "before update", "long") => {
                        ticket.set("title", "x".repeat(21))?;
                    }
                    ("before create", "finished") => ticket.set("state", "done")?,
                    ("before create", "typo") => ticket.set("titel", "x")?,
                    ("before create" | "before update", "moved") => {
                        ticket.set("id", "elsewhere")?;
                    }
                    ("before create" | "before update", _) => {
                        ticket.set("title", title.trim())?;
                        ticket.set("remark", format!("seen by {}", cx.actor()))?;
                    }
                    ("before delete", "kept") => return Err(Error::denied(409, "it is kept")),
                    ("after create" | "after update" | "after delete", "undone") => {
                        return Err(Error::denied(418, "not after all"));
                    }
                    _ => {}
                }
                Ok(ticket)
            }
        }
    };
    [
        (HookPoint::BeforeCreate, "before create"),
        (HookPoint::BeforeUpdate, "before update"),
        (HookPoint::BeforeDelete, "before delete"),
        (HookPoint::AfterCreate, "after create"),
        (HookPoint::AfterUpdate, "after update"),
        (HookPoint::AfterDelete, "after delete"),
    ]
    .into_iter()
    .fold(ticket(), |def, (point, name)| {
        def.hook(point, name, tell(name))
    })
}

const EVENTS: [Event; 8] = [
    Event::Save,
    Event::Saved,
    Event::Update,
    Event::Updated,
    Event::Delete,
    Event::Deleted,
    Event::Get,
    Event::Query,
];

async fn listen(told: Told, notice: Notice<Document>) -> Result<()> {
    let title = |ticket: Result<Document>| {
        let ticket = ticket.ok()?;
        Some(ticket.get("title")?.as_str()?.to_owned())
    };
    let now = title(notice.record()).unwrap_or_default();
    let before = title(notice.previous()).map_or_else(String::new, |title| format!(" was {title}"));
    let event = notice.event();
    told.lock()
        .unwrap()
        .push(format!("{event:?} {now}{before}"));
    match now.as_str() {
        "teapot" => Err(Error::denied(418, "short and stout")),
        _ => Ok(()),
    }
}

async fn app(backend: &Backend, def: ModelDef, told: &Told, events: &[Event]) -> App {
    let mut app = App::builder().model(def).store("main", backend.store());
    for event in events {
        let told = told.clone();
        let listener = move |notice| listen(told.clone(), notice);
        app = app.on_model("Ticket", *event, listener);
    }
    app.identity(DevelopmentHeader).build().await.unwrap()
}

scenarios![
    in_the_order_of_all_models,
    hooks_refuse_and_are_checked,
    what_fails_after_the_write_undoes_it,
    listeners_deny,
    what_a_hook_leaves_alone_stays_exact,
    actions_and_computed_fields,
    structs_by_their_name
];

async fn in_the_order_of_all_models(backend: Backend) {
    let told = Told::default();
    let app = app(&backend, hooked(&told), &told, &EVENTS).await;
    let client = Client::new(&app);
    let made = client
        .post("/tickets", json!({"id": "a", "title": " Lamp "}))
        .by("ann");
    let made = made.go().await.is(201).json();
    assert_eq!((&made["title"], made.get("remark")), (&json!("Lamp"), None));
    assert_eq!(
        take(&told),
        [
            "Save  Lamp ",
            "before create  Lamp  by ann",
            "after create Lamp by ann",
            "Saved Lamp"
        ]
    );
    let kept = app.as_system("test").model("Ticket");
    assert_eq!(
        kept.get("a").await.unwrap().get("remark"),
        Some(&json!("seen by ann"))
    );
    take(&told);
    client
        .patch("/tickets/a", json!({"title": "Desk "}))
        .by("bob")
        .go()
        .await
        .is(200);
    assert_eq!(
        take(&told),
        [
            "Update Desk  was Lamp",
            "before update Desk  by bob",
            "after update Desk by bob",
            "Updated Desk was Lamp"
        ]
    );
    client
        .put("/tickets/a", json!({"title": "Chair"}))
        .go()
        .await
        .is(200);
    assert_eq!(take(&told)[1], "before update Chair by anonymous");
    client.get("/tickets/a").go().await.is(200);
    client.get("/tickets?state=open").go().await.is(200);
    assert_eq!(take(&told), ["Get Chair", "Query "]);
    client.delete("/tickets/a").go().await.is(204);
    assert_eq!(
        take(&told),
        [
            "Delete Chair",
            "before delete Chair by anonymous",
            "after delete Chair by anonymous",
            "Deleted Chair"
        ]
    );
    // By the name of the model it is the same pipeline.
    kept.create(&json!({"id": "b", "title": " by code "}))
        .await
        .unwrap();
    assert_eq!(told.lock().unwrap().len(), 4);
    assert_eq!(
        kept.get("b").await.unwrap().get("title"),
        Some(&json!("by code"))
    );
}

async fn hooks_refuse_and_are_checked(backend: Backend) {
    let told = Told::default();
    let app = app(&backend, hooked(&told), &told, &AFTER).await;
    let client = Client::new(&app);
    client
        .put("/tickets/a", json!({"title": "kept"}))
        .go()
        .await
        .is(201);
    take(&told);
    let refused = client
        .post("/tickets", json!({"title": "closed"}))
        .go()
        .await
        .is(409);
    assert_eq!(refused.json()["detail"], "nothing is closed here");
    client
        .patch("/tickets/a", json!({"title": "closed"}))
        .go()
        .await
        .is(409);
    client.delete("/tickets/a").go().await.is(409);
    // What a hook makes of a record is checked by the schema, and by the rule.
    let long = client
        .patch("/tickets/a", json!({"title": "long"}))
        .go()
        .await
        .is(422);
    assert_eq!(long.faults(), ["/title maxLength"]);
    client
        .post("/tickets", json!({"title": "finished"}))
        .go()
        .await
        .is(403);
    // A mistake of the hook is the server's own, and nobody is told what it was.
    let typo = client
        .post("/tickets", json!({"title": "typo"}))
        .go()
        .await
        .is(500);
    assert!(!typo.text().contains("titel"), "{}", typo.text());
    // The id of a new record is the hook's to choose; one that is there never moves.
    let moved = client
        .post("/tickets", json!({"id": "m", "title": "moved"}))
        .go()
        .await
        .is(201);
    assert_eq!(moved.json()["id"], "elsewhere");
    client
        .patch("/tickets/a", json!({"title": "moved"}))
        .go()
        .await
        .is(500);
    let still = client.get("/tickets/a").go().await.is(200).json();
    assert_eq!(still["title"], "kept");
    let heard: Vec<String> = take(&told)
        .into_iter()
        .filter(|line| line.starts_with("Saved"))
        .collect();
    assert_eq!(heard, ["Saved moved"], "what was refused is not told");
    assert_eq!(
        app.as_system("test").model("Ticket").count().await.unwrap(),
        2
    );
}

const AFTER: [Event; 3] = [Event::Saved, Event::Updated, Event::Deleted];

async fn what_fails_after_the_write_undoes_it(backend: Backend) {
    let told = Told::default();
    let app = app(&backend, hooked(&told), &told, &AFTER).await;
    let client = Client::new(&app);
    client
        .put("/tickets/a", json!({"title": "there"}))
        .go()
        .await
        .is(201);
    take(&told);
    client
        .put("/tickets/b", json!({"title": "undone"}))
        .go()
        .await
        .is(418);
    client
        .patch("/tickets/a", json!({"title": "undone"}))
        .go()
        .await
        .is(418);
    client.get("/tickets/b").go().await.is(404);
    assert_eq!(
        client.get("/tickets/a").go().await.is(200).json()["title"],
        "there"
    );
    assert!(
        !take(&told)
            .iter()
            .any(|line| line.starts_with("Saved") || line.starts_with("Updated"))
    );
    // A listener that fails after the commit changes nothing.
    client
        .put("/tickets/c", json!({"title": "teapot"}))
        .go()
        .await
        .is(201);
    client.get("/tickets/c").go().await.is(200);
}

async fn listeners_deny(backend: Backend) {
    let told = Told::default();
    let plain = Client::new(&app(&backend, ticket(), &told, &[]).await);
    plain
        .put("/tickets/a", json!({"title": "teapot"}))
        .go()
        .await
        .is(201);
    plain
        .put("/tickets/b", json!({"title": "cup"}))
        .go()
        .await
        .is(201);
    let app = app(&backend, ticket(), &told, &EVENTS).await;
    let client = Client::new(&app);
    let body = json!({"title": "teapot"});
    let refused = client.post("/tickets", body.clone()).go().await.is(418);
    assert_eq!(refused.json()["detail"], "short and stout");
    client.put("/tickets/new", body.clone()).go().await.is(418);
    client.put("/tickets/b", body.clone()).go().await.is(418);
    client.patch("/tickets/b", body).go().await.is(418);
    client.get("/tickets/a").go().await.is(418);
    client.delete("/tickets/a").go().await.is(418);
    let tickets = app.as_system("test").model("Ticket");
    assert_eq!(
        tickets.delete("a").await.unwrap_err().message(),
        "short and stout"
    );
    assert_eq!(
        plain.get("/tickets/b").go().await.is(200).json()["title"],
        "cup"
    );
    assert_eq!(
        plain
            .get("/tickets")
            .go()
            .await
            .is(200)
            .json()
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

async fn what_a_hook_leaves_alone_stays_exact(backend: Backend) {
    let def = ticket().hook(
        HookPoint::BeforeUpdate,
        "finish",
        |mut ticket: Fields, _: Ctx| async move {
            ticket.set("state", "done")?;
            Ok(ticket)
        },
    );
    let app = app(&backend, def, &Told::default(), &[]).await;
    let client = Client::new(&app);
    let body = json!({
        "title": "exact", "due": "2026-02-28", "at": "2026-01-31T12:00:00.123456Z", "price": "12345678901234567.89", "weight": 0.1,
        "photo": "AP8=", "more": {"n": 9_007_199_254_740_993_u64, "f": 1.0, "list": [null, "x"]},
    });
    let made = client.put("/tickets/a", body).go().await.is(201).json();
    client
        .patch("/tickets/a", json!({"title": "same"}))
        .go()
        .await
        .is(200);
    let mut after = client.get("/tickets/a").go().await.is(200).json();
    assert_eq!(
        (&after["state"], &after["title"]),
        (&json!("done"), &json!("same"))
    );
    let mut before = made;
    for record in [&mut before, &mut after] {
        for changed in ["state", "title", "_updated"] {
            record.as_object_mut().unwrap().remove(changed);
        }
    }
    assert_eq!(before, after);
}

fn behaviour() -> Behaviour {
    let finish = ActionDef {
        name: "finish",
        doc: None,
        method: "PUT",
        global: false,
        changes: true,
        allow: Some("state=open"),
        args: Vec::new(),
        output: schema_of::<String>,
        run: |this, _: ActionCall<'_>| {
            Box::pin(async move {
                let this = this.ok_or_else(|| Error::internal("it runs on a record"))?;
                let ticket = this_mut::<Fields>(this)?;
                ticket.set("state", "done")?;
                ActionOutput::of(&ticket.to::<String>("title")?)
            })
        },
    };
    let loud = ComputedDef {
        name: "loud",
        doc: None,
        schema: schema_of::<String>,
        run: |this| {
            let title: String = this_ref::<Fields>(this)?.to("title")?;
            computed_value(&title.to_uppercase())
        },
    };
    let trim = HookDef::new(HookPoint::BeforeCreate, "trim", |this, _| {
        Box::pin(async move {
            let ticket = this_mut::<Fields>(this)?;
            let title: String = ticket.to("title")?;
            ticket.set("title", title.trim())
        })
    });
    Behaviour {
        hooks: vec![trim],
        actions: vec![finish],
        computed: vec![loud],
        ..Behaviour::default()
    }
}

async fn actions_and_computed_fields(backend: Backend) {
    let app = app(
        &backend,
        ticket().behaviour(behaviour()),
        &Told::default(),
        &[],
    )
    .await;
    let client = Client::new(&app);
    let made = client
        .put("/tickets/a", json!({"title": " lamp"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        (&made.json()["title"], &made.json()["loud"]),
        (&json!("lamp"), &json!("LAMP"))
    );
    let done = client.ask("PUT", "/tickets/a/finish").go().await.is(200);
    assert_eq!(done.json(), "lamp");
    assert_eq!(
        client.get("/tickets/a").go().await.is(200).json()["state"],
        "done"
    );
    client.ask("PUT", "/tickets/a/finish").go().await.is(403);
    client.ask("PUT", "/tickets/gone/finish").go().await.is(404);
    let found = app
        .as_system("test")
        .model("Ticket")
        .query()
        .test("state", Op::Eq, "done");
    let found = found.all().await.unwrap();
    assert_eq!(serde_json::to_value(&found[0]).unwrap()["loud"], "LAMP");
}

/// A listener by name hears of models of structs too.
async fn structs_by_their_name(backend: Backend) {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/tickets", id(client), rules(read = "true", write = "true"))]
    struct Ticket {
        #[model(id)]
        id: String,
        title: String,
    }
    let told = Told::default();
    let hear = told.clone();
    let app = App::builder()
        .models(models![Ticket])
        .store("main", backend.store())
        .on_model("Ticket".to_owned(), Event::Save, move |notice| {
            listen(hear.clone(), notice)
        });
    let client = Client::new(&app.build().await.unwrap());
    client
        .post("/tickets", json!({"id": "a", "title": "teapot"}))
        .go()
        .await
        .is(418);
    client
        .post("/tickets", json!({"id": "a", "title": "cup"}))
        .go()
        .await
        .is(201);
    assert_eq!(take(&told), ["Save teapot", "Save cup"]);
}

#[test]
fn nothing_hidden_is_printed() {
    let told: Arc<Mutex<String>> = Arc::default();
    let seen = told.clone();
    let def = ticket().hook(
        HookPoint::BeforeCreate,
        "look",
        move |ticket: Fields, _: Ctx| {
            let seen = seen.clone();
            async move {
                *seen.lock().unwrap() = format!("{ticket:?}");
                Ok(())
            }
        },
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let app = app(&Backend::memory(), def, &Told::default(), &[]).await;
        let tickets = app.as_system("test").model("Ticket");
        let fields = json!({"title": "Lamp", "remark": "canary"});
        tickets.create(&fields).await.unwrap();
    });
    let printed = told.lock().unwrap().clone();
    assert!(
        printed.contains("remark") && !printed.contains("canary"),
        "{printed}"
    );
}

#[tokio::test]
async fn mistakes_at_the_start() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    struct Note {
        id: Id<Note>,
    }
    impl larder::Model for Note {
        type Key = Id<Self>;
        const NAME: &'static str = "Note";
        const FIELDS: &'static [&'static str] = &["id"];

        fn describe() -> ModelDef {
            ModelDef::of::<Self>("tests")
                .field(larder::FieldDef::of::<Id<Self>>("id").id())
                .rule(Operation::Read, "true")
                .hook(HookPoint::BeforeCreate, "tidy", |_: Fields, _: Ctx| async {
                    Ok(())
                })
        }

        fn key(&self) -> std::borrow::Cow<'_, Id<Self>> {
            std::borrow::Cow::Borrowed(&self.id)
        }
    }
    let build = async |app: larder::AppBuilder| {
        let app = app.store("main", larder::MemoryStore::new());
        app.build().await.unwrap_err().message().to_owned()
    };
    let app = App::builder().model(ticket());
    let told = Told::default();
    let app = app.on_model("Tickt", Event::Save, move |notice| {
        listen(told.clone(), notice)
    });
    assert_eq!(
        build(app).await,
        "something listens to Tickt, which the app does not have: add `Tickt` to `models![..]`, or by `.model(..)` if it has no \
         struct, or did you mean `Ticket`?"
    );

    let message = build(App::builder().models(models![Note])).await;
    assert!(
        message.contains(
            "the hook `tidy` is given fields by name, as models without a struct have them"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn the_manifest_names_the_points() {
    let def = hooked(&Told::default());
    let compiled = larder::Compiled::new(def).unwrap();
    let hooks: Value = serde_json::to_value(&compiled.data().hooks).unwrap();
    assert_eq!(hooks.as_array().map(Vec::len), Some(6));
    assert_eq!(hooks[0], "before_create");
}
