//! Models whose id is several fields.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "hooks and actions have the signatures that an app would give them"
)]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use larder::prelude::*;
use larder::{FieldDef, Key, MemoryStore, Model, ModelDef, Operation};
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/flights", search(carrier = eq, number = eq, day = ge), sort(day, number))]
#[model(rules(read = "true", write = "true"))]
struct Flight {
    #[model(id)]
    #[schemars(length(max = 40))]
    carrier: String,
    #[model(id)]
    number: u32,
    #[model(id, index)]
    day: Date,
    delay: Option<i32>,
    #[serde(default)]
    gate: String,
    seats: ModelRelated<Seat>,
}

/// A child of a flight.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/flights/{flight}/seats", id(client))]
#[model(rules(read = "true", write = "true"))]
struct Seat {
    #[model(id)]
    id: String,
    flight: ModelParent<Flight>,
}

/// Links of all kinds to flights, one of them a part of the id.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/bookings", search(flight = eq, person = eq))]
#[model(rules(read = "true", write = "true"))]
struct Booking {
    #[model(id)]
    flight: ModelLink<Flight>,
    #[model(id)]
    person: String,
    next: Option<ModelLink<Flight>>,
    others: ModelLinksSimpleArray<Flight>,
    meals: ModelLinksArray<Flight, Meal>,
    notes: ModelLinksMap<Flight, Meal>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Meal {
    dish: String,
}

/// As `Flight`, with hooks and actions: the same must hold on the way with a transaction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/shelves", rules(read = "true", write = "true"), timestamps)]
struct Shelf {
    #[model(id)]
    room: Id<Shelf>,
    #[model(id)]
    left: bool,
    #[model(id)]
    since: Timestamp,
    books: i64,
}

#[model_impl]
impl Shelf {
    #[before(save)]
    fn count(&mut self) -> Result<()> {
        self.books += 1;
        // A record never moves, whatever a hook says.
        self.left = !self.left;
        Ok(())
    }

    #[action(allow = "true")]
    async fn name(&self) -> Result<String> {
        Ok(self.to_key().to_string())
    }

