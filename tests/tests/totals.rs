//! How many records a list has in all: exact with the first page, roughly where that is enough, and behind a cursor only if asked for.

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/marks",
    id(client),
    rules(read = "true", write = "true"),
    page = 10
)]
#[model(search(kind = eq), sort(kind))]
struct Mark {
    #[model(id)]
    id: u64,
    kind: String,
}

/// The same under a rule that hides most of them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/secrets", id(client), rules(read = "kind=few"), page = 10)]
#[model(search(kind = eq))]
struct Hidden {
    #[model(id)]
    id: u64,
    kind: String,
}

const MANY: u64 = 10_020;
const FEW: u64 = 27;

fn kind(id: u64) -> String {
    if id < MANY { "many" } else { "few" }.to_owned()
}

async fn client(backend: &Backend) -> Client {
    let app = App::builder()
        .models(models![Mark, Hidden])
        .store("main", backend.store());
    let app = app.build().await.unwrap();
    let system = app.as_system("test");
    let marks: Vec<Mark> = (0..MANY + FEW)
        .map(|id| Mark { id, kind: kind(id) })
        .collect();
    system.create_many(&marks).await.unwrap();
    let hidden: Vec<Hidden> = (0..MANY + FEW)
        .map(|id| Hidden { id, kind: kind(id) })
        .collect();
    system.create_many(&hidden).await.unwrap();
    Client::new(&app)
}

async fn as_asked(backend: Backend) {
    let client = client(&backend).await;
    for (path, estimated, exact) in [
        ("/marks", "items 0-9/10047", "items 0-9/10047"),
        ("/marks?kind=few", "items 0-9/27", "items 0-9/27"),
        (
            "/marks?kind=few&skip=20",
            "items 20-26/27",
            "items 20-26/27",
        ),
        ("/marks?kind=few&skip=30", "items */27", "items */27"),
        ("/marks?kind=many", "items 0-9/*", "items 0-9/10020"),
        (
            "/marks?kind=many&skip=10015",
            "items 10015-10019/10020",
            "items 10015-10019/10020",
        ),
        ("/marks?kind=none", "items */0", "items */0"),
        (
            "/marks?aggregate(kind,count())",
            "items 0-1/2",
            "items 0-1/2",
        ),
        // What a rule leaves is counted, whatever the statistics know.
        ("/secrets", "items 0-9/27", "items 0-9/27"),
        ("/secrets?kind=many", "items */0", "items */0"),
    ] {
        for (preference, range) in [("count=estimated", estimated), ("count=exact", exact)] {
            let asked = client.get(path).header("prefer", preference);
            let found = asked.go().await.is(200);
            assert_eq!(found.header("content-range"), range, "{path} {preference}");
            assert_eq!(found.header("preference-applied"), preference, "{path}");
        }
        let plain = client.get(path).go().await.is(200);
        assert_eq!(plain.header("content-range"), exact, "{path}");
    }
}

/// An estimate says nothing of where a list ends.
async fn links_lead_to_the_end(backend: Backend) {
    let client = client(&backend).await;
    let (mut path, mut ranges) = ("/marks?kind=few".to_owned(), Vec::new());
    loop {
        let page = client.get(&path).header("prefer", "count=estimated");
        let page = page.go().await.is(200);
        ranges.push(page.header("content-range").to_owned());
        let Some((next, _)) = page
            .header("link")
            .strip_prefix('<')
            .and_then(|link| link.split_once('>'))
        else {
            break;
        };
        path = next.to_owned();
    }
    assert_eq!(ranges, ["items 0-9/27", "items 10-19/27", "items 20-26/27"]);
    let first = client.get("/marks?kind=few").go().await.is(200);
    let link = first.header("link").strip_prefix('<').unwrap();
    let second = client
        .get(link.split_once('>').unwrap().0)
        .go()
        .await
        .is(200);
    assert_eq!(second.header("content-range"), "items 10-19/*");
    assert!(second.header("link").contains("cursor="));
}

scenarios! { as_asked, links_lead_to_the_end }
