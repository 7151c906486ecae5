//! One hidden value, every door and every way to fail: neither the value nor the field's name comes out.

use larder::prelude::*;
use larder_tests::{Answer, Backend, Client, Logs, scenarios};
use serde_json::json;

const CANARY: &str = "canary-6e1f";
const NAME: &str = "xqvault";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/boxes", id(client), timestamps, search(title = contains, size = eq), sort(title, size))]
#[model(rules(
    read = "open=true|owner=$actor.id",
    create = "true",
    write = "owner=$actor.id"
))]
struct Box {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: Option<String>,
    #[model(unique)]
    title: String,
    #[serde(default)]
    size: i64,
    #[serde(default)]
    open: bool,
    #[model(server_only, unique)]
    xqvault: Option<Secret<String>>,
}

#[model_impl]
impl Box {
    #[before(create)]
    fn lock(&mut self) -> Result<()> {
        if self.title.starts_with("twin") {
            self.xqvault = Some(Secret::new(CANARY.to_owned()));
        }
        Ok(())
    }

    #[action(method = GET, allow = "true")]
    async fn siblings(&self, cx: &Ctx) -> Result<Vec<Entity<Box>>> {
        cx.as_system("siblings").query::<Box>().all().await
    }

    #[action(allow = "true")]
    fn shake(&mut self) -> Result<String> {
        self.size += 1;
        Ok(self.title.clone())
    }

    #[action(method = POST, allow = "true")]
    fn drop_it(&self, hard: u8) -> Result<u8> {
        Err(Error::internal(format!("{self:?} fell {hard}")))
    }
}

fn clean(answer: &Answer, what: &str) {
    let text = format!("{:?} {}", answer.headers, answer.text());
    assert!(!text.contains(CANARY), "{what}: {text}");
    assert!(!text.contains(NAME), "{what}: {text}");
}

/// Every method on every path, with bodies good and bad, for everybody.
async fn every_answer(backend: Backend) {
    let logs = Logs::default();
    let _guard = tracing::subscriber::set_default(logs.clone());
    let app = App::builder()
        .models(models![Box])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for (id, open) in [("a", true), ("b", false)] {
        let body = json!({"title": id, "open": open});
        clean(
            &client
                .put(&format!("/boxes/{id}"), body)
                .by("ann")
                .go()
                .await
                .is(201),
            "create",
        );
    }
    let mut hidden = app.as_system("test").get::<Box>("a").await.unwrap();
    hidden.xqvault = Some(Secret::new(CANARY.to_owned()));
    hidden.save().await.unwrap();
    assert_eq!(
        app.as_system("test")
            .get::<Box>("a")
            .await
            .unwrap()
            .xqvault
            .as_ref()
            .unwrap()
            .expose(),
        CANARY
    );
    let bodies = [
        "",
        "{",
        "[]",
        "{}",
        r#"{"title":"c"}"#,
        r#"{"title":5,"size":"x","unknown":1}"#,
        r#"{"title":null}"#,
        r#"{"hard":1}"#,
    ];
    let queries = [
        "",
        "?size=1",
        "?title=a",
        "?sortBy=-size",
        "?sortBy=nothing",
        "?nothing=1",
        "?size=x",
        "?eq(title",
        "?limit=x",
        "?hard=1",
    ];
    let mut seen = std::collections::BTreeSet::new();
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"] {
        for path in [
            "/boxes",
            "/boxes/a",
            "/boxes/b",
            "/boxes/none",
            "/boxes/a/siblings",
            "/boxes/b/shake",
            "/boxes/a/shake",
            "/boxes/a/drop_it",
            "/openapi.json",
        ] {
            for who in ["", "ann", "bob"] {
                for body in bodies {
                    let answer = client.ask(method, path).raw(body).by(who).go().await;
                    seen.insert(answer.status);
                    clean(&answer, &format!("{method} {path} by {who}: {body}"));
                }
                for query in queries {
                    let answer = client
                        .ask(method, &format!("{path}{query}"))
                        .by(who)
                        .header("if-match", "\"1\"")
                        .go()
                        .await;
                    clean(&answer, &format!("{method} {path}{query} by {who}"));
                }
            }
        }
    }
    for status in [200, 204, 400, 401, 403, 404, 405, 409, 422, 500, 501] {
        assert!(seen.contains(&status), "no answer was {status}: {seen:?}");
    }
    // A hook makes a hidden value twice: the conflict says nothing of where.
    let twin = client.post("/boxes", json!({"title": "twin 1"})).go().await;
    assert_eq!(twin.status, 409, "{}", twin.text());
    clean(&twin, "twin");
    // It was there all the time.
    let hidden = app.as_system("test").get::<Box>("a").await.unwrap();
    let kept = hidden.xqvault.as_ref().map(Secret::expose);
    assert_eq!(kept.map(String::as_str), Some(CANARY));
    let logs = logs.text();
    assert!(logs.contains("larder::rules"), "{logs}");
    assert!(!logs.contains(CANARY), "the log: {logs}");
    client.delete("/boxes/a").by("ann").go().await.is(204);
}

