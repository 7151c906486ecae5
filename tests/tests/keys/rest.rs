//! Over HTTP: the parts in bodies and in URLs, ids that can't be, lists.

use larder::Key;
use larder_tests::{Backend, scenarios};
use serde_json::{Value, json};

use super::{client, faults};

scenarios![
    a_post_has_the_parts,
    a_put_takes_them_from_the_url,
    a_patch_moves_nothing,
    ids_that_cant_be,
    any_text_makes_a_url,
    lists_filter_and_sort_by_parts
];

async fn a_post_has_the_parts(backend: Backend) {
    let client = client(&backend).await;
    let body = json!({"carrier": "UA", "number": 1545, "day": "2013-01-01", "delay": 2});
    let made = client.post("/flights", body.clone()).go().await.is(201);
    assert_eq!(made.header("location"), "/flights/UA,1545,2013-01-01");
    let whole =
        json!({"carrier": "UA", "number": 1545, "day": "2013-01-01", "delay": 2, "gate": ""});
    assert_eq!(made.json(), whole);
    for url in [
        "/flights/UA,1545,2013-01-01",
        "/flights/UA%2C1545%2c2013-01-01",
    ] {
        assert_eq!(client.get(url).go().await.is(200).json(), whole);
    }
    let taken = client.post("/flights", body).go().await.is(409).json();
    assert_eq!(
        faults(&taken),
        [
            ("carrier", "unique"),
            ("number", "unique"),
            ("day", "unique")
        ]
    );
    assert_eq!(
        taken["detail"],
        "another record has this `carrier`, `number` and `day`"
    );
    let other = json!({"carrier": "UA", "number": 1545, "day": "2013-01-02"});
    client.post("/flights", other).go().await.is(201);
    let missing = client
        .post("/flights", json!({"number": 1}))
        .go()
        .await
        .is(422)
        .json();
    assert_eq!(
        faults(&missing),
        [("carrier", "required"), ("day", "required")]
    );
    let wrong = json!({"carrier": "U\u{7}", "number": -1, "day": null});
    let wrong = client.post("/flights", wrong).go().await.is(422).json();
    let mut fields: Vec<&str> = faults(&wrong).iter().map(|fault| fault.0).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["carrier", "day", "number"]);
    assert_eq!(
        client.get("/flights/_count").go().await.json(),
        json!({"count": 2})
    );
}

async fn a_put_takes_them_from_the_url(backend: Backend) {
    let client = client(&backend).await;
    let url = "/flights/UA,1545,2013-01-01";
    let made = client.put(url, json!({"delay": 1})).go().await.is(201);
    assert_eq!(made.header("location"), url);
    assert_eq!(made.json()["number"], 1545);
    let same = json!({"carrier": "UA", "number": 1545, "day": "2013-01-01", "delay": 2});
    let replaced = client
        .put(url, same)
        .header("if-match", &made.etag())
        .go()
        .await
        .is(200);
    assert_eq!(replaced.json()["delay"], 2);
    client
        .put(url, json!({"delay": 3}))
        .header("if-match", &made.etag())
        .go()
        .await
        .is(412);
    let other = json!({"carrier": "AA", "number": 1545, "day": "2013-01-02", "delay": 4});
    let refused = client.put(url, other).go().await.is(422).json();
    assert_eq!(faults(&refused), [("carrier", "id"), ("day", "id")]);
    assert_eq!(
        refused["errors"][0]["message"],
        "is a part of the id, which is `UA` here, and never changes"
    );
    let read = client.get(url).go().await.is(200);
    assert_eq!(read.json()["delay"], 2);
    // What was read goes back as it is.
    client.put(url, read.json()).go().await.is(200);
    // The URL could say so, the type of the field can't.
    let large = client
        .put("/flights/UA,4294967296,2013-01-01", json!({}))
        .go()
        .await
        .is(422);
    assert_eq!(faults(&large.json())[0].0, "number");
    let long = format!("/flights/{},1,2013-01-01", "a".repeat(41));
    let long = client.put(&long, json!({})).go().await.is(422).json();
    assert_eq!(faults(&long), [("carrier", "maxLength")]);
    client
        .put(url, json!({}))
        .header("if-none-match", "*")
        .go()
        .await
        .is(412);
    client.delete(url).go().await.is(204);
    client.delete(url).go().await.is(404);
}

