//! larder in a user's own axum handlers.

use std::panic::AssertUnwindSafe;

use axum::extract::{FromRef, Path, State};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use larder::prelude::*;
use larder_tests::{Backend, Client};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/notes",
    id(client),
    rules(read = "owner=$actor.id", create = "true")
)]
struct Note {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    #[model(server_only)]
    key: Secret<String>,
}

async fn mine(State(app): State<App>, actor: Actor) -> Result<Json<Vec<Entity<Note>>>> {
    Ok(Json(app.as_actor(&actor).query::<Note>().all().await?))
}

async fn one(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Entity<Note>>> {
    Ok(Json(app.as_actor(&actor).get::<Note>(id.as_str()).await?))
}

async fn fails(Path(status): Path<u16>) -> Result<String, Error> {
    Err(Error::denied(status, "as you wish"))
}

async fn greeting(State(text): State<&'static str>, actor: Actor) -> String {
    format!("{text}, {actor}")
}

async fn app() -> App {
    let app = App::builder()
        .models(models![Note])
        .store("main", Backend::memory().store())
        .identity(DevelopmentHeader);
    app.build().await.unwrap()
}

#[tokio::test]
async fn the_app_as_state() {
    let app = app().await;
    let router = Router::new()
        .nest("/api", app.rest())
        .route("/mine", get(mine))
        .route("/one/{id}", get(one));
    let client = Client::of(router.route("/fails/{status}", get(fails)).with_state(app));
    client
        .put("/api/notes/n", json!({}))
        .by("ann")
        .go()
        .await
        .is(201);
    let mine = client.get("/mine").by("ann").go().await.is(200);
    assert_eq!(mine.json(), json!([{"id": "n", "owner": "ann"}]));
    assert_eq!(
        client.get("/mine").by("bob").go().await.is(200).json(),
        json!([])
    );
    assert_eq!(
        client.get("/one/n").by("ann").go().await.is(200).json()["owner"],
        "ann"
    );
    // The same answers as at the door.
    assert_eq!(
        client.get("/one/n").by("bob").go().await,
        client.get("/api/notes/n").by("bob").go().await
    );
    client.get("/mine").go().await.is(401);
    let odd = client.get("/fails/402").go().await.is(402);
    assert_eq!(
        (odd.header("content-type"), &odd.json()["detail"]),
        ("application/problem+json", &json!("as you wish"))
    );
    assert_eq!(
        client
            .get("/fails/503")
            .go()
            .await
            .is(503)
            .header("retry-after"),
        "1"
    );
    client.get("/fails/200").go().await.is(403);
}

#[derive(Clone)]
struct Own {
    app: App,
    greeting: &'static str,
}

impl FromRef<Own> for App {
    fn from_ref(own: &Own) -> Self {
        own.app.clone()
    }
}

impl FromRef<Own> for &'static str {
    fn from_ref(own: &Own) -> Self {
        own.greeting
    }
}

#[tokio::test]
async fn a_state_of_ones_own() {
    let app = app().await;
    let router = Router::new()
        .route("/greeting", get(greeting))
        .route("/mine", get(mine))
        .merge(app.rest());
    let client = Client::of(router.with_state(Own {
        app,
        greeting: "hello",
    }));
    assert_eq!(
        client.get("/greeting").by("ann").go().await.is(200).text(),
        "hello, ann"
    );
    assert_eq!(
        client.get("/greeting").go().await.is(200).text(),
        "hello, anonymous"
    );
    client
        .put("/notes/n", json!({}))
        .by("ann")
        .go()
        .await
        .is(201);
    assert_eq!(
        client.get("/mine").by("ann").go().await.is(200).each("id"),
        [json!("n")]
    );
}

#[tokio::test]
async fn two_apps_share_nothing() {
    let (one, other) = (app().await, app().await);
    let client = Client::of(
        Router::new()
            .nest("/one", one.rest())
            .nest("/other", other.rest()),
    );
    client
        .put("/one/notes/n", json!({}))
        .by("ann")
        .go()
        .await
        .is(201);
    client.get("/other/notes/n").by("ann").go().await.is(404);
}

/// What merging larder with a route of the app's own panics with; nothing where it does not.
fn clash(app: &App, own: Router) -> Option<String> {
    let merged = std::panic::catch_unwind(AssertUnwindSafe(|| own.merge(app.rest())));
    merged.err().map(|told| {
        told.downcast_ref::<String>()
            .cloned()
            .expect("axum panics with a text")
    })
}

#[tokio::test]
async fn a_route_of_ones_own_never_takes_a_models_place() {
    let app = app().await;
    let own = || async { "mine" };
    for (route, place) in [
        (Router::new().route("/notes", get(own)), "GET /notes"),
        (Router::new().route("/notes", post(own)), "POST /notes"),
        (
            Router::new().route("/notes/{p0}", put(own)),
            "PUT /notes/{p0}",
        ),
    ] {
        let told = clash(&app, route).expect(place);
        assert!(
            told.contains(&format!("`{place}` already exists")),
            "{told}"
        );
    }
    // A method that larder does not serve there is the app's.
    let free = Router::new().route("/notes", delete(own)).merge(app.rest());
    let client = Client::of(free);
    assert_eq!(
        client.ask("DELETE", "/notes").go().await.is(200).text(),
        "mine"
    );
    client.get("/notes").by("ann").go().await.is(200);
}
