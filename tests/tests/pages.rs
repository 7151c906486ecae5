//! Pages for people: the routes and who may use them, and the API reference. None of them is there unless it is put in.

#![expect(
    clippy::unused_self,
    reason = "actions of test models need nothing of their record"
)]

use axum::Router;
use larder::http::{docs_page, routes_page};
use larder::manifest::Manifest;
use larder::prelude::*;
use larder_tests::{Answer, Client};

/// A note <script>alert(1)</script> & more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", restrict(delete), search(word = contains))]
#[model(rules(
    read = "true",
    create = "author=$actor.id",
    write = "pin=1|author=$actor.id"
))]
struct Note {
    #[model(id)]
    id: Id<Note>,
    #[model(owner)]
    author: String,
    /// At the <b>most</b> ten.
    #[schemars(length(max = 10))]
    word: String,
    tags: Option<Vec<String>>,
    #[model(server_only)]
    pin: Secret<String>,
}

#[model_impl]
impl Note {
    #[action]
    fn forget(&mut self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes/{note}/lines", handle(put_new, get))]
struct Line {
    #[model(id)]
    number: i64,
    note: ModelParent<Note>,
}

async fn app() -> App {
    let app = App::builder()
        .models(models![Note, Line])
        .store("main", larder::MemoryStore::new())
        .title("Notes <1>", "1.2");
    app.build().await.unwrap()
}

fn is_closed(page: &Answer) {
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let text = page.text();
    for never in [
        "<script", "http://", "https://", " style=", " onclick", "<b>",
    ] {
        assert!(!text.contains(never), "{never} in {text}");
    }
}

#[tokio::test]
async fn every_route_as_text() {
    let models: Vec<_> = app().await.models().cloned().collect();
    let expected = "\
GET    /notes/{note}/lines/{id}  get            nobody
PUT    /notes/{note}/lines/{id}  put_new        nobody
GET    /notes                   list           everybody
POST   /notes                   post           author=$actor.id
GET    /notes/_count            count          everybody
GET    /notes/{id}              get            everybody
PUT    /notes/{id}              put_new, put_existing  put_new: author=$actor.id; put_existing: pin=1|author=$actor.id
PATCH  /notes/{id}              patch          pin=1|author=$actor.id
PUT    /notes/{id}/forget       action forget  nobody
";
    let text = Manifest::of(&models).routes_text();
    let squeezed = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert_eq!(squeezed(&text), squeezed(expected), "{text}");
    let columns: Vec<usize> = text
        .lines()
        .filter_map(|line| line.find("/notes"))
        .collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
}

#[tokio::test]
async fn the_page_of_routes() {
    let app = app().await;
    let plain = Client::new(&app);
    for path in ["/_routes", "/docs", "/_routes.css"] {
        plain.get(path).go().await.is(404);
    }
    let client =
        Client::of(Router::new().nest("/api", app.rest().merge(routes_page(&app, "/_routes"))));
    let page = client.get("/api/_routes").go().await.is(200);
    is_closed(&page);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let text = page.text();
    assert!(text.contains("<h1>Notes &lt;1&gt;: routes</h1>"), "{text}");
    assert!(
        text.contains("<code>put_existing: pin=1|author=$actor.id</code>"),
        "{text}"
    );
    assert!(!text.contains("DELETE"), "{text}");
    assert!(text.contains("href=\"_routes.css\""), "{text}");
    let style = client.get("/api/_routes.css").go().await.is(200);
    assert_eq!(style.header("content-type"), "text/css");
}

#[tokio::test]
async fn the_api_reference() {
    let app = app().await;
    let client = Client::of(app.rest().merge(docs_page(&app, "docs/")));
    let page = client.get("/docs").go().await.is(200);
    is_closed(&page);
    let text = page.text();
    for part in [
        "A note &lt;script&gt;alert(1)&lt;/script&gt; &amp; more.",
        "At the &lt;b&gt;most&lt;/b&gt; ten.",
        "<span class=\"verb\">PATCH</span> <code>/notes/{id}</code>",
        "<code>application/json-patch+json</code>: <a href=\"#schema-JsonPatch\">JsonPatch</a>",
        "id=\"schema-Note.output\"",
        "<td>array of string or null</td>",
        "<code>maxLength=10</code>",
        "Allowed by <code>author=$actor.id</code>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("pin"), "nothing of a server-only field");
    client.get("/docs.css").go().await.is(200);
    // Every link leads somewhere.
    for target in text
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(text.contains(&format!("id=\"{target}\"")), "{target}");
    }
}
