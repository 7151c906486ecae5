//! An error of another model that a hook, an action or a handler passes on with `?`: what it says of server-only fields stays
//! on the server, whichever way the other call was made.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use larder::prelude::*;
use larder::{ErrorKind, Session};
use larder_tests::{Answer, Backend, Client, scenarios};
use serde_json::json;

const NAME: &str = "xqvault";

/// Nobody outside knows of these.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Safe {
    #[model(id)]
    id: Id<Safe>,
    #[schemars(length(max = 20))]
    label: String,
    #[model(server_only, unique)]
    #[schemars(length(max = 5))]
    xqvault: Secret<String>,
}

impl Safe {
    fn new(label: &str, code: &str) -> Self {
        Self {
            id: Id::new(),
            label: label.to_owned(),
            xqvault: Secret::new(code.to_owned()),
        }
    }
}

/// What clients see. `way` says how the safe is made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/rooms", rules(read = "true", write = "true"))]
struct Room {
    #[model(id)]
    id: String,
    way: String,
    code: String,
    #[serde(default)]
    label: String,
    #[model(server_only)]
    #[schemars(length(max = 5))]
    pin: Option<Secret<String>>,
}

#[model_impl]
impl Room {
    #[before(create)]
    async fn furnish(&self, cx: &Ctx) -> Result<()> {
        let system = match self.way.as_str() {
            "app" => cx.app().as_system("furnish"),
            "inside" => cx.as_system("furnish"),
            _ => return Ok(()),
        };
        system
            .create(&Safe::new(&self.label, &self.code))
            .await
            .map(drop)
    }

    #[action(allow = "true")]
    async fn furnish_again(&self, code: String, cx: &Ctx) -> Result<()> {
        let safe = Safe::new("", &code);
        cx.app().as_system("again").create(&safe).await?;
        Ok(())
    }

    /// An argument may have the name of a hidden field: it is the client's own word then.
    #[action(allow = "true")]
    fn lock(&mut self, pin: u32) -> Result<()> {
        self.pin = Some(Secret::new(pin.to_string()));
        Ok(())
    }
}

async fn handler(State(app): State<App>, code: String) -> Result<()> {
    let safe = Safe::new("", &code);
    app.as_system("handler").create(&safe).await.map(drop)
}

async fn app(backend: &Backend) -> App {
    let app = App::builder()
        .models(models![Safe, Room])
        .store("main", backend.store());
    app.build().await.unwrap()
}

fn client(app: &App) -> Client {
    let router: Router = app
        .rest()
        .merge(Router::new().route("/safes", post(handler)))
        .with_state(app.clone());
    Client::of(router)
}

fn says_nothing(answer: &Answer) {
    assert!(!answer.text().contains(NAME), "{}", answer.text());
    assert!(answer.faults().is_empty(), "{}", answer.text());
}

fn room(id: &str, way: &str, code: &str) -> serde_json::Value {
    json!({"id": id, "way": way, "code": code})
}

async fn taken_values(backend: Backend) {
    let app = app(&backend).await;
    let client = client(&app);
    let safe = Safe::new("", "12345");
    app.as_system("test").create(&safe).await.unwrap();
    let ways: &[&str] = if backend.is_sqlite() {
        // A second transaction would wait for this one, which is SQLite's only writer.
        &["inside"]
    } else {
        &["app", "inside"]
    };
    for way in ways {
        let answer = client.post("/rooms", room("a", way, "12345")).go().await;
        says_nothing(&answer.is(409));
    }
    client.put("/rooms/a", room("a", "", "")).go().await.is(201);
    if !backend.is_sqlite() {
        let again = client.put("/rooms/a/furnish_again", json!({"code": "12345"}));
        says_nothing(&again.go().await.is(409));
    }
    let answer = client.ask("POST", "/safes").raw("12345").go().await;
    assert_eq!(
        answer.is(409).json()["detail"],
        "another record has one of these values"
    );
}

async fn content(backend: Backend) {
    let app = app(&backend).await;
    let client = client(&app);
    for way in ["app", "inside"] {
        let answer = client.post("/rooms", room("a", way, "123456")).go().await;
        let answer = answer.is(422);
        says_nothing(&answer);
        assert_eq!(answer.json()["detail"], "the content is not valid");
        // What may be shown of the same error is.
        let mut body = room("a", way, "123456");
        body["label"] = json!("a label of more than twenty");
        let answer = client.post("/rooms", body).go().await.is(422);
        assert_eq!(answer.faults(), ["/label maxLength"]);
        assert!(!answer.text().contains(NAME), "{}", answer.text());
    }
    let answer = client.ask("POST", "/safes").raw("123456").go().await;
    says_nothing(&answer.is(422));
}

/// Code on the server is told, so that it can do something about it.
async fn in_process(backend: Backend) {
    let app = app(&backend).await;
    let system: Session = app.as_system("test");
    system.create(&Safe::new("", "12345")).await.unwrap();
    let taken = system.create(&Safe::new("", "12345")).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Duplicate);
    assert_eq!(taken.hidden_fields()[0].field, NAME);
    let long = system.create(&Safe::new("", "123456")).await.unwrap_err();
    assert_eq!(long.kind(), ErrorKind::Invalid);
    assert_eq!(long.hidden_fields()[0].pointer, "/xqvault");
    for error in [taken, long] {
        assert!(error.fields().is_empty());
        assert!(!error.to_string().contains(NAME), "{error}");
        assert!(!error.message().contains(NAME), "{}", error.message());
    }
}

async fn an_argument_with_a_hidden_name(backend: Backend) {
    let client = client(&app(&backend).await);
    client.put("/rooms/a", room("a", "", "")).go().await.is(201);
    let answer = client.put("/rooms/a/lock", json!({"pin": "x"})).go().await;
    assert_eq!(answer.is(422).faults(), ["/pin type"]);
    client
        .put("/rooms/a/lock", json!({"pin": 12345}))
        .go()
        .await
        .is(204);
}

scenarios! { taken_values, content, in_process, an_argument_with_a_hidden_name }
