//! What points to a record of such an id, and what hangs on one: links, children, hooks and actions.

use larder_tests::{Backend, scenarios};
use serde_json::json;

use super::{client, faults};

scenarios![
    links_hold_the_text_of_the_url,
    children_of_a_parted_id,
    with_hooks_and_actions
];

async fn links_hold_the_text_of_the_url(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/flights/a~1b,1,2013-01-01", json!({}))
        .go()
        .await
        .is(201);
    let (one, two) = ("a~1b,1,2013-01-01", "UA,2,2013-01-01");
    let body = json!({
        "flight": one, "person": "ann", "next": two, "others": [one, two],
        "meals": [{"id": one, "dish": "soup"}], "notes": {two: {"dish": "tea"}},
    });
    let made = client.post("/bookings", body.clone()).go().await.is(201);
    assert_eq!(made.json(), body);
    let url = made.header("location").to_owned();
    assert_eq!(url, "/bookings/a~01b~11~12013-01-01,ann", "an id in an id");
    assert_eq!(client.get(&url).go().await.is(200).json(), body);
    for query in [
        "flight=a~1b%2C1%2C2013-01-01",
        "eq(flight,a~1b%2C1%2C2013-01-01)",
    ] {
        let list = client.get(&format!("/bookings?{query}")).go().await;
        assert_eq!(
            list.is(200).json().as_array().map(Vec::len),
            Some(1),
            "{query}"
        );
    }
    // The query language has commas of its own.
    let bare = client.get("/bookings?flight=a~1b,1,2013-01-01").go().await;
    let detail = bare.is(400).json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("`%2C` for a comma in a value"), "{detail}");
    // Another spelling becomes the usual one.
    let spelled = json!({"flight": one, "person": "bob", "next": "UA,002,2013-01-01"});
    let made = client.post("/bookings", spelled).go().await.is(201);
    assert_eq!(made.json()["next"], two);
    for wrong in [
        "UA",
        "UA,2",
        "UA,x,2013-01-01",
        "UA,2,2013-01-01,",
        "UA~,2,2013-01-01",
        "UA,4294967296,2013-01-01",
    ] {
        let body = json!({"flight": one, "person": "eve", "next": wrong});
        let refused = client.post("/bookings", body).go().await.is(422).json();
        assert_eq!(faults(&refused), [("next", "type")], "{wrong}");
    }
    let object =
        json!({"flight": {"carrier": "UA", "number": 2, "day": "2013-01-01"}, "person": "eve"});
    client.post("/bookings", object).go().await.is(422);
    // A part of an id in another spelling would be a second record of the same.
    let put = client
        .put("/bookings/a~01b~1001~12013-01-01,ann", json!({}))
        .go()
        .await
        .is(422);
    assert_eq!(faults(&put.json()), [("flight", "id")]);
}

async fn children_of_a_parted_id(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/flights/UA,1,2013-01-01", json!({}))
        .go()
        .await
        .is(201);
    let seats = "/flights/UA,1,2013-01-01/seats";
    let made = client.post(seats, json!({"id": "12A"})).go().await.is(201);
    assert_eq!(made.header("location"), format!("{seats}/12A"));
    assert_eq!(
        made.json(),
        json!({"id": "12A", "flight": "UA,1,2013-01-01"})
    );
    assert_eq!(
        client.get(seats).go().await.is(200).json(),
        json!([made.json()])
    );
    client.get(&format!("{seats}/12A")).go().await.is(200);
    for parent in ["UA,2,2013-01-01", "UA,01,2013-01-01", "UA", "nothing,"] {
        client
            .post(&format!("/flights/{parent}/seats"), json!({"id": "1A"}))
            .go()
            .await
            .is(404);
        client
            .get(&format!("/flights/{parent}/seats/12A"))
            .go()
            .await
            .is(404);
    }
}

async fn with_hooks_and_actions(backend: Backend) {
    let client = client(&backend).await;
    let id = "attic,true,2026-01-31T12:00:00Z";
    let body =
        json!({"room": "attic", "left": true, "since": "2026-01-31T13:00:00+01:00", "books": 0});
    let made = client.post("/shelves", body.clone()).go().await.is(201);
    assert_eq!(
        made.header("location"),
        format!("/shelves/{}", id.replace(':', "%3A"))
    );
    assert_eq!(
        (&made.json()["books"], &made.json()["left"]),
        (&json!(1), &json!(true))
    );
    let taken = client.post("/shelves", body).go().await.is(409).json();
    assert_eq!(faults(&taken).len(), 3);
    let url = format!("/shelves/{id}");
    assert_eq!(
        client
            .put(&url, json!({"books": 5}))
            .go()
            .await
            .is(200)
            .json()["books"],
        6
    );
    client
        .put(&url, json!({"left": false, "books": 5}))
        .go()
        .await
        .is(422);
    assert_eq!(
        client
            .patch(&url, json!({"left": true, "books": 7}))
            .go()
            .await
            .is(200)
            .json()["books"],
        8
    );
    client
        .patch(&url, json!({"left": false}))
        .go()
        .await
        .is(422);
    let new = client.put(
        "/shelves/attic,false,2026-01-31T12:00:00Z",
        json!({"books": 1}),
    );
    assert_eq!(new.go().await.is(201).json()["left"], false);
    let name = client
        .ask("PUT", &format!("{url}/name"))
        .go()
        .await
        .is(200)
        .json();
    assert_eq!(name, id);
    assert_eq!(client.get("/shelves/newest").go().await.is(200).json(), 7);
    client.delete(&url).go().await.is(204);
    assert_eq!(
        client.get("/shelves/_count").go().await.json(),
        json!({"count": 1})
    );
}
