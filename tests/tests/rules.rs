//! Who may do what, and how a refusal looks.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use std::sync::Arc;

use larder::Store;
use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, Counting, scenarios};
use serde_json::{Value, json};

/// Nothing is allowed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/closed")]
struct Closed {
    #[model(id)]
    id: String,
    word: String,
}

#[model_impl]
impl Closed {
    #[action]
    fn run(&self) -> Result<u8> {
        Ok(1)
    }

    #[action(global, method = GET)]
    fn all() -> Result<u8> {
        Ok(1)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/posts", id(client), search(status = scan(eq), title = contains), sort(title))]
#[model(rules(
    read = "status=published|author=$actor.id",
    create = "true",
    write = "author=$actor.id"
))]
struct Post {
    #[model(id)]
    id: String,
    #[model(owner)]
    author: Option<String>,
    title: String,
    status: String,
    #[model(server_only)]
    grade: Secret<i64>,
}

/// The same with hooks: the way with a transaction must answer alike.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/pages", id(client), search(status = scan(eq), title = contains), sort(title))]
#[model(rules(
    read = "status=published|author=$actor.id",
    create = "true",
    write = "author=$actor.id"
))]
struct Page {
    #[model(id)]
    id: String,
    #[model(owner)]
    author: Option<String>,
    title: String,
    status: String,
    #[model(server_only)]
    grade: Secret<i64>,
}

#[model_impl]
impl Page {
    #[before(save, delete)]
    fn nothing(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A rule on a field that the client writes, so that the record before and after the write differ.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/docs",
    id(client),
    rules(
        read = "true",
        create = "true",
        update = "team=in=$actor.teams&locked=false"
    )
)]
struct Doc {
    #[model(id)]
    id: String,
    team: String,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    text: String,
}

/// Everybody reads it, and no rule or a constant one speaks of the rest.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/facts", rules(read = "word!=hidden", update = "false"))]
struct Fact {
    #[model(id)]
    id: String,
    word: String,
}

/// Not for anybody, and only with `not`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/notes",
    id(client),
    rules(
        read = "not(owner=$actor.id)",
        create = "true",
        update = "owner!=$actor.id"
    )
)]
struct Note {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: Option<String>,
    text: String,
}

async fn app(store: Arc<dyn Store>) -> App {
    let app = App::builder()
        .models(models![Closed, Post, Page, Doc, Note, Fact])
        .store("main", store);
    app.identity(DevelopmentHeader).build().await.unwrap()
}

async fn client(backend: &Backend) -> (App, Client) {
    let app = app(backend.store()).await;
    let client = Client::new(&app);
    (app, client)
}

const KINDS: [&str; 2] = ["posts", "pages"];

fn post(status: &str) -> Value {
    json!({"title": "t", "status": status})
}

