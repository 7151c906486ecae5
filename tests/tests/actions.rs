//! Actions: what can be done with a model beyond reading and writing.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/posts",
    id(client),
    rules(
        read = "status=open|author=$actor.id",
        create = "true",
        update = "false"
    )
)]
struct Post {
    #[model(id)]
    id: String,
    #[model(owner)]
    author: Option<String>,
    #[schemars(length(max = 10))]
    title: String,
    status: String,
    #[model(server_only)]
    notes: Secret<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Point {
    x: i32,
    y: i32,
}

#[model_impl]
impl Post {
    /// Saves what it changes, though the update rule refuses everybody.
    #[action(allow = "author=$actor.id")]
    async fn rename(&mut self, title: String, times: Option<u32>) -> Result<String> {
        self.title = title.repeat(times.unwrap_or(1) as usize);
        Ok(self.title.clone())
    }

    #[action(allow = "author=$actor.id")]
    fn close(&mut self) -> Result<()> {
        self.status = "closed".to_owned();
        Ok(())
    }

    #[action(method = GET, allow = "true")]
    fn peek(&self) -> Result<usize> {
        Ok(self.title.len())
    }

    #[action(method = POST, allow = "true")]
    fn guarded(&self) -> Result<()> {
        Ok(())
    }

    #[action]
    fn denied(&self) -> Result<()> {
        Ok(())
    }

    #[action(method = GET, allow = "true")]
    async fn copies(&self, cx: &Ctx) -> Result<Vec<Entity<Post>>> {
        cx.session().query::<Post>().all().await
    }

    #[action(global, method = GET, allow = "true", name = "search-all")]
    fn search(text: String, limit: Option<u32>, exact: Option<bool>) -> Result<String> {
        Ok(format!("{text}/{limit:?}/{exact:?}"))
    }

    #[action(global, method = POST, allow = "true")]
    fn area(from: Point, to: Point) -> Result<i32> {
        Ok((to.x - from.x) * (to.y - from.y))
    }

    #[action(global, method = DELETE, allow = "$actor.role=nobody")]
    async fn clear() -> Result<()> {
        // Nobody has this role.
        Ok(())
    }

    #[action(global, method = POST, allow = "$actor.role=admin")]
    fn reindex() -> Result<u8> {
        Ok(7)
    }

    #[action(method = POST, allow = "in($actor.role,(admin,editor))|author=$actor.id")]
    fn stamp(&self) -> Result<()> {
        Ok(())
    }

    #[action(global, method = POST, allow = "true")]
    fn fails() -> Result<()> {
        Err(Error::denied(402, "pay first"))
    }

