//! Places, as a client asks for them over REST: the cities of GeoNames in memory and in SQLite, against brute force by other formulas.
//!
//! On the sample in the usual run, and on all of them, more than 20,000, with `cargo xtask test --long`, which fetches them.

#[path = "../../crates/query/tests/geo/brute.rs"]
mod brute;
#[path = "../../crates/query/tests/geo/cities.rs"]
mod cities;

use std::collections::BTreeMap;
use std::time::Duration;

use brute::Place;
use cities::City;
use larder::prelude::*;
use larder_tests::{Backend, Client};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/towns", id(client), rules(read = "true"), page = 100_000)]
#[model(search(at = within, country = eq, population = ge), sort(population, name))]
struct Town {
    #[model(id)]
    id: u64,
    name: String,
    #[model(index)]
    country: String,
    #[model(index)]
    population: u64,
    /// Longitude and latitude.
    at: Vec<f64>,
}

fn town(city: &City) -> Town {
    let text = |name: &str| {
        let value = city.row.at(&[name]).as_str();
        value.unwrap_or_default().to_owned()
    };
    Town {
        id: city.id,
        name: text("name"),
        country: text("country"),
        population: city.people,
        at: vec![city.lon, city.lat],
    }
}

async fn client(backend: &Backend, cities: &[City]) -> Client {
    let app = App::builder()
        .models(models![Town])
        .store("main", backend.store())
        // What is slow on a busy machine is not wrong.
        .query_limit(Duration::from_secs(3_600));
    let app = app.build().await.unwrap();
    let system = app.as_system("load");
    for some in cities.chunks(500) {
        let towns: Vec<Town> = some.iter().map(town).collect();
        system.create_many(&towns).await.unwrap();
    }
    Client::new(&app)
}

/// A question, and what it is about.
struct Question {
    asked: String,
    place: Place,
    /// The nearest first: RQL's `near` is a condition alone.
    in_order: bool,
    least_people: u64,
    limit: usize,
}

fn rql(area: &str, place: Place) -> Question {
    Question {
        asked: area.to_owned(),
        place,
        in_order: false,
        least_people: 0,
        limit: usize::MAX,
    }
}

fn near([lon, lat]: [f64; 2], metres: f64) -> Question {
    rql(
        &format!("near(at,({lon},{lat}),{metres})"),
        Place::Near([lon, lat], metres),
    )
}

fn bounds([west, south]: [f64; 2], [east, north]: [f64; 2]) -> Question {
    rql(
        &format!("within(at,box(({west},{south}),({east},{north})))"),
        Place::Box([west, south], [east, north]),
    )
}

/// In miles, as Kinvey's clients do.
fn kinvey([lon, lat]: [f64; 2], miles: f64) -> Question {
    let json = json!({"at": {"$nearSphere": [lon, lat], "$maxDistance": miles}});
    let encoded: String = json
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let place = Place::Near([lon, lat], miles * 1_609.344);
    Question {
        in_order: true,
        ..rql(&format!("query={encoded}"), place)
    }
}

fn polygon(corners: &[[f64; 2]]) -> Question {
    let text: Vec<String> = corners
        .iter()
        .map(|[lon, lat]| format!("({lon},{lat})"))
        .collect();
    rql(
        &format!("within(at,polygon({}))", text.join(",")),
        Place::Polygon(corners.to_vec()),
    )
}

fn large(least_people: u64, limit: usize, question: Question) -> Question {
    Question {
        asked: format!(
            "population=ge={least_people}&{}&limit({limit})",
            question.asked
        ),
        least_people,
        limit,
        ..question
    }
}

