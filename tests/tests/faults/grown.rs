//! Records that grow write by write: no body is long, and no record gets larger than the app says, on whichever store.

use std::collections::BTreeMap;

use larder::ErrorKind;
use larder::prelude::*;
use larder_services::Service;
use larder_tests::{Answer, Backend, Client};
use serde_json::{Value, json};

use crate::place::Place;

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/sheets", id(client), rules(read = "true", write = "true"))]
struct Sheet {
    #[model(id)]
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    c: String,
    #[serde(default)]
    n: i64,
    #[model(server_only)]
    #[serde(default)]
    hidden: Secret<String>,
}

/// The longest body, and the largest record.
const BODY: usize = 10_000;
const RECORD: usize = 40_000;

/// One sheet, and who changes it.
struct World {
    app: App,
    client: Client,
}

impl World {
    async fn new(store: impl larder::IntoStore) -> Self {
        let app = App::builder()
            .models(models![Sheet])
            .store("main", store)
            .body_limit(BODY)
            .record_limit(RECORD);
        let app = app.build().await.unwrap();
        // As much as there may be, of what a client has no say in: it does not count, and is not found out.
        let sheet = Sheet {
            id: "s".to_owned(),
            hidden: Secret::new("x".repeat(RECORD - 1_000)),
            ..Sheet::default()
        };
        app.as_system("test").create(&sheet).await.unwrap();
        Self {
            client: Client::new(&app),
            app,
        }
    }

    /// A merge patch.
    async fn merge(&self, patch: Value) -> Answer {
        self.client.patch("/sheets/s", patch).go().await
    }

    /// A JSON Patch.
    async fn patch(&self, operations: Value) -> Answer {
        let patch = self
            .client
            .ask("PATCH", "/sheets/s")
            .raw(operations.to_string());
        let patch = patch.header("content-type", "application/json-patch+json");
        patch.go().await
    }

    async fn tag(&self) -> Answer {
        let tag = "x".repeat(5_000);
        self.patch(json!([{"op": "add", "path": "/tags/-", "value": tag}]))
            .await
    }

    /// Takes away all that a client has put there.
    async fn empty(&self) {
        self.client.put("/sheets/s", json!({})).go().await.is(200);
    }

    async fn sheet(&self) -> Value {
        self.client.get("/sheets/s").go().await.is(200).json()
    }

    /// Whether the record is no larger than it may be. As text a value is never longer than it counts.
    async fn is_within(&self) {
        let text = self.sheet().await.to_string();
        assert!(text.len() <= RECORD, "{} bytes", text.len());
    }

    /// Asks again and again until it is refused; how often it was not.
    async fn until_refused(&self, ask: impl AsyncFn(usize) -> Answer) -> usize {
        for count in 0..20 {
            let before = self.sheet().await;
            let answer = ask(count).await;
            if answer.status == 413 {
                assert!(answer.text().contains("larger than a record may be"));
                assert_eq!(self.sheet().await, before, "all is left as it was");
                return count;
            }
            answer.is(200);
        }
        panic!("it grows without an end");
    }
}

async fn by_json_patches(world: &World) {
    assert_eq!(world.until_refused(async |_| world.tag().await).await, 7);
    // Others see to it too, and what makes it smaller is never refused.
    let long = json!({"a": "x".repeat(9_000)});
    world.merge(long.clone()).await.is(413);
    world.merge(json!({"n": 1})).await.is(200);
    for _ in 0..2 {
        let less = json!([{"op": "remove", "path": "/tags/0"}]);
        world.patch(less).await.is(200);
    }
    world.merge(long).await.is(200);
}

async fn by_members_of_an_object(world: &World) {
    world.empty().await;
    let text = "x".repeat(5_000);
    let more = async |count: usize| {
        let member = BTreeMap::from([(format!("m{count}"), &text)]);
        world.merge(json!({ "notes": member })).await
    };
    assert_eq!(world.until_refused(more).await, 7);
}

async fn field_by_field(world: &World) {
    world.empty().await;
    let long = "x".repeat(9_900);
    let more = async |count: usize| match count {
        0 => world.merge(json!({ "a": long })).await,
        1 => world.merge(json!({ "b": long })).await,
        2 => world.merge(json!({ "c": long })).await,
        3 => {
            world
                .merge(json!({"tags": [&long[1_000..], "of those that are set"]}))
                .await
        }
        _ => world.tag().await,
    };
    assert_eq!(world.until_refused(more).await, 4);
}

/// A record that is nearly full gets no larger than it may by what is so small that nobody looks at the record.
async fn by_small_pieces(world: &World) {
    world.empty().await;
    while world.tag().await.status == 200 {}
    for bytes in [8_000, 4_000, 2_000, 1_000, 500, 250, 125, 60] {
        for field in ["a", "b", "c"] {
            let answer = world.merge(json!({ field: "x".repeat(bytes) })).await;
            assert!([200, 413].contains(&answer.status), "{answer:?}");
            world.is_within().await;
        }
    }
    // What is small is never refused for the size of the rest.
    world.merge(json!({"a": "a", "b": "b"})).await.is(200);
}

/// Code in the process adds to a list, mostly without a look at the record, and not for ever.
async fn by_pushes(world: &World) {
    let system = world.app.as_system("test");
    for bytes in [5 * 1024 * 1024, 5_000, 300, 100] {
        world.empty().await;
        let text = "x".repeat(bytes);
        let mut pushed = 0;
        let refused = loop {
            match system.update::<Sheet>("s").push(Sheet::TAGS, &*text).await {
                Ok(_) => pushed += 1,
                Err(error) => break error,
            }
            assert!(pushed < RECORD / bytes + 1, "it grows without an end");
        };
        assert_eq!(refused.kind(), ErrorKind::TooLarge, "{refused:?}");
        assert!(refused.message().contains("larger than a record may be"));
        let sheet = system.get::<Sheet>("s").await.unwrap();
        assert_eq!(sheet.tags.len(), pushed);
        world.is_within().await;
        // Nearly all of the limit can be used.
        let each = bytes + size_of::<larder::query::Value>();
        assert!(
            (pushed + 2) * each > RECORD / 16 * 15 - 2_000,
            "{pushed} of {bytes}"
        );
        // An element that takes the place of another one is judged by what comes of it.
        if pushed > 0 {
            let change = system.update::<Sheet>("s");
            let longer = change.set_item(Sheet::TAGS, 0, "x".repeat(RECORD));
            let refused = longer.await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::TooLarge, "{refused:?}");
        }
    }
}

async fn grown(store: impl larder::IntoStore) {
    let world = World::new(store).await;
    by_json_patches(&world).await;
    by_members_of_an_object(&world).await;
    field_by_field(&world).await;
    by_small_pieces(&world).await;
    by_pushes(&world).await;
}

async fn on_a_server(service: Service) {
    let Some(place) = Place::on(service).await else {
        return;
    };
    grown(store::open(place.url()).await.unwrap()).await;
    place.end().await;
}

#[tokio::test]
async fn memory() {
    grown(Backend::memory().store()).await;
}

#[tokio::test]
async fn sqlite() {
    let backend = Backend::sqlite().await;
    grown(backend.store()).await;
}

#[tokio::test]
async fn postgres() {
    on_a_server(Service::Postgres).await;
}

#[tokio::test]
async fn mysql() {
    on_a_server(Service::Mysql).await;
}

#[tokio::test]
async fn mongodb() {
    on_a_server(Service::Mongodb).await;
}