    #[can_act]
    async fn can_act(&self, action: &str, _cx: &Ctx) -> Result<bool> {
        Ok(action != "guarded" || self.title == "key")
    }
}

async fn client(backend: &Backend) -> (App, Client) {
    let app = App::builder()
        .models(models![Post])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for (id, status) in [("open", "open"), ("draft", "draft")] {
        client
            .put(
                &format!("/posts/{id}"),
                json!({"title": id, "status": status}),
            )
            .by("ann")
            .go()
            .await
            .is(201);
    }
    (app, client)
}

async fn on_a_record(backend: Backend) {
    let (_, client) = client(&backend).await;
    let before = client.get("/posts/open").go().await;
    let done = client
        .put("/posts/open/rename", json!({"title": "ab", "times": 2}))
        .by("ann")
        .go()
        .await
        .is(200);
    assert_eq!(
        (done.json(), done.header("content-type")),
        (json!("abab"), "application/json")
    );
    let after = client.get("/posts/open").go().await.is(200);
    assert_eq!(
        (&after.json()["title"], after.etag()),
        (&json!("abab"), done.etag())
    );
    assert_ne!(after.etag(), before.etag());
    let closed = client
        .ask("PUT", "/posts/draft/close")
        .by("ann")
        .go()
        .await
        .is(204);
    assert_eq!(closed.body.len(), 0);
    assert_eq!(
        client.get("/posts/draft").by("ann").go().await.json()["status"],
        "closed"
    );
    // By reference it only looks.
    assert_eq!(client.get("/posts/open/peek").go().await.is(200).json(), 4);
    assert_eq!(client.get("/posts/open").go().await.etag(), after.etag());
    assert_eq!(
        client
            .ask("HEAD", "/posts/open/peek")
            .go()
            .await
            .is(200)
            .body
            .len(),
        0
    );
    // What it changed is validated.
    let invalid = client
        .put("/posts/open/rename", json!({"title": "abcdefghijk"}))
        .by("ann")
        .go()
        .await
        .is(422);
    assert_eq!(invalid.faults(), ["/title maxLength"]);
    assert_eq!(client.get("/posts/open").go().await.etag(), after.etag());
}

async fn under_a_condition(backend: Backend) {
    let (_, client) = client(&backend).await;
    let before = client.get("/posts/open").go().await.etag();
    let rename = |name: &str, condition: &str, value: &str| {
        client
            .put("/posts/open/rename", json!({ "title": name }))
            .by("ann")
            .header(condition, value)
    };
    rename("one", "if-match", &before).go().await.is(200);
    // Somebody who has not seen that does nothing.
    let stale = rename("two", "if-match", &before).go().await.is(412);
    assert_eq!(
        stale.json()["detail"],
        "the record has changed since it was read"
    );
    let now = client.get("/posts/open").go().await;
    assert_eq!(now.json()["title"], "one");
    let tag = now.etag();
    rename("two", "if-none-match", &tag).go().await.is(412);
    rename("two", "if-none-match", "*").go().await.is(412);
    rename("two", "if-match", &format!("W/{tag}"))
        .go()
        .await
        .is(412);
    rename("two", "if-match", "two").go().await.is(400);
    rename("two", "if-match", "*").go().await.is(200);
    // Also one that only looks, unless it is a GET: what that answers is not the record.
    let current = rename("key", "if-match", "*").go().await.etag();
    for (condition, status) in [(&before, 412), (&current, 204)] {
        let guarded = client.ask("POST", "/posts/open/guarded");
        guarded.header("if-match", condition).go().await.is(status);
    }
    let peek = client.get("/posts/open/peek").header("if-none-match", "*");
    peek.go().await.is(200);
    // Who may not run it, or see the record, is not told whether the condition holds.
    let by_bob = client.ask("PUT", "/posts/open/close").by("bob");
    by_bob.header("if-match", &before).go().await.is(403);
    let hidden = client.ask("PUT", "/posts/draft/close").by("bob");
    hidden.header("if-match", "\"1\"").go().await.is(404);
}

async fn without_a_rule(backend: Backend) {
    let (_, client) = client(&backend).await;
    let denied = client.ask("PUT", "/posts/open/denied").by("ann").go().await;
    assert_eq!(
        denied.is(403).json()["message"],
        "nobody may denied a Post, because the action has no rule: write `#[action(allow = \"..\")]`, with \"true\" for everybody \
         (only development mode says this)"
    );
    // Whether a record is there does not show.
    assert_eq!(
        client
            .ask("PUT", "/posts/absent/denied")
            .by("ann")
            .go()
            .await,
        client.ask("PUT", "/posts/open/denied").by("ann").go().await
    );
}

async fn who_may(backend: Backend) {
    let (app, client) = client(&backend).await;
    let rename = |id: &str, who: &str| {
        client
            .put(&format!("/posts/{id}/rename"), json!({"title": "t"}))
            .by(who)
            .go()
    };
    rename("open", "").await.is(401);
    rename("open", "bob").await.is(403);
    let hidden = rename("draft", "bob").await.is(404);
    assert_eq!(hidden, rename("absent", "bob").await);
    rename("draft", "ann").await.is(200);
    for who in ["", "bob", "ann"] {
        client
            .ask("PUT", "/posts/open/denied")
            .by(who)
            .go()
            .await
            .is(403);
    }
    client
        .ask("POST", "/posts/open/guarded")
        .by("ann")
        .go()
        .await
        .is(403);
    client
        .put("/posts/k", json!({"title": "key", "status": "open"}))
        .go()
        .await
        .is(201);
    client.ask("POST", "/posts/k/guarded").go().await.is(204);
    client
        .ask("POST", "/posts/draft/guarded")
        .by("bob")
        .go()
        .await
        .is(404);
    client.delete("/posts/clear").go().await.is(401);
    client.delete("/posts/clear").by("ann").go().await.is(403);
    client.post("/posts/fails", json!({})).go().await.is(402);
    assert_eq!(
        app.as_system("test")
            .get::<Post>("open")
            .await
            .unwrap()
            .title,
        "open"
    );
}

/// A rule that tests the actor alone also decides where there is no record.
async fn by_role(backend: Backend) {
    let (_, client) = client(&backend).await;
    let reindex = |who: &str| client.ask("POST", "/posts/reindex").by(who).go();
    reindex("").await.is(401);
    for who in ["bob", "bob; role=editor", "bob; role=ADMIN"] {
        reindex(who).await.is(403);
    }
    assert_eq!(reindex("bob; role=admin").await.is(200).json(), 7);
    for (who, status) in [
        ("", 401),
        ("bob", 403),
        ("bob; role=guest", 403),
        ("bob; role=editor", 204),
        ("ann", 204),
    ] {
        let stamp = client.ask("POST", "/posts/open/stamp").by(who).go();
        stamp.await.is(status);
    }
}

async fn arguments(backend: Backend) {
    let (_, client) = client(&backend).await;
    let ask = |query: &str| client.get(&format!("/posts/search-all{query}")).go();
    assert_eq!(
        ask("?text=a+b%26&limit=5&exact=true").await.is(200).json(),
        "a b&/Some(5)/Some(true)"
    );
    assert_eq!(ask("?text=5").await.is(200).json(), "5/None/None");
    assert_eq!(ask("").await.is(400).faults(), ["/text required"]);
    let wrong = ask("?limit=-1&exact=maybe&txt=x").await.is(400);
    assert_eq!(
        wrong.faults(),
        [
            "/exact type",
            "/limit minimum",
            "/text required",
            "/txt unknown"
        ],
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("did you mean `text`?"));
    let points = json!({"from": {"x": 1, "y": 1}, "to": {"x": 3, "y": 4}});
    assert_eq!(
        client.post("/posts/area", points).go().await.is(200).json(),
        6
    );
    let wrong = client
        .post("/posts/area", json!({"from": {"x": "1"}, "too": 1}))
        .go()
        .await
        .is(422);
    assert_eq!(
        wrong.faults(),
        [
            "/from/x type",
            "/from/y required",
            "/to required",
            "/too unknown"
        ],
        "{}",
        wrong.text()
    );
    assert_eq!(
        client
            .post("/posts/area", json!([]))
            .go()
            .await
            .is(422)
            .faults(),
        [" type"]
    );
    client
        .ask("POST", "/posts/area")
        .raw("{")
        .go()
        .await
        .is(400);
    assert_eq!(
        client
            .ask("POST", "/posts/area")
            .go()
            .await
            .is(422)
            .faults(),
        ["/from required", "/to required"]
    );
    client
        .ask("POST", "/posts/area")
        .header("content-type", "text/plain")
        .raw("{}")
        .go()
        .await
        .is(415);
}

async fn methods(backend: Backend) {
    let (_, client) = client(&backend).await;
    for (method, path, allow) in [
        ("GET", "/posts/open/rename", "PUT, OPTIONS"),
        ("PUT", "/posts/open/peek", "GET, HEAD, OPTIONS"),
        ("GET", "/posts/area", "POST, OPTIONS"),
        ("PUT", "/posts/clear", "DELETE, OPTIONS"),
    ] {
        let answer = client.ask(method, path).go().await.is(405);
        assert_eq!(answer.header("allow"), allow);
        assert_eq!(
            client
                .ask("OPTIONS", path)
                .go()
                .await
                .is(204)
                .header("allow"),
            allow
        );
    }
    client.ask("PUT", "/posts/open/unknown").go().await.is(404);
}

async fn hidden_fields_stay_hidden(backend: Backend) {
    let (app, client) = client(&backend).await;
    let mut post = app.as_system("test").get::<Post>("open").await.unwrap();
    post.notes = Secret::new("canary".to_owned());
    post.save().await.unwrap();
    let copies = client.get("/posts/open/copies").go().await.is(200);
    assert_eq!(
        copies.json(),
        json!([{"id": "open", "author": "ann", "title": "open", "status": "open"}])
    );
    client
        .put("/posts/open/rename", json!({"title": "new"}))
        .by("ann")
        .go()
        .await
        .is(200);
    assert_eq!(
        app.as_system("test")
            .get::<Post>("open")
            .await
            .unwrap()
            .notes
            .expose(),
        "canary"
    );
}

scenarios! { on_a_record, under_a_condition, without_a_rule, who_may, by_role, arguments, methods, hidden_fields_stay_hidden }