fn questions() -> Vec<Question> {
    vec![
        near([13.4105, 52.5244], 100_000.0),
        near([178.4415, -18.1416], 800_000.0),
        near([-171.7667, -13.8333], 1_100_000.0),
        near([0.0, 90.0], 2_500_000.0),
        near([0.0, -90.0], 4_000_000.0),
        near([2.3488, 48.8534], 10_000_000.0),
        large(1_000_000, 10, kinvey([0.0, 0.0], 12_000.0)),
        large(5_000_000, 20, kinvey([-28.7907, 33.8678], 12_000.0)),
        kinvey([-21.8954, 64.1355], 300.0),
        kinvey([139.6917, 35.6895], 50.0),
        bounds([-9.6, 35.9], [3.4, 43.9]),
        bounds([165.0, -25.0], [-170.0, -10.0]),
        bounds([-180.0, 66.56], [180.0, 90.0]),
        polygon(&[
            [5.5, 43.7],
            [8.0, 44.2],
            [16.5, 46.5],
            [16.5, 48.3],
            [9.0, 48.0],
            [5.5, 46.5],
        ]),
        polygon(&[[-70.0, 0.0], [-35.0, -5.0], [-50.0, -32.0]]),
    ]
}

fn ids(list: &Value) -> Vec<u64> {
    let towns = list.as_array().unwrap().iter();
    towns.map(|town| town["id"].as_u64().unwrap()).collect()
}

async fn agree(client: &Client, cities: &[City]) {
    let mut tells = 0;
    for Question {
        asked,
        place,
        in_order,
        least_people,
        limit,
    } in questions()
    {
        let answer = client.get(&format!("/towns?{asked}")).go().await.is(200);
        let found = ids(&answer.json());
        let expected = brute::find(cities, &place, least_people, limit);
        if in_order {
            brute::same_order(cities, &place, &found, &expected, &asked);
        } else {
            let mut expected = expected.clone();
            expected.sort_unstable();
            assert_eq!(found, expected, "{asked}");
        }
        tells += usize::from(!found.is_empty() && found.len() < cities.len());
        if limit < usize::MAX {
            continue;
        }
        let range = answer.header("content-range");
        assert!(
            range.ends_with(&format!("/{}", expected.len())),
            "{asked}: {range}"
        );
        let count = client.get(&format!("/towns?{asked}&count()")).go().await;
        assert_eq!(count.is(200).json(), json!(expected.len()), "{asked}");
        // A page is a part of the same.
        let page = client.get(&format!("/towns?{asked}&limit(3,2)")).go().await;
        let wanted: Vec<u64> = found.iter().skip(2).take(3).copied().collect();
        assert_eq!(ids(&page.is(200).json()), wanted, "{asked}");
    }
    assert!(tells >= 12, "{tells} of them prove something");
    by_country(client, cities).await;
}

/// Where do people live between the polar circle and the tropic, from Lisbon to Moscow?
async fn by_country(client: &Client, cities: &[City]) {
    let (lower, upper) = ([-9.5, 23.4], [38.0, 66.6]);
    let mut groups: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for city in cities {
        let inside =
            (lower[0]..=upper[0]).contains(&city.lon) && (lower[1]..=upper[1]).contains(&city.lat);
        if inside {
            let group = groups.entry(town(city).country).or_default();
            *group = (group.0 + 1, group.1 + city.people);
        }
    }
    let mut groups: Vec<(String, (u64, u64))> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (_, people))| std::cmp::Reverse(*people));
    let expected: Vec<Value> = groups
        .iter()
        .take(5)
        .map(|(country, (towns, people))| json!({"country": country, "towns": towns, "people": people}))
        .collect();
    let asked = "within(at,box((-9.5,23.4),(38,66.6)))&aggregate(country,towns=count(),people=sum(population))&sort(-people)&limit(5)";
    let answer = client.get(&format!("/towns?{asked}")).go().await.is(200);
    assert_eq!(answer.json(), json!(expected));
}

async fn on_both_stores(text: &str, least: usize) {
    let cities = cities::read(text);
    assert!(cities.len() > least);
    for backend in [Backend::memory(), Backend::sqlite().await] {
        agree(&client(&backend, &cities).await, &cities).await;
    }
}

#[tokio::test]
async fn the_sample() {
    on_both_stores(include_str!("../../crates/query/tests/geo/cities.csv"), 500).await;
}

#[tokio::test]
#[ignore = "reads the cities that `cargo xtask test --long` fetches"]
async fn all_cities() {
    let path = std::env::var("LARDER_CITIES")
        .expect("`cargo xtask data --cities` prints a path: set LARDER_CITIES to it");
    on_both_stores(&std::fs::read_to_string(path).unwrap(), 20_000).await;
}