async fn a_patch_moves_nothing(backend: Backend) {
    let client = client(&backend).await;
    let url = "/flights/UA,1545,2013-01-01";
    client.put(url, json!({"delay": 1})).go().await.is(201);
    let same = json!({"number": 1545, "delay": 2});
    assert_eq!(
        client.patch(url, same).go().await.is(200).json()["delay"],
        2
    );
    for moved in [
        json!({"number": 1546, "delay": 3}),
        json!({"number": null}),
        json!({"number": "x"}),
    ] {
        let refused = client.patch(url, moved).go().await.is(422).json();
        assert_eq!(faults(&refused).len(), 1, "{refused}");
        assert_eq!(faults(&refused)[0].0, "number");
    }
    let by_operation = client
        .ask("PATCH", url)
        .raw(r#"[{"op": "replace", "path": "/number", "value": 1}]"#)
        .header("content-type", "application/json-patch+json");
    by_operation.go().await.is(422);
    assert_eq!(client.get(url).go().await.is(200).json()["delay"], 2);
    client
        .patch("/flights/UA,1546,2013-01-01", json!({"delay": 1}))
        .go()
        .await
        .is(404);
}

async fn ids_that_cant_be(backend: Backend) {
    let client = client(&backend).await;
    client
        .put("/flights/UA,1545,2013-01-01", json!({}))
        .go()
        .await
        .is(201);
    for id in [
        "UA",
        "UA,1545",
        "UA,1545,2013-01-01,x",
        "UA,1545,2013-01-01,",
        "UA,x,2013-01-01",
        "UA,,2013-01-01",
        "UA,1545,2013-02-30",
        "UA,1545,yesterday",
        "UA~,1545,2013-01-01",
        "UA~2,1545,2013-01-01",
        "U%07A,1545,2013-01-01",
        "1545,UA,2013-01-01",
        "_count,1545",
    ] {
        let url = format!("/flights/{id}");
        client.get(&url).go().await.is(404);
        client.delete(&url).go().await.is(404);
        client.patch(&url, json!({"delay": 1})).go().await.is(404);
        client.put(&url, json!({})).go().await.is(404);
    }
    let long = format!("/flights/{},1,2013-01-01", "a".repeat(Key::MAX_LEN + 1));
    client.put(&long, json!({})).go().await.is(404);
    // Absent, but it could be one.
    for id in [
        ",1545,2013-01-01",
        "_count,1545,2013-01-01",
        ".,1,2013-01-01",
    ] {
        client.get(&format!("/flights/{id}")).go().await.is(404);
        client
            .put(&format!("/flights/{id}"), json!({}))
            .go()
            .await
            .is(201);
        client.get(&format!("/flights/{id}")).go().await.is(200);
    }
}

async fn any_text_makes_a_url(backend: Backend) {
    let client = client(&backend).await;
    let texts = [
        "", ",", "~", "~1", "a,b~c", "/", "..", "%2C", "é ?#&=+", "_x", "\"'\\",
    ];
    for text in texts {
        let body = json!({"carrier": text, "number": 1, "day": "2013-01-01"});
        let made = client.post("/flights", body).go().await.is(201);
        let url = made.header("location").to_owned();
        let read = client.get(&url).go().await.is(200).json();
        assert_eq!(read["carrier"], text, "{url}");
        client.put(&url, json!({"delay": 1})).go().await.is(200);
        client.delete(&url).go().await.is(204);
        let again = client.put(&url, json!({})).go().await.is(201);
        assert_eq!(
            (again.header("location"), &again.json()["carrier"]),
            (url.as_str(), &json!(text))
        );
    }
    let list = client.get("/flights").go().await.is(200).json();
    assert_eq!(list.as_array().map(Vec::len), Some(texts.len()));
}

async fn lists_filter_and_sort_by_parts(backend: Backend) {
    let client = client(&backend).await;
    for id in [
        "UA,9,2013-01-02",
        "UA,10,2013-01-01",
        "AA,9,2013-01-03",
        "UA,9,2013-01-01",
        "A,100,2013-01-01",
    ] {
        client
            .put(&format!("/flights/{id}"), json!({}))
            .go()
            .await
            .is(201);
    }
    let ids = async |query: &str| {
        let list = client
            .get(&format!("/flights{query}"))
            .go()
            .await
            .is(200)
            .json();
        let id = |flight: &Value| {
            let carrier = flight["carrier"].as_str().unwrap();
            format!(
                "{carrier},{},{}",
                flight["number"],
                flight["day"].as_str().unwrap()
            )
        };
        list.as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    let all = [
        "A,100,2013-01-01",
        "AA,9,2013-01-03",
        "UA,9,2013-01-01",
        "UA,9,2013-01-02",
        "UA,10,2013-01-01",
    ];
    assert_eq!(ids("").await, all, "by the parts, not by their text");
    assert_eq!(ids("?carrier=UA").await, all[2..]);
    assert_eq!(ids("?number=9&day=2013-01-02").await, [all[1], all[3]]);
    assert_eq!(ids("?in(carrier,(A,AA))").await, all[..2]);
    assert_eq!(
        ids("?sortBy=-day").await,
        [
            "AA,9,2013-01-03",
            "UA,9,2013-01-02",
            "A,100,2013-01-01",
            "UA,9,2013-01-01",
            "UA,10,2013-01-01"
        ]
    );
    assert_eq!(
        ids("?sortBy=-number&carrier=UA&limit=2").await,
        [all[4], all[2]]
    );
    let page = client.get("/flights?limit=2&skip=1").go().await.is(200);
    assert_eq!(page.header("content-range"), "items 1-2/5");
}
