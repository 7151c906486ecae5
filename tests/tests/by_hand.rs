//! Models of structs that derive no `Model`: described by hand, generic ones, ones with fields of foreign types.

use std::borrow::Cow;
use std::time::Duration;

use larder::model::{ActionDef, ActionOutput, Behaviour, schema_of};
use larder::prelude::*;
use larder::{Compiled, FieldDef, ModelDef, Operation};
use larder_tests::{Backend, Client, scenarios};
use schemars::JsonSchema;
use serde_json::json;

/// A page around anything.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(bound(deserialize = "T: serde::de::DeserializeOwned"))]
struct Page<T> {
    id: Id<Page<T>>,
    owner: String,
    body: T,
    #[serde(default)]
    views: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, PartialEq)]
struct Article {
    #[schemars(length(min = 1))]
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, PartialEq)]
struct Review {
    stars: u8,
}

/// What a page can be around: each is a model of its own.
trait Body: Serialize + serde::de::DeserializeOwned + JsonSchema + Send + Sync + 'static {
    const PAGE: &'static str;
    const URL: &'static str;
}

impl Body for Article {
    const PAGE: &'static str = "ArticlePage";
    const URL: &'static str = "/articles";
}

impl Body for Review {
    const PAGE: &'static str = "ReviewPage";
    const URL: &'static str = "/reviews";
}

impl<T: Body> larder::Model for Page<T> {
    type Key = Id<Self>;
    const NAME: &'static str = T::PAGE;
    const FIELDS: &'static [&'static str] = &["id", "owner", "body", "views"];

    fn describe() -> ModelDef {
        ModelDef::of::<Self>(env!("CARGO_PKG_NAME"))
            .url(T::URL)
            .field(FieldDef::of::<Id<Self>>("id").id())
            .field(FieldDef::of::<String>("owner").owner())
            .field(FieldDef::of::<T>("body"))
            .field(FieldDef::of::<u32>("views").read_only().default_to(0))
            .rule(Operation::Read, "true")
            .rule(Operation::Create, "true")
            .rule(Operation::Update, "owner=$actor.id")
            .timestamps()
    }

    fn key(&self) -> Cow<'_, Id<Self>> {
        Cow::Borrowed(&self.id)
    }
}

/// A link to one of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/pins", rules(read = "true", create = "true"))]
struct Pin {
    #[model(id)]
    id: Id<Pin>,
    page: ModelLink<Page<Article>>,
}

async fn generic(backend: Backend) {
    let app = App::builder()
        .models(models![Page<Article>, Page<Review>, Pin])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    let post = |path, body| client.post(path, json!({"body": body})).by("ann").go();
    let made = post("/articles", json!({"title": "a"}))
        .await
        .is(201)
        .json();
    assert_eq!((&made["owner"], &made["views"]), (&json!("ann"), &json!(0)));
    post("/reviews", json!({"stars": 5})).await.is(201);
    assert_eq!(
        post("/articles", json!({"title": ""}))
            .await
            .is(422)
            .faults(),
        ["/body/title minLength"]
    );
    assert_eq!(post("/articles", json!({"stars": 5})).await.status, 422);
    assert_eq!(
        post("/reviews", json!({"stars": 300}))
            .await
            .is(422)
            .faults(),
        ["/body/stars maximum"]
    );
    let path = format!("/articles/{}", made["id"].as_str().unwrap());
    client
        .patch(&path, json!({"body": {"title": "b"}}))
        .by("bob")
        .go()
        .await
        .is(403);
    client
        .patch(&path, json!({"body": {"title": "b"}}))
        .by("ann")
        .go()
        .await
        .is(200);
    client
        .post("/pins", json!({"page": made["id"]}))
        .go()
        .await
        .is(201);
    let ann = app.as_actor(&Actor::user("ann"));
    let mut page = ann.query::<Page<Article>>().first().await.unwrap().unwrap();
    assert_eq!(
        page.body,
        Article {
            title: "b".to_owned()
        }
    );
    page.views += 1;
    page.save().await.unwrap();
    assert_eq!(client.get(&path).go().await.is(200).json()["views"], 1);
    assert_eq!(ann.count::<Page<Review>>().await.unwrap(), 1);
}

/// A foreign type, which has neither serde nor a schema: whole seconds on the wire, an hour at the most.
mod seconds {
    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_secs())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        match u64::deserialize(from)? {
            seconds @ ..=3600 => Ok(Duration::from_secs(seconds)),
            _ => Err(D::Error::custom("is longer than an hour")),
        }
    }
}