async fn denied_by_default(backend: Backend) {
    let (app, client) = client(&backend).await;
    let record = Closed {
        id: "x".to_owned(),
        word: "w".to_owned(),
    };
    app.as_system("test").create(&record).await.unwrap();
    for actor in ["", "ann"] {
        for (method, path, status) in [
            ("GET", "/closed", 403),
            ("HEAD", "/closed", 403),
            ("POST", "/closed", 403),
            ("GET", "/closed/x", 404),
            ("GET", "/closed/none", 404),
            ("PUT", "/closed/x", 404),
            ("PUT", "/closed/none", 404),
            ("PATCH", "/closed/x", 404),
            ("DELETE", "/closed/x", 404),
            ("PUT", "/closed/x/run", 403),
            ("PUT", "/closed/none/run", 403),
            ("GET", "/closed/all", 403),
        ] {
            let answer = client
                .ask(method, path)
                .raw(r#"{"word":"v"}"#)
                .by(actor)
                .go()
                .await;
            assert_eq!(
                answer.status,
                status,
                "{method} {path} {actor}: {}",
                answer.text()
            );
        }
        let actor = if actor.is_empty() {
            Actor::anonymous()
        } else {
            Actor::user(actor)
        };
        let session = app.as_actor(&actor);
        assert!(session.get::<Closed>("x").await.unwrap_err().is_not_found());
        assert!(session.query::<Closed>().all().await.is_err());
        assert!(session.count::<Closed>().await.is_err());
        assert!(session.create(&record).await.is_err());
        assert!(session.save(&record).await.is_err());
        assert!(session.delete::<Closed>("x").await.is_err());
    }
    assert_eq!(
        app.as_system("test").get::<Closed>("x").await.unwrap().word,
        "w"
    );
}

/// 401 where nobody in particular asks and somebody could be allowed, 403 on what can be read, 404 else.
/// What can be read is there for a write too, though nobody may write it: also to nobody in particular.
async fn readable_and_not_writable(backend: Backend) {
    let (app, client) = client(&backend).await;
    for (id, word) in [("a", "open"), ("b", "hidden")] {
        let fact = Fact {
            id: id.to_owned(),
            word: word.to_owned(),
        };
        app.as_system("test").create(&fact).await.unwrap();
    }
    for actor in ["", "ann"] {
        for (id, status) in [("a", 403), ("b", 404), ("none", 404)] {
            for method in ["PUT", "PATCH", "DELETE"] {
                let path = format!("/facts/{id}");
                let ask = client.ask(method, &path).raw(r#"{"word":"v"}"#);
                let answer = ask.by(actor).go().await;
                let told = answer.text();
                assert_eq!(answer.status, status, "{method} {path} {actor}: {told}");
            }
        }
    }
    let session = app.as_actor(&Actor::anonymous());
    let changed = session.update::<Fact>("a").set(Fact::WORD, "v".to_owned());
    assert_eq!(changed.await.unwrap_err().kind().status(), 403);
}

async fn the_table(backend: Backend) {
    let (_, client) = client(&backend).await;
    for kind in KINDS {
        for (id, status) in [("public", "published"), ("draft", "draft")] {
            client
                .put(&format!("/{kind}/{id}"), post(status))
                .by("ann")
                .go()
                .await
                .is(201);
        }
        for (who, id, get, write) in [
            ("", "public", 200, 401),
            ("", "draft", 404, 401),
            ("", "absent", 404, 401),
            ("bob", "public", 200, 403),
            ("bob", "draft", 404, 404),
            ("bob", "absent", 404, 404),
            ("ann", "public", 200, 200),
            ("ann", "draft", 200, 200),
            ("ann", "absent", 404, 404),
        ] {
            let path = format!("/{kind}/{id}");
            let case = format!("{kind} {who} {id}");
            assert_eq!(client.get(&path).by(who).go().await.status, get, "{case}");
            assert_eq!(
                client.ask("HEAD", &path).by(who).go().await.status,
                get,
                "{case}"
            );
            assert_eq!(
                client
                    .patch(&path, json!({"title": "t"}))
                    .by(who)
                    .go()
                    .await
                    .status,
                write,
                "{case} PATCH"
            );
            assert_eq!(
                client.patch(&path, json!({})).by(who).go().await.status,
                write,
                "{case} empty PATCH"
            );
            if id != "absent" {
                // On an absent record this one creates.
                let put = if who.is_empty() && id == "draft" {
                    404
                } else {
                    write
                };
                let answer = client
                    .put(
                        &path,
                        post(if id == "public" { "published" } else { "draft" }),
                    )
                    .by(who)
                    .go()
                    .await;
                let put = if who.is_empty() {
                    [401, put].contains(&answer.status)
                } else {
                    answer.status == put
                };
                assert!(put, "{case} PUT: {}", answer.text());
            }
            if who != "ann" {
                assert_eq!(
                    client.delete(&path).by(who).go().await.status,
                    write,
                    "{case} DELETE"
                );
            }
        }
        client
            .post(&format!("/{kind}"), post("draft"))
            .go()
            .await
            .is(201);
        client
            .delete(&format!("/{kind}/draft"))
            .by("ann")
            .go()
            .await
            .is(204);
    }
    let refused = client
        .patch("/posts/public", json!({"title": "t"}))
        .go()
        .await
        .is(401);
    assert!(!refused.header("www-authenticate").is_empty());
}

/// Status, headers and body are the same, and so is what the store was asked.
async fn a_hidden_record_looks_absent(backend: Backend) {
    let counting = Counting::new(backend.store());
    let client = Client::new(&app(Arc::new(counting.clone())).await);
    let seen = async |answer: Answer| (answer, counting.take());
    for kind in KINDS {
        client
            .put(&format!("/{kind}/draft0"), post("draft"))
            .by("ann")
            .go()
            .await
            .is(201);
        counting.take();
        for who in ["", "bob"] {
            let (hidden, absent) = (format!("/{kind}/draft0"), format!("/{kind}/absent"));
            for method in ["GET", "HEAD", "PATCH", "DELETE"] {
                let ask = |path: &str| {
                    client
                        .ask(method, path)
                        .raw(r#"{"title":"x"}"#)
                        .by(who)
                        .go()
                };
                let one = seen(ask(&hidden).await).await;
                let other = seen(ask(&absent).await).await;
                assert_eq!(one, other, "{kind} {who} {method}");
                for header in ["if-match", "if-none-match"] {
                    let ask = |path: &str| {
                        client
                            .ask(method, path)
                            .raw(r#"{"title":"x"}"#)
                            .header(header, "*")
                            .by(who)
                            .go()
                    };
                    let one = seen(ask(&hidden).await).await;
                    let other = seen(ask(&absent).await).await;
                    assert_eq!(one, other, "{kind} {who} {method} {header}");
                }
            }
            let ask = |path: &str| {
                client
                    .put(path, post("draft"))
                    .header("if-match", "*")
                    .by(who)
                    .go()
            };
            let one = seen(ask(&hidden).await).await;
            let other = seen(ask(&absent).await).await;
            assert_eq!(one, other, "{kind} {who} PUT");
        }
    }
}

async fn owners_stay(backend: Backend) {
    let (_, client) = client(&backend).await;
    for kind in KINDS {
        let path = format!("/{kind}/p");
        let made = client
            .put(
                &path,
                json!({"title": "t", "status": "draft", "author": "bob"}),
            )
            .by("ann")
            .go()
            .await
            .is(201);
        assert_eq!(made.json()["author"], "ann");
        for ask in [
            client.put(
                &path,
                json!({"title": "t", "status": "draft", "author": "bob"}),
            ),
            client.patch(&path, json!({"author": "bob"})),
            client.patch(&path, json!({"author": null})),
        ] {
            assert_eq!(ask.by("ann").go().await.is(200).json()["author"], "ann");
        }
    }
}

async fn before_and_after_the_write(backend: Backend) {
    let (_, client) = client(&backend).await;
    client
        .put("/docs/d", json!({"team": "red", "text": "1"}))
        .go()
        .await
        .is(201);
    let red = "ann;teams=(green, red)";
    let answer = client
        .patch("/docs/d", json!({"text": "2"}))
        .by(red)
        .go()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    client
        .patch("/docs/d", json!({"text": "3"}))
        .by("bob;teams=blue")
        .go()
        .await
        .is(403);
    // A single team stands for a list of one, and an empty list for none.
    client
        .patch("/docs/d", json!({"text": "2"}))
        .by("eve;teams=red")
        .go()
        .await
        .is(200);
    client
        .patch("/docs/d", json!({"text": "3"}))
        .by("bob;teams=()")
        .go()
        .await
        .is(403);
    client
        .patch("/docs/d", json!({"text": "3"}))
        .by("bob")
        .go()
        .await
        .is(403);
    // Not out of the reach of the rule either, by a known field..
    client
        .patch("/docs/d", json!({"team": "blue"}))
        .by(red)
        .go()
        .await
        .is(403);
    client
        .put("/docs/d", json!({"team": "blue"}))
        .by(red)
        .go()
        .await
        .is(403);
    client
        .patch("/docs/d", json!({"locked": true}))
        .by(red)
        .go()
        .await
        .is(403);
    // .. and not into it.
    client
        .put("/docs/other", json!({"team": "blue"}))
        .go()
        .await
        .is(201);
    client
        .patch("/docs/other", json!({"team": "red"}))
        .by(red)
        .go()
        .await
        .is(403);
    client
        .put("/docs/other", json!({"team": "red"}))
        .by(red)
        .go()
        .await
        .is(403);
    let unchanged = client.get("/docs/other").go().await.json();
    assert_eq!(unchanged["team"], "blue");
    assert_eq!(
        client.get("/docs/d").go().await.json(),
        json!({"id": "d", "team": "red", "locked": false, "text": "2"})
    );
}

async fn lists_of_an_actor(backend: Backend) {
    let (app, client) = client(&backend).await;
    client
        .put("/docs/d", json!({"team": "red", "text": "1"}))
        .go()
        .await
        .is(201);
    let both = Actor::user("ann").with("teams", vec!["blue".into(), "red".into()]);
    let mut doc = app.as_actor(&both).get::<Doc>("d").await.unwrap();
    doc.text = "2".to_owned();
    doc.save().await.unwrap();
    let none = Actor::user("ann").with("teams", Vec::<larder::query::Value>::new());
    let mut doc = app.as_actor(&none).get::<Doc>("d").await.unwrap();
    doc.text = "3".to_owned();
    assert_eq!(
        doc.save().await.unwrap_err().kind(),
        larder::ErrorKind::Forbidden
    );
}

/// An unknown `$actor.id` stays unknown under `not`.
async fn nobody_matches_nothing(backend: Backend) {
    let (_, client) = client(&backend).await;
    client
        .put("/notes/orphan", json!({"text": "t"}))
        .go()
        .await
        .is(201);
    client
        .put("/notes/owned", json!({"text": "t"}))
        .by("ann")
        .go()
        .await
        .is(201);
    for id in ["orphan", "owned"] {
        let path = format!("/notes/{id}");
        assert!(
            [401, 404].contains(&client.get(&path).go().await.status),
            "{id}"
        );
        assert!(
            [401, 404].contains(&client.patch(&path, json!({"text": "u"})).go().await.status),
            "{id}"
        );
        client.get(&path).by("bob").go().await.is(200);
        client
            .patch(&path, json!({"text": "u"}))
            .by("bob")
            .go()
            .await
            .is(200);
    }
    client.get("/notes").go().await.is(401);
    client.get("/notes/owned").by("ann").go().await.is(404);
    // An ownerless record is nobody's, not everybody's.
    for kind in KINDS {
        client
            .put(&format!("/{kind}/orphan"), post("draft"))
            .go()
            .await
            .is(201);
        client.get(&format!("/{kind}/orphan")).go().await.is(404);
        client.delete(&format!("/{kind}/orphan")).go().await.is(401);
        client
            .get(&format!("/{kind}/orphan"))
            .by("null")
            .go()
            .await
            .is(404);
    }
}

async fn lists_show_what_may_be_seen(backend: Backend) {
    let (app, client) = client(&backend).await;
    for kind in KINDS {
        for at in 0..6 {
            let status = if at % 3 == 0 { "published" } else { "draft" };
            let who = if at % 2 == 0 { "ann" } else { "bob" };
            client
                .put(&format!("/{kind}/{at}"), post(status))
                .by(who)
                .go()
                .await
                .is(201);
        }
        for (who, query, ids) in [
            ("", "", "03"),
            ("ann", "", "0234"),
            ("bob", "", "0135"),
            ("bob", "?status=draft", "15"),
            ("", "?status=draft", ""),
            ("", "?or(status=draft,status=published)", "03"),
            ("", "?not(status=published)", ""),
        ] {
            let list = client
                .get(&format!("/{kind}{query}"))
                .by(who)
                .go()
                .await
                .is(200);
            let found: String = list
                .each("id")
                .iter()
                .map(|id| id.as_str().unwrap())
                .collect();
            assert_eq!(found, ids, "{kind} {who} {query}");
            assert!(
                list.header("content-range")
                    .ends_with(&format!("/{}", ids.len())),
                "{}",
                list.header("content-range")
            );
        }
    }
    assert_eq!(
        app.as_actor(&Actor::user("ann"))
            .count::<Post>()
            .await
            .unwrap(),
        4
    );
}

async fn hidden_fields_are_not_probed(backend: Backend) {
    let (_, client) = client(&backend).await;
    for query in [
        "grade=1",
        "gt(grade,1)",
        "grade==1",
        "eq(grade,null)",
        "or(status=x,grade=1)",
        "sortBy=grade",
        "sort(-grade)",
        "title=x&grade=ge=2",
    ] {
        let hidden = client
            .get(&format!("/posts?{query}"))
            .go()
            .await
            .is(400)
            .text();
        let unknown = client
            .get(&format!("/posts?{}", query.replace("grade", "zzzzz")))
            .go()
            .await
            .is(400)
            .text();
        assert_eq!(hidden.replace("grade", "zzzzz"), unknown, "{query}");
    }
}

scenarios! {
    denied_by_default, readable_and_not_writable, the_table, a_hidden_record_looks_absent, owners_stay, before_and_after_the_write, lists_of_an_actor,
    nobody_matches_nothing, lists_show_what_may_be_seen, hidden_fields_are_not_probed,
}
