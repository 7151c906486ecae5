//! Rules that test the actor itself: `$actor.role=admin`.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

/// No rule looks at the record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/settings",
    id(client),
    search(word = eq),
    rules(
        read = "$actor.role=admin",
        create = "in($actor.role,(admin,editor))",
        update = "$actor.role==admin&$actor.level=ge=3",
        delete = "contains($actor.groups,staff)"
    )
)]
struct Setting {
    #[model(id)]
    id: String,
    word: String,
}

/// The actor or the record, and the actor under `not`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/memos",
    id(client),
    rules(
        read = "eq($actor.role,admin)|author=$actor.id",
        create = "not($actor.role=guest)",
        write = "$actor.id!=null"
    )
)]
struct Memo {
    #[model(id)]
    id: String,
    #[model(owner)]
    author: Option<String>,
    text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Member {
    user: String,
    level: i64,
}

/// What is in lists is compared as what their elements are.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/teams",
    id(client),
    rules(
        read = "contains(members,and(user=$actor.id,level=ge=$actor.level))|contains(codes,7)|contains(numbers,$actor.number)",
        create = "excludes(members,user=1)",
    )
)]
struct Team {
    #[model(id)]
    id: String,
    members: Vec<Member>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    numbers: Vec<i64>,
}

const ADMIN: &str = "ann; role=admin";
const EDITOR: &str = "eve; role=editor";
const GUEST: &str = "gus; role=guest";

async fn client(backend: &Backend) -> (App, Client) {
    let app = App::builder()
        .models(models![Setting, Memo, Team])
        .store("main", backend.store());
    let app = app.identity(DevelopmentHeader).build().await.unwrap();
    let client = Client::new(&app);
    (app, client)
}

async fn only_the_role_decides(backend: Backend) {
    let (_, client) = client(&backend).await;
    for (id, who, status) in [
        ("a", "", 401),
        ("a", "bob", 403),
        ("a", GUEST, 403),
        ("a", EDITOR, 201),
        ("b", ADMIN, 201),
    ] {
        let post = client.post("/settings", json!({"id": id, "word": "w"}));
        post.by(who).go().await.is(status);
    }
    for (who, status) in [("", 401), ("bob", 404), (EDITOR, 404), (ADMIN, 200)] {
        client.get("/settings/a").by(who).go().await.is(status);
    }
    // The levels of this identity are texts, and "10" is still above 3.
    for (who, status) in [
        ("", 401),
        (ADMIN, 403),
        ("ann; role=admin; level=2", 403),
        ("ann; role=admin; level=x", 403),
        ("ann; role=admin; level=10", 200),
    ] {
        let patch = client.patch("/settings/a", json!({"word": "v"}));
        patch.by(who).go().await.is(status);
    }
}

async fn lists_by_role(backend: Backend) {
    let (_, client) = client(&backend).await;
    for id in ["a", "b"] {
        let put = client.put(&format!("/settings/{id}"), json!({"word": id}));
        put.by(ADMIN).go().await.is(201);
    }
    client.get("/settings").go().await.is(401);
    let all = client.get("/settings").by(ADMIN).go().await.is(200).json();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    for who in ["bob", EDITOR] {
        let none = client.get("/settings").by(who).go().await.is(200).json();
        assert_eq!(none, json!([]), "{who}");
    }
}

async fn groups_are_lists(backend: Backend) {
    let (app, client) = client(&backend).await;
    client
        .put("/settings/a", json!({"word": "w"}))
        .by(ADMIN)
        .go()
        .await
        .is(201);
    let with = |groups: &[&str]| {
        let groups: Vec<larder::query::Value> = groups.iter().map(|g| (*g).into()).collect();
        let actor = Actor::user("ann").with("role", "admin");
        actor.with("groups", groups)
    };
    // A text is no list: `nonstaff` must not do for `staff`.
    let text = Actor::user("ann")
        .with("role", "admin")
        .with("groups", "staff");
    for actor in [with(&[]), with(&["nonstaff"]), text] {
        let setting = app.as_actor(&actor).get::<Setting>("a").await.unwrap();
        assert_eq!(
            setting.delete().await.unwrap_err().kind(),
            larder::ErrorKind::Forbidden,
            "{actor:?}"
        );
    }
    let setting = app
        .as_actor(&with(&["x", "staff"]))
        .get::<Setting>("a")
        .await;
    setting.unwrap().delete().await.unwrap();
}

async fn mixed_and_negated(backend: Backend) {
    let (_, client) = client(&backend).await;
    // Without a role it is unknown whether it is `guest`, and unknown refuses.
    for (who, status) in [("", 401), ("bob", 403), (GUEST, 403), (EDITOR, 201)] {
        let post = client.post("/memos", json!({"id": "m", "text": "t"}));
        post.by(who).go().await.is(status);
    }
    for (who, status, seen) in [
        ("", 404, None),
        (GUEST, 404, Some(0)),
        ("eve", 200, Some(1)),
        (ADMIN, 200, Some(1)),
    ] {
        let one = client.get("/memos/m").by(who).go().await;
        assert!(one.status == status || (who.is_empty() && one.status == 401));
        let list = client.get("/memos").by(who).go().await;
        match seen {
            None => assert_eq!(list.status, 401),
            Some(seen) => assert_eq!(list.json().as_array().map(Vec::len), Some(seen), "{who}"),
        }
    }
    // Whoever is somebody.
    for (who, status) in [("", 401), ("eve", 200), (ADMIN, 200)] {
        let patch = client.patch("/memos/m", json!({"text": "u"}));
        patch.by(who).go().await.is(status);
    }
}

/// Only rules have parameters.
async fn no_parameters_for_clients(backend: Backend) {
    let (_, client) = client(&backend).await;
    for query in [
        "$actor.role=admin",
        "eq($actor.role,admin)",
        "not($actor.role=x)",
        "or(word==a,$actor.id=ann)",
        "word=$actor.id",
        "word=in=(a,$x)",
        "$x=1",
    ] {
        let answer = client
            .get(&format!("/settings?{query}"))
            .by(ADMIN)
            .go()
            .await;
        assert!(
            answer.is(400).text().contains("a query has no parameters"),
            "{query}"
        );
    }
    client
        .get("/settings?word=%24x")
        .by(ADMIN)
        .go()
        .await
        .is(200);
}

async fn elements_of_lists(backend: Backend) {
    let (_, client) = client(&backend).await;
    for (id, mut team, status) in [
        (
            "a",
            json!({"members": [{"user": "7", "level": 3}, {"user": "8", "level": 1}]}),
            201,
        ),
        ("b", json!({"members": [], "codes": ["7"]}), 201),
        ("c", json!({"members": [], "numbers": [5, 10]}), 201),
        ("d", json!({"members": [{"user": "1", "level": 3}]}), 403),
    ] {
        team["id"] = json!(id);
        let put = client.post("/teams", team);
        put.go().await.is(status);
    }
    // The attributes of this identity are texts; what they are compared with says what they are.
    for (id, who, status) in [
        ("a", "7; level=3", 200),
        ("a", "7; level=10", 404),
        ("a", "8; level=3", 404),
        ("a", "8; level=1", 200),
        ("a", "7", 404),
        ("b", "x", 200),
        ("c", "x; number=10", 200),
        ("c", "x; number=1", 404),
        ("c", "x; number=ten", 404),
    ] {
        let get = client.get(&format!("/teams/{id}")).by(who);
        assert_eq!(get.go().await.status, status, "{id} by {who}");
    }
}

scenarios! {
    only_the_role_decides, lists_by_role, groups_are_lists, mixed_and_negated, no_parameters_for_clients, elements_of_lists,
}
