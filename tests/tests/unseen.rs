//! Writes by somebody who may write a record and not read it: they are done, and nothing of the record comes back.

use larder::prelude::*;
use larder_tests::{Backend, Client, Logs, scenarios};
use serde_json::json;

/// Anybody may drop something in or change it; only the owner of the box reads.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/letters", timestamps)]
#[model(rules(read = "$actor.role=owner", create = "true", update = "true"))]
struct Letter {
    #[model(id)]
    id: String,
    text: String,
    #[serde(default)]
    answer: String,
}

/// A diary has an owner, who alone reads and changes what is not open. Hooks see to what is written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/days")]
#[model(rules(
    read = "open=true|owner=$actor.id",
    create = "true",
    update = "open=true|owner=$actor.id"
))]
struct Day {
    #[model(id)]
    id: String,
    #[model(owner)]
    owner: String,
    open: bool,
}

#[model_impl]
impl Day {
    #[before(update)]
    async fn nothing(&mut self, _cx: &Ctx) -> Result<()> {
        Ok(())
    }

    #[action(allow = "open=true")]
    fn look(&self) -> Result<bool> {
        Ok(self.open)
    }
}

/// Whose content decides whether it may be added.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/labels",
    rules(read = "true", create = "text=ok", update = "true")
)]
struct Label {
    #[model(id)]
    id: String,
    text: String,
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Letter, Day, Label])
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .build()
        .await
        .unwrap();
    Client::new(&app)
}

async fn no_record_comes_back(backend: Backend) {
    let client = client(&backend).await;
    let owner = "ann; role=owner";

    let put = client
        .put("/letters/a", json!({"text": "one", "answer": "hidden"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        (put.text().as_str(), put.header("location")),
        ("", "/letters/a")
    );
    let posted = client
        .post("/letters", json!({"text": "two"}))
        .go()
        .await
        .is(201);
    assert_eq!(posted.text(), "");
    assert!(posted.header("location").starts_with("/letters/"));

    let patched = client
        .patch("/letters/a", json!({"text": "three"}))
        .go()
        .await
        .is(204);
    assert_eq!(patched.text(), "");
    let kept = client.get("/letters/a").by(owner).go().await.is(200);
    assert_eq!(kept.json()["answer"], "hidden");
    assert_eq!(kept.etag(), patched.etag());
    let replaced = client
        .put("/letters/a", json!({"text": "four"}))
        .go()
        .await
        .is(204);
    assert_eq!(replaced.text(), "");

    let seen = client
        .put("/letters/a", json!({"text": "five"}))
        .by(owner)
        .go()
        .await
        .is(200);
    assert_eq!(seen.json()["text"], "five");
}

/// Who has no name can own nothing, so adds nothing. The answer to that is not one by which a hidden record is told from none.
async fn nobody_learns_what_is_there(backend: Backend) {
    let client = client(&backend).await;
    let day = json!({"open": false});
    let put = client.put("/days/there", day.clone()).by("ann");
    put.go().await.is(201);
    client.get("/days/there").go().await.is(404);
    let [hidden, absent] = ["there", "nowhere"].map(|id| format!("/days/{id}"));
    let hidden = client.put(&hidden, day.clone()).go().await;
    let absent = client.put(&absent, day).go().await;
    assert_eq!(hidden.status, absent.status);
    assert_eq!(hidden.text(), absent.text());
    assert!(hidden.status < 500, "{}", hidden.status);
}

/// A client can't tell a hidden record from none. Whoever reads the log can: what refused, or that there was nothing to refuse.
async fn what_the_log_says(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/days/there", json!({"open": false}))
        .by("ann")
        .go()
        .await
        .is(201);
    let patch = |id: &str| client.patch(&format!("/days/{id}"), json!({"open": true}));
    let delete = |id: &str| client.delete(&format!("/letters/{id}"));
    let look = |id: &str| client.ask("PUT", &format!("/days/{id}/look"));
    let add = |text: &str| client.put("/labels/none", json!({"text": text}));
    let nothing = "there is no such record";
    let refused = "the rule refused";
    for (ask, said, operation) in [
        (patch("there"), refused, "update"),
        (patch("none"), nothing, "update"),
        (look("there"), refused, "read"),
        (look("none"), nothing, "read"),
        // No rule: it refuses whatever there is.
        (delete("none"), refused, "delete"),
        // Both operations of a PUT are possible, and it is the create rule that says no.
        (add("other"), refused, "create"),
        (add("other").header("if-none-match", "*"), refused, "create"),
    ] {
        let logs = Logs::default();
        let guard = tracing::subscriber::set_default(logs.clone());
        ask.by("bob").go().await.is(404);
        drop(guard);
        let text = logs.text();
        let told: Vec<&str> = text
            .lines()
            .filter(|line| line.contains(" larder::rules "))
            .collect();
        assert_eq!(told.len(), 1, "{text}");
        let named = told[0].contains(&format!("operation=\"{operation}\""));
        assert!(told[0].contains(said) && named, "{text}");
    }
    add("ok").by("bob").go().await.is(201);
}

scenarios! { no_record_comes_back, nobody_learns_what_is_there, what_the_log_says }
