//! `ObjectId`s and dates inside lists and objects that another program has written.

use larder::prelude::*;
use larder_core::ObjectId;
use larder_tests::Client;
use mongodb::bson::{Bson, Document, doc};
use serde_json::json;

use super::existing::{ANN, BOB, FIRST, User, builder, date, found, id, number, shop};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Line {
    #[serde(rename = "_id")]
    id: ObjectId<Line>,
    user: Option<ObjectId<User>>,
    at: jiff::Timestamp,
    sku: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/baskets", collection = "baskets", id(client))]
#[model(rules(read = "true", write = "true"), search(users = contains))]
struct Basket {
    #[model(id)]
    id: String,
    #[serde(default)]
    users: Vec<ObjectId<User>>,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    free: Vec<String>,
}

#[tokio::test]
async fn ids_and_dates_inside_lists_and_objects_stay_what_they_are() {
    let Some(scratch) = shop().await else {
        return;
    };
    let db = scratch.database().await;
    let baskets = db.collection::<Document>("baskets");
    let line = doc! { "_id": id(FIRST), "user": id(BOB), "at": date("2024-01-02T03:04:05.678Z"), "sku": "s" };
    let all = [
        doc! { "_id": "a", "users": [id(ANN), id(BOB)], "lines": [&line], "free": ["x"] },
        doc! { "_id": "b", "users": [id(BOB)], "lines": [] },
        doc! { "_id": "c" },
    ];
    baskets.insert_many(all).await.unwrap();
    for _ in 0..2 {
        let app = builder(&scratch, models![Basket]).await;
        let client = Client::new(&app.build().await.unwrap());
        let a = client.get("/baskets/a").go().await.is(200).json();
        let shown =
            json!([{"_id": FIRST, "user": BOB, "at": "2024-01-02T03:04:05.678Z", "sku": "s"}]);
        assert_eq!((&a["users"], &a["lines"]), (&json!([ANN, BOB]), &shown));
        for (asked, found) in [(ANN, &["a"][..]), (BOB, &["a", "b"]), (FIRST, &[])] {
            let list = client.get(&format!("/baskets?users={asked}")).go().await;
            assert_eq!(list.is(200).each("id"), found, "{asked}");
        }
        // A field is changed, or all of the record: what was an id or a date is one again.
        client
            .patch("/baskets/a", json!({"free": ["y"]}))
            .go()
            .await
            .is(200);
        client.put("/baskets/a", a.clone()).go().await.is(200);
        let stored = found(&scratch, "baskets", "a").await;
        assert_eq!(
            stored.get_array("users").unwrap(),
            &[id(ANN).into(), id(BOB).into()]
        );
        assert_eq!(stored.get_array("lines").unwrap(), &[line.clone().into()]);
    }
    let app = builder(&scratch, models![Basket])
        .await
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    let sent = json!({"users": [ANN], "lines": [{"_id": FIRST, "user": null, "at": "2024-01-02T05:04:05.6789+02:00", "sku": "t"}]});
    let made = client.put("/baskets/d", sent).go().await.is(201).json();
    assert_eq!(made["lines"][0]["at"], "2024-01-02T03:04:05.678Z");
    let read = client.get("/baskets/d").go().await.is(200).json();
    assert_eq!(read, made);
    let pushed = app.as_system("test").update::<Basket>("b");
    let pushed = pushed
        .push(Basket::USERS, ANN.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(pushed.users.len(), 2);
    let stored = found(&scratch, "baskets", "b").await;
    assert_eq!(
        stored.get_array("users").unwrap(),
        &[id(BOB).into(), id(ANN).into()]
    );
    for wrong in [json!({"users": ["me"]}), json!({"lines": [{"at": 7}]})] {
        client.patch("/baskets/d", wrong).go().await.is(422);
    }
    scratch.drop().await;
}

#[tokio::test]
async fn what_no_type_of_the_model_speaks_of_inside_a_list_is_refused_at_the_start() {
    let Some(scratch) = shop().await else {
        return;
    };
    let db = scratch.database().await;
    let baskets = db.collection::<Document>("baskets");
    for (wrong, field) in [
        (doc! { "_id": "a", "free": [id(ANN)] }, "free"),
        (doc! { "_id": "a", "users": [id(ANN), "me"] }, "users"),
        (
            doc! { "_id": "a", "lines": [{ "_id": id(ANN), "at": "2024-01-02T03:04:05Z" }] },
            "lines",
        ),
        (
            doc! { "_id": "a", "lines": [{ "extra": number("0.5") }] },
            "lines",
        ),
    ] {
        baskets.drop().await.unwrap();
        baskets.insert_one(wrong).await.unwrap();
        let error = builder(&scratch, models![Basket]).await.build().await;
        let error = error.unwrap_err();
        let said =
            format!("its field {field} holds array (1) in the documents that were looked at");
        assert!(error.message().contains(&said), "{error}");
        assert!(
            error
                .message()
                .contains("from objectId where the model has an `ObjectId<..>`"),
            "{error}"
        );
    }
    // Texts in all documents are texts.
    baskets.drop().await.unwrap();
    baskets
        .insert_one(doc! { "_id": "a", "users": [ANN] })
        .await
        .unwrap();
    let app = builder(&scratch, models![Basket])
        .await
        .build()
        .await
        .unwrap();
    let client = Client::new(&app);
    let list = client
        .get(&format!("/baskets?users={ANN}"))
        .go()
        .await
        .is(200);
    assert_eq!(list.each("id"), ["a"]);
    client
        .patch("/baskets/a", json!({"users": [BOB]}))
        .go()
        .await
        .is(200);
    let stored = found(&scratch, "baskets", "a").await;
    assert_eq!(stored.get_array("users").unwrap(), &[Bson::from(BOB)]);
    scratch.drop().await;
}
