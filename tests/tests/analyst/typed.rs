//! Questions in Rust.

use flights::models::{Airline, Airport, Flight, Plane};
use larder::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::plain::{Form, Plain, alike, tells};

async fn is(plain: &mut Plain, title: &str, found: impl Serialize, sql: &'static str, form: Form) {
    let found = json!(found);
    let expected = plain.answer(sql, form).await;
    assert!(
        alike(&found, &expected),
        "{title}\n{found}\nplain SQL says\n{expected}"
    );
    assert!(tells(&expected), "{title}: {expected}");
}

/// Pairs as the objects that plain SQL gives.
fn pairs<G: Serialize, T: Serialize>(groups: &[(G, T)]) -> Vec<serde_json::Value> {
    let pair = |(group, value): &(G, T)| json!({"of": group, "is": value});
    groups.iter().map(pair).collect()
}

pub(crate) async fn agree(app: &App, plain: &mut Plain) {
    let session = app.as_system("analyst");
    let flights = || session.query::<Flight>();

    let late = flights().group_by(Flight::CARRIER).mean(Flight::ARR_DELAY);
    is(
        plain,
        "delays by carrier",
        pairs(&late.await.unwrap()),
        "SELECT carrier AS of, avg(arr_delay) AS \"is\" FROM flights GROUP BY carrier ORDER BY carrier",
        Form::Objects,
    )
    .await;

    let worst = flights()
        .filter(Flight::MONTH.is_in(&[6_u8, 7, 8]))
        .group_by(Flight::HOUR)
        .max(Flight::DEP_DELAY);
    is(
        plain,
        "the worst of each hour in summer",
        pairs(&worst.await.unwrap()),
        "SELECT hour AS of, max(dep_delay) AS \"is\" FROM flights WHERE month IN (6, 7, 8) GROUP BY hour ORDER BY hour",
        Form::Objects,
    )
    .await;

    // More than the 65,535 that one distance can be.
    let miles = flights()
        .filter(Flight::CARRIER.field(Airline::NAME).starts_with("United"))
        .sum(Flight::DISTANCE);
    is(
        plain,
        "miles of United",
        miles.await.unwrap(),
        "SELECT sum(distance) FROM flights WHERE carrier = 'UA'",
        Form::One,
    )
    .await;

    let numbers = flights()
        .filter(Flight::TAILNUM.eq("N532MQ").and(Flight::MONTH.ge(2)))
        .sort(Flight::TIME_HOUR.ascending())
        .limit(5)
        .select(Flight::FLIGHT);
    is(
        plain,
        "the next flights of a plane",
        numbers.await.unwrap(),
        "SELECT flight FROM flights WHERE tailnum = 'N532MQ' AND month >= 2 ORDER BY time_hour, id LIMIT 5",
        Form::Values,
    )
    .await;

    let zones = session
        .query::<Airport>()
        .filter(Airport::ALT.gt(5_000))
        .distinct(Airport::TZONE);
    is(
        plain,
        "time zones of high airports",
        zones.await.unwrap(),
        "SELECT DISTINCT tzone FROM airports WHERE alt > 5000 ORDER BY tzone",
        Form::Values,
    )
    .await;

    let (big, total) = flights()
        .filter(
            Flight::TAILNUM
                .field(Plane::SEATS)
                .ge(300)
                .and(Flight::ORIGIN.eq("JFK").not()),
        )
        .sort(Flight::DISTANCE.descending())
        .limit(3)
        .page()
        .await
        .unwrap();
    let distances: Vec<u16> = big.iter().map(|flight| flight.distance).collect();
    is(
        plain,
        "the farthest flights of large planes",
        distances,
        "SELECT distance FROM flights JOIN planes ON planes.tailnum = flights.tailnum WHERE seats >= 300 AND origin <> 'JFK' \
         ORDER BY distance DESC, id LIMIT 3",
        Form::Values,
    )
    .await;
    is(
        plain,
        "how many they are",
        total,
        "SELECT count(*) FROM flights JOIN planes ON planes.tailnum = flights.tailnum WHERE seats >= 300 AND origin <> 'JFK'",
        Form::One,
    )
    .await;
}