/// How the field is written: what the struct's attributes say, as a type.
#[derive(Serialize, Deserialize)]
struct Seconds(#[serde(with = "seconds")] Duration);

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Timer {
    id: Id<Timer>,
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    after: Duration,
    at: std::net::Ipv4Addr,
}

impl larder::Model for Timer {
    type Key = Id<Self>;
    const NAME: &'static str = "Timer";
    const FIELDS: &'static [&'static str] = &["id", "after", "at"];

    fn describe() -> ModelDef {
        ModelDef::of::<Self>(env!("CARGO_PKG_NAME"))
            .url("/timers")
            .field(FieldDef::of::<Id<Self>>("id").id())
            .field(FieldDef::of::<Seconds>("after").index())
            .field(FieldDef::of::<std::net::Ipv4Addr>("at"))
            .rule(Operation::Read, "true")
            .rule(Operation::Create, "true")
            .search("after", "le")
            .sort(&["after"])
    }

    fn key(&self) -> Cow<'_, Id<Self>> {
        Cow::Borrowed(&self.id)
    }
}

async fn foreign(backend: Backend) {
    let app = App::builder()
        .models(models![Timer])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for (after, at, status) in [
        (90, "10.0.0.1", 201),
        (30, "10.0.0.2", 201),
        (9999, "10.0.0.1", 422),
        (1, "10.0.0", 422),
    ] {
        client
            .post("/timers", json!({"after": after, "at": at}))
            .go()
            .await
            .is(status);
    }
    let said = client
        .post("/timers", json!({"after": -1, "at": 7}))
        .go()
        .await
        .is(422);
    assert_eq!(said.faults(), ["/after type", "/at type"]);
    let list = client
        .get("/timers?after=60&sortBy=after")
        .go()
        .await
        .is(200);
    assert_eq!(list.each("after"), [30]);
    let timers = app.as_system("test").query::<Timer>().all().await.unwrap();
    let total: Duration = timers.iter().map(|timer| timer.after).sum();
    assert_eq!(total, Duration::from_secs(120));
}

scenarios![generic, foreign];

fn text(name: &'static str) -> FieldDef {
    FieldDef::new(name, json!({"type": "string"}))
}

fn note() -> ModelDef {
    ModelDef::new("Note")
        .url("/notes")
        .field(text("id").id())
        .field(text("text"))
}

fn told(def: ModelDef) -> String {
    Compiled::new(def).unwrap_err().message().to_owned()
}