    #[action(global, method = GET, allow = "true")]
    async fn newest() -> Result<i64> {
        Ok(7)
    }
}

async fn app(backend: &Backend) -> App {
    let models = models![Flight, Seat, Booking, Shelf];
    let app = App::builder().models(models).store("main", backend.store());
    app.build().await.unwrap()
}

async fn client(backend: &Backend) -> Client {
    Client::new(&app(backend).await)
}

fn flight(carrier: &str, number: u32, day: Date) -> Flight {
    Flight {
        carrier: carrier.to_owned(),
        number,
        day,
        delay: None,
        gate: String::new(),
        seats: ModelRelated::new(),
    }
}

fn faults(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (
                error["field"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect()
}

scenarios![
    a_post_has_the_parts,
    a_put_takes_them_from_the_url,
    a_patch_moves_nothing,
    ids_that_cant_be,
    any_text_makes_a_url,
    lists_filter_and_sort_by_parts,
    links_hold_the_text_of_the_url,
    children_of_a_parted_id,
    with_hooks_and_actions,
    typed_calls,
    by_the_name_of_the_model,
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
    bare.is(400);
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

async fn typed_calls(backend: Backend) {
    let app = app(&backend).await;
    let session = app.as_system("a test");
    let day = date(2013, 1, 1);
    let made = session.create(&flight("UA", 1545, day)).await.unwrap();
    assert_eq!(made.key().into_owned(), ("UA".to_owned(), 1545, day));
    let again = session.create(&flight("UA", 1545, day)).await.unwrap_err();
    assert_eq!(again.kind(), larder::ErrorKind::Duplicate);
    // By the parts, by the text of a URL, by a tuple that is there, by a link.
    let mut found = session.get::<Flight>(("UA", 1545, day)).await.unwrap();
    let key = found.key().into_owned();
    let link = ModelLink::<Flight>::from(&found);
    assert_eq!(link.key().to_string(), "UA,1545,2013-01-01");
    assert_eq!(link.id(), key);
    assert_eq!(link, ModelLink::new(key.clone()));
    for same in [
        Key::from("UA,1545,2013-01-01"),
        Key::from(&key),
        Key::from(&link),
        found.to_key(),
    ] {
        assert_eq!(*session.get::<Flight>(same).await.unwrap(), *found);
    }
    for absent in [
        Key::from("UA"),
        Key::from(7),
        Key::from(("UA", 1545)),
        Key::from(("UA", 1546, day)),
    ] {
        assert!(
            session
                .find::<Flight>(absent.clone())
                .await
                .unwrap()
                .is_none(),
            "{absent}"
        );
    }
    let mut stale = session.get::<Flight>(&key).await.unwrap();
    found.delay = Some(2);
    found.save().await.unwrap();
    found.load().await.unwrap();
    assert_eq!(found.delay, Some(2));
    stale.delay = Some(3);
    let late = stale.save().await.unwrap_err();
    assert_eq!(late.kind(), larder::ErrorKind::PreconditionFailed);
    session.save(&flight("UA", 1546, day)).await.unwrap();
    session
        .create_many(&[flight("AA", 1, day), flight("AA", 2, day)])
        .await
        .unwrap();
    let of_aa = session
        .query::<Flight>()
        .filter(Flight::CARRIER.eq("AA").and(Flight::NUMBER.gt(1_u32)));
    assert_eq!(of_aa.count().await.unwrap(), 1);
    let first = session
        .query::<Flight>()
        .sort(Flight::NUMBER.descending())
        .first()
        .await
        .unwrap();
    assert_eq!(first.unwrap().number, 1546);
    let booking = Booking {
        flight: ModelLink::from(&found),
        person: "ann".to_owned(),
        next: None,
        others: [ModelLink::from(&found)].into_iter().collect(),
        meals: ModelLinksArray::default(),
        notes: ModelLinksMap::default(),
    };
    session.create(&booking).await.unwrap();
    let linked = session.query::<Booking>().filter(
        Booking::FLIGHT
            .eq(link.clone())
            .and(Booking::OTHERS.links_to(&link)),
    );
    let linked = linked.first().await.unwrap().unwrap();
    assert_eq!(linked.flight.id(), key);
    assert!(linked.others.contains(&key) && linked.others.contains(found.key()));
    let seat = Seat {
        id: "1A".to_owned(),
        flight: ModelParent::new(key.clone()),
    };
    session.create(&seat).await.unwrap();
    assert_eq!(found.related(Flight::SEATS).count().await.unwrap(), 1);
    found.delete().await.unwrap();
    session.delete::<Flight>(("AA", 1_u32, day)).await.unwrap();
    session.delete::<Flight>("AA,2,2013-01-01").await.unwrap();
    assert_eq!(session.count::<Flight>().await.unwrap(), 1);
}

async fn by_the_name_of_the_model(backend: Backend) {
    let app = app(&backend).await;
    let flights = app.as_system("a test").model("Flight");
    let mut one = flights
        .create(&json!({"carrier": "U,A", "number": 1, "day": "2013-01-01"}))
        .await
        .unwrap();
    assert_eq!(one.key().unwrap().to_string(), "U~1A,1,2013-01-01");
    one.set("delay", 4).unwrap();
    one.save().await.unwrap();
    let id = "U~1A,1,2013-01-01";
    assert_eq!(flights.get(id).await.unwrap().get("delay"), Some(&json!(4)));
    assert_eq!(
        flights
            .get(("U,A", 1, date(2013, 1, 1)))
            .await
            .unwrap()
            .get("delay"),
        Some(&json!(4))
    );
    flights.change(id, &json!({"delay": 5})).await.unwrap();
    let moved = flights.change(id, &json!({"number": 2})).await.unwrap_err();
    assert_eq!(moved.fields()[0].field, "number");
    let nowhere = flights
        .save(&json!({"number": 2, "delay": 1}))
        .await
        .unwrap_err();
    let fields: Vec<&str> = nowhere.fields().iter().map(|fault| &*fault.field).collect();
    assert_eq!(fields, ["carrier", "day"]);
    flights
        .save(&json!({"carrier": "U,A", "number": 1, "day": "2013-01-01", "delay": 6}))
        .await
        .unwrap();
    assert_eq!(flights.count().await.unwrap(), 1);
    flights.delete(id).await.unwrap();
    assert!(flights.find("UA").await.unwrap().is_none());
    assert_eq!(flights.count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_the_schemas_say() {
    let client = client(&Backend::memory()).await;
    let api = client.get("/openapi.json").go().await.is(200).json();
    let parameter = &api["paths"]["/flights/{id}"]["parameters"][0];
    assert_eq!(parameter["schema"], json!({"type": "string"}));
    assert_eq!(
        parameter["description"],
        "The id of the Flight: its `carrier`, `number`, `day`, in this order and joined by commas. Inside a part `~0` is a tilde and `~1` a comma."
    );
    let schemas = &api["components"]["schemas"];
    assert_eq!(
        schemas["Flight.input"]["required"],
        json!(["carrier", "number", "day"])
    );
    assert_eq!(schemas["Flight.replace"]["required"], Value::Null);
    assert_eq!(
        schemas["Flight.replace"]["properties"]["day"]["format"],
        "date"
    );
    let body = |method: &str, path: &str| {
        api["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            .clone()
    };
    assert_eq!(
        body("post", "/flights"),
        "#/components/schemas/Flight.input"
    );
    assert_eq!(
        body("put", "/flights/{id}"),
        "#/components/schemas/Flight.replace"
    );
    assert_eq!(
        body("put", "/flights/{flight}/seats/{id}"),
        "#/components/schemas/Seat.input"
    );
    let link = &schemas["Booking.output"]["properties"]["flight"];
    assert_eq!(
        (&link["type"], &link["x-link"]),
        (&json!("string"), &json!("Flight"))
    );
}

#[tokio::test]
async fn a_description_by_hand() {
    let schema = |text: &str| json!({"type": text});
    let def = || {
        ModelDef::new("Pair")
            .url("/pairs")
            .field(FieldDef::new("a", schema("string")).id())
            .field(FieldDef::new("b", schema("integer")).id())
            .rule(Operation::Read, "true")
            .rule(Operation::Create, "true")
    };
    let build = async |def: ModelDef| {
        let app = App::builder().model(def).store("main", MemoryStore::new());
        app.build().await
    };
    let client = Client::new(&build(def()).await.unwrap());
    let made = client
        .post("/pairs", json!({"a": "x", "b": 1}))
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), "/pairs/x,1");
    let told = async |def: ModelDef| build(def).await.unwrap_err().message().to_owned();
    for (def, message) in [
        (
            def().client_id(),
            "`client_id` has no effect on an id of several fields",
        ),
        (
            def().database_id(),
            "`id(database)` and an id of several fields can't both be",
        ),
        (
            def().field(FieldDef::new("c", schema("number")).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", json!({"type": ["string", "null"]})).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", schema("object")).id()),
            "`c` can't be a part of the id of Pair",
        ),
        (
            def().field(FieldDef::new("c", schema("string")).id().unique()),
            "a field that is unique is an id by itself",
        ),
        (
            def().field(FieldDef::new("c", schema("string")).id().server_only()),
            "a record is found by its id",
        ),
    ] {
        let told = told(def).await;
        assert!(told.contains(message), "{told}");
    }
}
