//! Listeners outside the model: before the deed they may deny it, after it they hear of it.

use std::sync::{Arc, Mutex};

use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/items", id(client), rules(read = "true", write = "true"))]
struct Item {
    #[model(id)]
    id: String,
    word: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", id(client), rules(read = "true", write = "true"))]
#[model(search(item.word = eq, number = eq), sort(number, item.word))]
struct Order {
    #[model(id)]
    id: String,
    number: i64,
    item: ModelLink<Item>,
}

type Heard = Arc<Mutex<Vec<String>>>;

fn listener(heard: &Heard) -> impl larder::Listener<Item> {
    let heard = heard.clone();
    move |notice: Notice<Item>| {
        let heard = heard.clone();
        async move {
            let word = notice
                .record()
                .map_or(String::new(), |record| record.word.clone());
            let old = notice
                .previous()
                .map_or(String::new(), |record| format!(" was {}", record.word));
            heard.lock().unwrap().push(format!(
                "{:?} {word}{old} by {}",
                notice.event(),
                notice.actor()
            ));
            match word.as_str() {
                "teapot" => Err(Error::denied(418, "short and stout")),
                "broken" => Err(Error::internal("a detail")),
                "panic" => panic!("as the test wants it"),
                _ => Ok(()),
            }
        }
    }
}

async fn client(backend: &Backend, events: &[Event]) -> (App, Client, Heard) {
    let heard = Heard::default();
    let mut app = App::builder()
        .models(models![Item])
        .store("main", backend.store())
        .identity(DevelopmentHeader);
    for event in events {
        app = app.on::<Item>(*event, listener(&heard));
    }
    let app = app.build().await.unwrap();
    (app.clone(), Client::new(&app), heard)
}

fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut heard.lock().unwrap())
}

const BEFORE: [Event; 5] = [
    Event::Save,
    Event::Update,
    Event::Delete,
    Event::Get,
    Event::Query,
];
const AFTER: [Event; 3] = [Event::Saved, Event::Updated, Event::Deleted];

async fn before_the_deed(backend: Backend) {
    let (app, client, heard) = client(&backend, &BEFORE).await;
    client
        .put("/items/x", json!({"word": "a"}))
        .by("ann")
        .go()
        .await
        .is(201);
    client
        .put("/items/x", json!({"word": "b"}))
        .by("ann")
        .go()
        .await
        .is(200);
    client
        .patch("/items/x", json!({"word": "c"}))
        .go()
        .await
        .is(200);
    client.get("/items/x").go().await.is(200);
    client.get("/items").go().await.is(200);
    assert_eq!(
        take(&heard),
        [
            "Save a by ann",
            "Update b was a by ann",
            "Update c was b by anonymous",
            "Get c by anonymous",
            "Query  by anonymous"
        ]
    );
    let before = app.as_system("test").get::<Item>("x").await.unwrap();
    let words = |ask: larder_tests::Ask| ask.go();
    for body in [json!({"word": "teapot"})] {
        let refused = words(client.put("/items/x", body.clone())).await.is(418);
        assert_eq!(refused.json()["detail"], "short and stout");
        words(client.patch("/items/x", body.clone())).await.is(418);
        words(client.put("/items/new", body.clone())).await.is(418);
        words(client.post("/items", body.clone())).await.is(418);
    }
    let broken = client
        .put("/items/x", json!({"word": "broken"}))
        .go()
        .await
        .is(500);
    assert!(!broken.text().contains("a detail"), "{}", broken.text());
    assert_eq!(
        app.as_system("test")
            .get::<Item>("x")
            .await
            .unwrap()
            .version(),
        before.version()
    );
    assert_eq!(app.as_system("test").count::<Item>().await.unwrap(), 1);
    client.delete("/items/x").go().await.is(204);
    assert_eq!(take(&heard).last().unwrap(), "Delete c by anonymous");
}

async fn reads_can_be_denied(backend: Backend) {
    let (_, plain, _) = client(&backend, &[]).await;
    plain
        .put("/items/x", json!({"word": "teapot"}))
        .go()
        .await
        .is(201);
    let (_, client, _) = client(&backend, &BEFORE).await;
    client.get("/items/x").go().await.is(418);
    client.delete("/items/x").go().await.is(418);
    plain.get("/items/x").go().await.is(200);
}