/// What the derive refuses while compiling, `build()` refuses with the names of model and field.
#[test]
fn the_mistakes_of_the_derive() {
    let cases = [
        (note().field(text("text")), "two fields are called `text`"),
        (note().field(text("")), "a field has no name"),
        (
            note().timestamps().field(text("_created")),
            "`timestamps` keeps `_created` already",
        ),
        (
            note().field(text("__pin")),
            "field `__pin` begins with `__`, which means server-only",
        ),
        (
            note().field(text("_score")),
            "field `_score` begins with `_`, which means read-only",
        ),
        (note().store(""), "`store` is empty"),
        (note().collection(""), "`collection` is empty"),
        (note().page(0), "`page` is 0"),
        (
            note()
                .rule(Operation::Read, "true")
                .rule(Operation::Read, "false"),
            "the read rule is given twice",
        ),
        (
            note().rule(Operation::Read, "texd=a"),
            "mistake in the read rule:\n    texd=a\n    ^^^^\n    there is no field `texd`; did you mean `text`?",
        ),
        (
            note().search("text", "eq").search("text", "contains"),
            "`search` names `text` twice",
        ),
        (
            note().search("text", "like"),
            "`like` is not a search operator",
        ),
        (
            note().field(text("limit")).search("limit", "eq"),
            "`search` names `limit`, which is a parameter of every list",
        ),
        (
            note().field(text("cursor")).search("cursor", "eq"),
            "`search` names `cursor`, which is a parameter of every list",
        ),
        (note().sort(&["text", "text"]), "`sort` names `text` twice"),
        (
            note().sort(&["_created"]),
            "`sort` names `_created`, which is kept only with `.timestamps()`",
        ),
        (
            note().default_sort("+text,,-id"),
            "`default_sort` has an empty name",
        ),
        (
            note().default_sort("text,-text"),
            "`default_sort` names `text` twice",
        ),
        (
            note()
                .field(text("pin").server_only().default_to(""))
                .default_sort("pin"),
            "`default_sort` names `pin`, which is server-only",
        ),
        (
            note().field(text("own").owner().read_only()),
            "field `own`: `owner` and `read_only` can't both be given",
        ),
        (
            note().field(text("own").read_only().server_only().default_to("")),
            "field `own`: `read_only` and `server_only` can't both be given",
        ),
        (
            note().field(text("up").parent("up")),
            "the URL has no parameter `{up}` for the parent `up`",
        ),
        (
            ModelDef::new("Note")
                .field(text("id").id())
                .field(text("up").parent("up")),
            "field `up` is the parent `{up}`, but the model has no `url`",
        ),
        (
            note().url("/a/{id}/notes"),
            "its URL `/a/{id}/notes`: `{id}` is the record's own id",
        ),
        (
            note().url("/a/{b}/{b}/notes").field(text("b").parent("b")),
            "its URL `/a/{b}/{b}/notes`: the parameter `{b}` stands twice in the URL",
        ),
        (
            note()
                .url("/a/{b}/notes")
                .field(text("b").parent("b"))
                .field(text("c").parent("b")),
            "two fields are taken from `{b}`; one of them is `c`",
        ),
        (
            note().field(text("text2").default_to(5)),
            "the default of field `text2` is not text",
        ),
        (
            note().field(text("text2").default_to(larder::query::Value::Null)),
            "the default of field `text2` is null",
        ),
    ];
    for (def, expected) in cases {
        let text = told(def);
        assert!(
            text.starts_with(&format!("model Note: {expected}")),
            "{text}"
        );
    }
    let said = told(ModelDef::new("2 notes").field(text("id").id()));
    assert!(
        said.starts_with("model 2 notes: a model's name has letters, digits and `_`"),
        "{said}"
    );
    let many = told(note().page(0).field(text("text")));
    assert_eq!(
        many,
        "model Note: 2 mistakes:\n  - `page` is 0; a page has at least one record\n  - two fields are called `text`"
    );
}

/// The names of actions are checked as the derive does it.
#[test]
fn names_of_actions() {
    let named = |name: &'static str| {
        let action = ActionDef {
            name,
            doc: None,
            method: "PUT",
            global: true,
            changes: false,
            allow: Some("true"),
            args: Vec::new(),
            output: schema_of::<String>,
            run: |_, _| Box::pin(async { ActionOutput::of(&"done") }),
        };
        Compiled::new(note().behaviour(Behaviour {
            actions: vec![action],
            ..Behaviour::default()
        }))
    };
    for (name, expected) in [
        ("..", "the last part of its URL"),
        ("", "the last part of its URL"),
        ("a/b", "the last part of its URL"),
        ("_count", "begin with `_`"),
    ] {
        let error = named(name).unwrap_err();
        let begin = format!("model Note: action `{name}`: ");
        assert!(
            error.message().starts_with(&begin) && error.message().contains(expected),
            "{error}"
        );
    }
    named("finish.it~now").unwrap();
}

/// Between a description and its struct.
#[test]
fn a_struct_that_is_not_described_whole() {
    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
    struct Half {
        id: String,
        text: String,
        code: Option<String>,
    }
    impl larder::Model for Half {
        type Key = String;
        const NAME: &'static str = "Half";
        const FIELDS: &'static [&'static str] = &["id", "text"];
        fn describe() -> ModelDef {
            ModelDef::of::<Self>("tests").field(FieldDef::of::<String>("id").id())
        }
        fn key(&self) -> Cow<'_, String> {
            Cow::Borrowed(&self.id)
        }
    }
    let describe = <Half as larder::Model>::describe;
    let missing = "the struct has a field `code` that is not described, so no store would keep it: add `.field(FieldDef::of::<..>(\"code\"))`";
    assert!(told(describe()).contains(missing), "{}", told(describe()));
    let whole = || describe().field(FieldDef::of::<String>("text"));
    let code = || FieldDef::of::<Option<String>>("code");
    Compiled::new(whole().field(code())).unwrap();
    assert_eq!(
        told(whole().field(code().server_only())),
        "model Half: field `code` is server-only, so its type must be `Secret<..>`, with the schema that it brings"
    );
    let unknown = told(whole().field(code()).field(FieldDef::of::<String>("more")));
    assert!(
        unknown.contains("the schema of the struct has no property `more`"),
        "{unknown}"
    );
}
