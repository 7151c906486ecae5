//! Collections that another program has made, and goes on writing to: its `ObjectId`s, dates, numbers and fields of its own.

use larder::migrate::Effect;
use larder::prelude::*;
use larder_core::ObjectId;
use larder_core::{Kind, Layout, Select, SortKey, Storage};
use larder_mongodb::MongoStore;
use larder_query::{Filter, Op, Value};
use larder_tests::mongodb::Scratch;
use larder_tests::{Client, server};
use mongodb::bson::oid;
use mongodb::bson::{Bson, DateTime, Document, doc};
use serde_json::json;

use super::{Bench, column};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", collection = "users", version = none)]
#[model(rules(read = "true", write = "true"))]
#[model(search(name = eq, joined = ge, balance = ge, age = eq, score = le), sort(joined, balance))]
pub(super) struct User {
    #[model(id)]
    id: ObjectId<User>,
    name: String,
    #[model(column = "createdAt", index)]
    joined: jiff::Timestamp,
    balance: Option<rust_decimal::Decimal>,
    #[serde(default)]
    age: i64,
    #[serde(default)]
    score: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", id(client))]
#[model(rules(read = "true", write = "true"), search(user = eq, user.name = eq))]
struct Order {
    #[model(id)]
    id: ObjectId<Order>,
    #[model(index)]
    user: ModelLink<User>,
    #[serde(default)]
    note: Option<String>,
}

pub(super) const ANN: &str = "65f0c0ffee0000000000000a";
pub(super) const BOB: &str = "65f0c0ffee0000000000000b";
pub(super) const FIRST: &str = "65f0c0ffee00000000000001";

pub(super) fn id(text: &str) -> oid::ObjectId {
    text.parse().unwrap()
}

pub(super) fn number(text: &str) -> Bson {
    Bson::Decimal128(text.parse().unwrap())
}

pub(super) fn date(text: &str) -> DateTime {
    let at: jiff::Timestamp = text.parse().unwrap();
    DateTime::from_millis(at.as_millisecond())
}

/// What the other program has written.
pub(super) async fn shop() -> Option<Scratch> {
    let scratch = Scratch::new(&server("TEST_MONGODB_URL")?);
    let db = scratch.database().await;
    let users = [
        doc! { "_id": id(ANN), "name": "Ann", "createdAt": date("2024-01-02T03:04:05.678Z"), "balance": number("12.50"), "age": 3,
        "score": 2, "__v": 0, "profile": { "theme": "dark" } },
        doc! { "_id": id(BOB), "name": "Bob", "createdAt": date("2025-01-01T00:00:00Z"), "balance": 7, "age": 4.0, "score": 0.5 },
    ];
    db.collection::<Document>("users")
        .insert_many(users)
        .await
        .unwrap();
    let order = doc! { "_id": id(FIRST), "user": id(ANN), "note": "x", "lines": [{ "sku": 1 }] };
    db.collection::<Document>("orders")
        .insert_one(order)
        .await
        .unwrap();
    Some(scratch)
}

pub(super) async fn builder(scratch: &Scratch, models: larder::ModelSet) -> larder::AppBuilder {
    let store = MongoStore::open(scratch.url()).await.unwrap();
    App::builder().models(models).store("main", store)
}

pub(super) async fn found(scratch: &Scratch, collection: &str, id: impl Into<Bson>) -> Document {
    let db = scratch.database().await;
    let found = db.collection::<Document>(collection);
    let found = found.find_one(doc! { "_id": id.into() });
    found.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_shop_is_served_as_it_is() {
    let Some(scratch) = shop().await else {
        return;
    };
    let app = builder(&scratch, models![User, Order]).await;
    let plan = app.schema_plan().await.unwrap();
    assert!(
        plan.iter().all(|change| change.effect == Effect::Additive),
        "{plan:?}"
    );
    let client = Client::new(&app.build().await.unwrap());
    // Twice, since the forms are noted the first time.
    let again = builder(&scratch, models![User, Order]).await;
    assert_eq!(again.schema_plan().await.unwrap(), []);
    let other = Client::new(&again.build().await.unwrap());
    let ann = json!({"id": ANN, "name": "Ann", "joined": "2024-01-02T03:04:05.678Z", "balance": "12.5", "age": 3, "score": 2.0});
    for client in [&client, &other] {
        let one = client.get(&format!("/users/{ANN}")).go().await.is(200);
        assert_eq!(one.json(), ann);
        for (query, ids) in [
            ("name=Ann", &[ANN][..]),
            ("joined=2024-06-01T00:00:00Z", &[BOB]),
            ("joined=2024-01-02T03:04:05.678Z&sort(-joined)", &[BOB, ANN]),
            // A microsecond later than Ann.
            ("joined=2024-01-02T03:04:05.678001Z", &[BOB]),
            ("balance=7.01", &[ANN]),
            ("balance=7&sort(balance)", &[BOB, ANN]),
            ("age=4", &[BOB]),
            ("score=1.5", &[BOB]),
        ] {
            let list = client.get(&format!("/users?{query}")).go().await.is(200);
            assert_eq!(list.each("id"), ids, "{query}");
        }
        for query in [format!("user={ANN}"), "user.name=Ann".to_owned()] {
            let list = client.get(&format!("/orders?{query}")).go().await.is(200);
            assert_eq!(list.each("id"), [FIRST], "{query}");
        }
        for wrong in [ANN.to_uppercase(), "me".to_owned(), format!("{ANN}0")] {
            client.get(&format!("/users/{wrong}")).go().await.is(404);
        }
    }
    scratch.drop().await;
}

#[tokio::test]
async fn what_is_written_is_of_their_types() {
    let Some(scratch) = shop().await else {
        return;
    };
    let app = builder(&scratch, models![User, Order]).await;
    let client = Client::new(&app.build().await.unwrap());
    let cleo = json!({"name": "Cleo", "joined": "2025-05-05T05:05:05.123456Z", "balance": "0.10"});
    let made = client.post("/users", cleo.clone()).go().await.is(201);
    let made_id = made.json()["id"].as_str().unwrap().to_owned();
    // The collection keeps milliseconds, and the answer says so.
    assert_eq!(made.json()["joined"], "2025-05-05T05:05:05.123Z");
    let read = client.get(&format!("/users/{made_id}")).go().await.is(200);
    assert_eq!((read.json(), read.etag()), (made.json(), made.etag()));
    let stored = found(&scratch, "users", id(&made_id)).await;
    assert_eq!(
        stored.get("createdAt"),
        Some(&date("2025-05-05T05:05:05.123Z").into())
    );
    assert_eq!(stored.get("balance"), Some(&number("0.1")));
    // What the model does not name stays, whichever way the record is written.
    let theirs = |document: &Document| {
        (
            document.get("__v").cloned(),
            document.get("profile").cloned(),
        )
    };
    let before = theirs(&found(&scratch, "users", id(ANN)).await);
    assert!(before.0.is_some() && before.1.is_some());
    let path = format!("/users/{ANN}");
    client.patch(&path, json!({"age": 5})).go().await.is(200);
    client.put(&path, cleo).go().await.is(200);
    let tag = client.get(&path).go().await.etag();
    let put = json!({"name": "Anna", "joined": "2024-01-02T03:04:05Z"});
    client
        .put(&path, put.clone())
        .header("if-match", &tag)
        .go()
        .await
        .is(200);
    client
        .put(&path, put)
        .header("if-match", &tag)
        .go()
        .await
        .is(412);
    let stored = found(&scratch, "users", id(ANN)).await;
    assert_eq!(theirs(&stored), before);
    assert!(!stored.contains_key("balance"), "{stored}");
    // Links are ids too, and nothing else can be one.
    let order = client
        .post("/orders", json!({"user": BOB}))
        .go()
        .await
        .is(201);
    let order_id = order.json()["id"].as_str().unwrap().to_owned();
    let stored = found(&scratch, "orders", id(&order_id)).await;
    assert_eq!(stored.get("user"), Some(&id(BOB).into()));
    client
        .post("/orders", json!({"user": "bob"}))
        .go()
        .await
        .is(422);
    client
        .put("/orders/mine", json!({"user": BOB}))
        .go()
        .await
        .is(404);
    let chosen = "65f0c0ffee00000000000002";
    client
        .put(&format!("/orders/{chosen}"), json!({"user": BOB}))
        .go()
        .await
        .is(201);
    assert_eq!(
        found(&scratch, "orders", id(chosen)).await.get("user"),
        Some(&id(BOB).into())
    );
    scratch.drop().await;
}

/// The other program does not know of versions.
#[tokio::test]
async fn documents_that_come_later_have_no_version() {
    let Some(scratch) = shop().await else {
        return;
    };
    let app = builder(&scratch, models![User, Order]).await;
    let client = Client::new(&app.build().await.unwrap());
    let db = scratch.database().await;
    let orders = db.collection::<Document>("orders");
    let texts: Vec<String> = (1..5)
        .map(|n| format!("65f0c0ffee000000000000f{n}"))
        .collect();
    for text in &texts {
        let late = doc! { "_id": id(text), "user": id(ANN), "note": "late", "lines": [1] };
        orders.insert_one(late).await.unwrap();
        let read = client.get(&format!("/orders/{text}")).go().await.is(200);
        assert_eq!(read.etag(), "\"0\"");
    }
    let path = |at: usize| format!("/orders/{}", texts[at]);
    let put = client.put(&path(0), json!({"user": BOB}));
    assert_eq!(
        put.header("if-match", "\"0\"").go().await.is(200).etag(),
        "\"1\""
    );
    assert_eq!(
        client
            .put(&path(1), json!({"user": BOB}))
            .go()
            .await
            .is(200)
            .etag(),
        "\"1\""
    );
    let patch = client.patch(&path(2), json!({"note": "n"}));
    assert_eq!(
        patch.header("if-match", "\"0\"").go().await.is(200).etag(),
        "\"1\""
    );
    let only_others = client.delete(&path(3)).header("if-none-match", "\"0\"");
    only_others.go().await.is(412);
    client
        .delete(&path(3))
        .header("if-match", "\"0\"")
        .go()
        .await
        .is(204);
    for at in [0, 1, 2] {
        let stored = found(&scratch, "orders", id(&texts[at])).await;
        assert_eq!(stored.get_array("lines").unwrap().len(), 1, "{stored}");
        assert_eq!(stored.get_i64("_version").unwrap(), 1);
    }
    scratch.drop().await;
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", collection = "users", version = "__v")]
#[model(rules(read = "true", write = "true"))]
struct Misfit {
    #[model(id)]
    id: String,
    name: i64,
    #[model(column = "createdAt")]
    joined: String,
    balance: Option<rust_decimal::Decimal>,
    age: f64,
    nickname: String,
}

#[tokio::test]
async fn each_difference_is_listed() {
    let Some(scratch) = shop().await else {
        return;
    };
    let db = scratch.database().await;
    let users = db.collection::<Document>("users");
    let change = doc! { "$set": { "balance": 0.1, "__v": "one" } };
    users
        .update_one(doc! { "_id": id(ANN) }, change)
        .await
        .unwrap();
    let app = builder(&scratch, models![Misfit]).await;
    let error = app.build().await.unwrap_err().to_string();
    for part in [
        "its field _id holds objectId (2) in the documents that were looked at, and Text is read from string: give it the type \
         `ObjectId<..>`",
        "its field name holds string (2)",
        "its field createdAt holds date (2) in the documents that were looked at, and Text is read from string",
        "its field balance holds double (1) and int (1)",
        "make it a float in the model, or decimals of the documents",
        "its version __v holds string",
        "documents have no nickname, which is required and has no default",
        "db.getCollection(\"users\").find({\"createdAt\": {$type: [\"date\"]}}, {\"createdAt\": 1}).limit(5)",
    ] {
        assert!(error.contains(part), "{part}\n--- is not in ---\n{error}");
    }
    assert!(!error.contains("field age"), "{error}");
    // Nothing was changed.
    let left = db.list_collection_names().await.unwrap();
    assert!(!left.contains(&"_larder".to_owned()), "{left:?}");
    scratch.drop().await;
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/cards", collection = "cards", read_only, version = none)]
#[model(rules(read = "true"), search(joined = ge), sort(joined))]
struct Card {
    #[model(id)]
    id: ObjectId<User>,
    title: String,
    joined: jiff::Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/orders",
    collection = "orders",
    read_only,
    rules(read = "true")
)]
struct Counted {
    #[model(id)]
    id: ObjectId<Order>,
}

#[tokio::test]
async fn a_view_is_read_and_never_written() {
    let Some(scratch) = shop().await else {
        return;
    };
    let db = scratch.database().await;
    let show = doc! { "$project": { "title": "$name", "joined": "$createdAt" } };
    let view = db.create_collection("cards").view_on("users".to_owned());
    view.pipeline(vec![show]).await.unwrap();
    let app = builder(&scratch, models![Card]).await;
    assert_eq!(app.schema_plan().await.unwrap(), []);
    let client = Client::new(&app.build().await.unwrap());
    let list = client
        .get("/cards?joined=2024-06-01T00:00:00Z&sort(-joined)")
        .go()
        .await
        .is(200);
    assert_eq!(
        list.json(),
        json!([{"id": BOB, "title": "Bob", "joined": "2025-01-01T00:00:00Z"}])
    );
    client.delete(&format!("/cards/{BOB}")).go().await.is(405);
    // A version would be 0 for ever, and a client would be told that nothing has changed.
    let error = builder(&scratch, models![Counted])
        .await
        .build()
        .await
        .unwrap_err();
    assert!(
        error.message().contains(
            "documents have no _version, and nothing is written here: say `version = none`"
        ),
        "{error}"
    );
    let left = db.list_collection_names().await.unwrap();
    assert!(!left.contains(&"_larder".to_owned()), "{left:?}");
    scratch.drop().await;
}

/// Every filter finds what it finds of the records that were read.
#[tokio::test]
async fn filters_and_orders_agree_with_the_texts_and_times_that_are_shown() {
    let layout = Layout {
        model: "Thing".into(),
        collection: "things".into(),
        fields: vec![
            column("id", Kind::Text, false),
            column("at", Kind::Instant, true),
            column("price", Kind::Decimal, true),
        ],
        key: 0.into(),
        indexes: Vec::new(),
        storage: Storage {
            object_ids: [0].into(),
            ..Storage::default()
        },
    };
    let Some(bench) = Bench::unprepared(layout).await else {
        return;
    };
    let ids = [
        "000000000000000000000000",
        "0a0000000000000000000000",
        FIRST,
        ANN,
        "ffffffffffffffffffffffff",
    ];
    let times = [
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
        "2024-01-02T03:04:05.678Z",
    ];
    let prices = [
        "-1.05E+3",
        "-0.1",
        "0",
        "1E-7",
        "9999999999999999999999999999999999",
    ];
    let rows = ids.iter().enumerate().map(|(at, text)| {
        let mut row = doc! { "_id": id(text), "price": number(prices[at]) };
        if let Some(time) = times.get(at) {
            row.insert("at", date(time));
        }
        row
    });
    bench.documents().await.insert_many(rows).await.unwrap();
    bench.prepare().await.unwrap();
    let all = bench.read(&bench.all()).await.rows;
    let shown: Vec<&str> = all.iter().filter_map(|row| row.get(0).as_str()).collect();
    assert_eq!(shown, ids);
    let texts = ids.iter().map(|id| Value::from(*id));
    let texts: Vec<Value> = texts
        .chain(
            [
                "",
                "0",
                "65F0",
                "65f0c0ffee",
                "g",
                "é",
                "65f0c0ffee00000000000001x",
            ]
            .map(Value::from),
        )
        .collect();
    let near = [
        "1969-12-31T23:59:59.9999Z",
        "1970-01-01T00:00:00.000001Z",
        "2024-01-02T03:04:05.678901Z",
    ];
    let at = times
        .iter()
        .chain(&near)
        .map(|text| Value::from(text.parse::<jiff::Timestamp>().unwrap()));
    let decimals = [
        "-1050",
        "-0.1",
        "0.0000001",
        "0.5",
        "99999999999999999999999999999999999999",
    ];
    let decimals = decimals
        .iter()
        .map(|text| Value::Decimal(text.parse().unwrap()));
    let mut filters: Vec<Filter> = Vec::new();
    for (field, values) in [
        (0, texts.clone()),
        (1, at.collect()),
        (2, decimals.collect::<Vec<_>>()),
    ] {
        for op in [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge] {
            filters.extend(
                values
                    .iter()
                    .map(|value| Filter::test(field, op, value.clone())),
            );
        }
    }
    for op in [Op::StartsWith, Op::EndsWith, Op::Contains, Op::EqIgnoreCase] {
        filters.extend(texts.iter().map(|text| Filter::test(0, op, text.clone())));
    }
    filters.push(Filter::test(1, Op::Eq, Value::Null));
    assert!(filters.len() > 150);
    for filter in filters {
        let expected: Vec<_> = all
            .iter()
            .filter(|row| filter.matches(&row.values))
            .cloned()
            .collect();
        let select = Select {
            filter: filter.clone(),
            ..bench.all()
        };
        assert_eq!(bench.read(&select).await.rows, expected, "{filter:?}");
    }
    for field in 0..3 {
        for descending in [false, true] {
            let mut expected = all.clone();
            expected.sort_by(|a, b| {
                let order = a.get(field).total_cmp(b.get(field));
                if descending { order.reverse() } else { order }
            });
            let select = Select {
                sort: vec![SortKey { field, descending }],
                ..bench.all()
            };
            assert_eq!(
                bench.read(&select).await.rows,
                expected,
                "{field} {descending}"
            );
        }
    }
    bench.end().await;
}