async fn after_the_deed(backend: Backend) {
    let (app, client, heard) = client(&backend, &AFTER).await;
    client
        .post("/items", json!({"id": "x", "word": "a"}))
        .go()
        .await
        .is(201);
    client
        .put("/items/x", json!({"word": "b"}))
        .go()
        .await
        .is(200);
    client
        .patch("/items/x", json!({"word": "c"}))
        .go()
        .await
        .is(200);
    client.delete("/items/x").go().await.is(204);
    assert_eq!(
        take(&heard),
        [
            "Saved a by anonymous",
            "Updated b was a by anonymous",
            "Updated c was b by anonymous",
            "Deleted c by anonymous"
        ]
    );
    // A failure changes nothing any more.
    client
        .put("/items/y", json!({"word": "teapot"}))
        .go()
        .await
        .is(201);
    client
        .put("/items/y", json!({"word": "broken"}))
        .go()
        .await
        .is(200);
    client
        .put("/items/y", json!({"word": "panic"}))
        .go()
        .await
        .is(200);
    client.get("/items/y").go().await.is(200);
    // What fails is not told.
    take(&heard);
    client
        .post("/items", json!({"id": "y", "word": "a"}))
        .go()
        .await
        .is(409);
    client
        .put("/items/y", json!({"word": "z"}))
        .header("if-match", "\"1\"")
        .go()
        .await
        .is(412);
    client.delete("/items/none").go().await.is(404);
    assert_eq!(take(&heard), [""; 0]);
    let items = ["p", "q"].map(|id| Item {
        id: id.to_owned(),
        word: id.to_owned(),
    });
    app.as_system("import").create_many(&items).await.unwrap();
    assert_eq!(
        take(&heard),
        ["Saved p by system (import)", "Saved q by system (import)"]
    );
}

/// One listener alone, so that each plan is seen.
async fn each_alone(backend: Backend) {
    for event in AFTER {
        let (_, client, heard) = client(&backend, &[event]).await;
        client
            .put("/items/x", json!({"word": "a"}))
            .go()
            .await
            .is(201);
        client
            .put("/items/x", json!({"word": "b"}))
            .go()
            .await
            .is(200);
        client.delete("/items/x").go().await.is(204);
        assert_eq!(take(&heard).len(), 1, "{event:?}");
    }
}

/// Whom a listener keeps from the items learns nothing of them by the orders that lead to them.
async fn what_links_lead_to_is_denied_too(backend: Backend) {
    let deny = |notice: Notice<Item>| async move {
        match notice.actor().id() {
            Some("ann") => Ok(()),
            _ => Err(Error::denied(418, "short and stout")),
        }
    };
    let app = App::builder()
        .models(models![Item, Order])
        .store("main", backend.store())
        .identity(DevelopmentHeader)
        .on::<Item>(Event::Query, deny)
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    for (id, word) in [("x", "a"), ("y", "b")] {
        let item = client.put(&format!("/items/{id}"), json!({"word": word}));
        item.go().await.is(201);
        let order = client.put(&format!("/orders/{id}"), json!({"number": 1, "item": id}));
        order.go().await.is(201);
    }
    for path in [
        "/orders",
        "/orders?number=1&sort(-number)",
        "/orders/_count",
    ] {
        client.get(path).by("bob").go().await.is(200);
    }
    for path in [
        "/items",
        "/orders?item.word=a",
        "/orders?item.word=none",
        "/orders?sortBy=item.word",
        "/orders?item.word=a&count()",
        "/orders?aggregate(item.word,count())",
        "/orders?max(item.word)",
        "/orders/_count?item.word=a",
    ] {
        client.get(path).by("bob").go().await.is(418);
        client.get(path).by("ann").go().await.is(200);
    }
    let typed = |actor: &str| {
        let session = app.as_actor(&Actor::user(actor));
        async move {
            let query = session.query::<Order>();
            let filter = Order::ITEM.field(Item::WORD).eq("a");
            query.filter(filter).count().await
        }
    };
    assert_eq!(typed("ann").await.unwrap(), 1);
    assert_eq!(typed("bob").await.unwrap_err().message(), "short and stout");
}

scenarios! {
    before_the_deed,
    reads_can_be_denied,
    after_the_deed,
    each_alone,
    what_links_lead_to_is_denied_too,
}