/// What a client asks by the hidden name is answered as for any name that was never there.
async fn asked_by_name(backend: Backend) {
    let app = App::builder()
        .models(models![Box])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    client
        .put("/boxes/a", json!({"title": "a", "open": true}))
        .by("ann")
        .go()
        .await
        .is(201);
    let same = async |method: &str, path: &str, body: &str| {
        let other = "qqzzyyx";
        let ask = |name: &str| {
            client
                .ask(method, &path.replace(NAME, name))
                .raw(body.replace(NAME, name))
                .by("ann")
                .go()
        };
        let (one, other_answer) = (ask(NAME).await, ask(other).await);
        assert!(
            matches!(one.status, 400 | 422),
            "{method} {path} {body}: {}",
            one.text()
        );
        assert_eq!(
            one.text().replace(NAME, other),
            other_answer.text(),
            "{method} {path} {body}"
        );
    };
    for query in [
        "xqvault=x",
        "eq(xqvault,x)",
        "sortBy=xqvault",
        "sort(-xqvault)",
        "or(size=1,xqvault=x)",
        "in(xqvault,(x))",
        "not(xqvault=null)",
    ] {
        same("GET", &format!("/boxes?{query}"), "").await;
    }
    for body in [
        r#"{"title":"b","xqvault":"x"}"#,
        r#"{"title":"b","xqvault":null}"#,
        r#"{"xqvault":5}"#,
    ] {
        same("POST", "/boxes", body).await;
        same("PUT", "/boxes/a", body).await;
        same("PATCH", "/boxes/a", body).await;
        same("PUT", "/boxes/a/shake", body).await;
    }
}

/// Of the files that describe the app, the stored view and the manifest alone know the name.
#[test]
fn documents() {
    for (file, text) in larder::schemas::files(models![Box]).unwrap() {
        let named = text.contains(NAME);
        let may = file.contains("stored") || file.contains("manifest");
        assert!(may || !named, "{file}: {text}");
        if file.contains("stored") {
            assert!(named, "{file}: {text}");
        }
    }
}

/// An action that goes past the rules is logged with its reason, as `app.as_system` is.
async fn the_log_keeps_the_reason(backend: Backend) {
    let logs = Logs::default();
    let _guard = tracing::subscriber::set_default(logs.clone());
    let app = App::builder()
        .models(models![Box])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    let client = Client::new(&app.build().await.unwrap());
    let body = json!({"title": "a", "open": true});
    client.put("/boxes/a", body).by("ann").go().await.is(201);
    assert!(!logs.text().contains("calls that no rule limits"));
    client.get("/boxes/a/siblings").by("ann").go().await.is(200);
    let text = logs.text();
    let line = text
        .lines()
        .find(|line| line.contains("calls that no rule limits"));
    assert!(line.is_some_and(|line| line.contains("siblings")), "{text}");
}

scenarios! { the_log_keeps_the_reason, every_answer, asked_by_name }
