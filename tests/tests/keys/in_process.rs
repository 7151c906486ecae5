//! From code of the app: by types, and by the name of the model.

use jiff::civil::{Date, date};
use larder::prelude::*;
use larder::{Key, Model};
use larder_tests::{Backend, scenarios};
use serde_json::json;

use super::{Booking, Flight, Seat, app};

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

scenarios![typed_calls, by_the_name_of_the_model];

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
