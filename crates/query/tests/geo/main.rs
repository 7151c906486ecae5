//! Cities of GeoNames: `near`, boxes and polygons against brute force by other formulas.
//!
//! The usual run has a sample of them, `cities.csv`; `cargo xtask test --long` has all.

mod brute;
mod cities;

use brute::Place;
use cities::City;
use larder_query::{Distance, JsonRows, Limits, Query, QueryBuilder, Value, bind, kinvey};

/// What is asked: in Kinvey's JSON, by the builder where its calls can say it, and by hand.
struct Question {
    about: &'static str,
    sent: String,
    built: Option<QueryBuilder>,
    place: Place,
    least_people: u64,
    limit: usize,
}

impl Question {
    fn near(about: &'static str, from: [f64; 2], miles: f64) -> Self {
        let [lon, lat] = from;
        Self {
            about,
            sent: format!(
                r#"query={{"_geoloc":{{"$nearSphere":[{lon},{lat}],"$maxDistance":{miles}}}}}"#
            ),
            built: Some(QueryBuilder::new().near("_geoloc", from, Distance::miles(miles))),
            place: Place::Near(from, miles * 1_609.344),
            least_people: 0,
            limit: usize::MAX,
        }
    }

    fn metres(about: &'static str, from: [f64; 2], metres: f64) -> Self {
        let [lon, lat] = from;
        Self {
            sent: format!(
                r#"query={{"_geoloc":{{"$nearSphere":{{"$geometry":{{"type":"Point","coordinates":[{lon},{lat}]}},"$maxDistance":{metres}}}}}}}"#
            ),
            built: Some(QueryBuilder::new().near("_geoloc", from, Distance::metres(metres))),
            place: Place::Near(from, metres),
            ..Self::near(about, from, 0.0)
        }
    }

    /// The nearest large cities, of all on the earth.
    fn nearest(about: &'static str, from: [f64; 2], limit: usize, least_people: u64) -> Self {
        let [lon, lat] = from;
        let most = u64::try_from(limit).unwrap();
        Self {
            sent: format!(
                r#"query={{"population":{{"$gte":{least_people}}},"_geoloc":{{"$near":[{lon},{lat}]}}}}&limit={limit}"#
            ),
            built: Some(
                QueryBuilder::new()
                    .greater_than_or_equal_to("population", i64::try_from(least_people).unwrap())
                    .near("_geoloc", from, None)
                    .limit(most),
            ),
            place: Place::Near(from, 21_000_000.0),
            least_people,
            limit,
            about,
        }
    }

    fn bounds(about: &'static str, [west, south]: [f64; 2], [east, north]: [f64; 2]) -> Self {
        Self {
            sent: format!(
                r#"query={{"_geoloc":{{"$within":{{"$box":[[{west},{south}],[{east},{north}]]}}}}}}"#
            ),
            built: Some(QueryBuilder::new().within_box("_geoloc", [west, south], [east, north])),
            place: Place::Box([west, south], [east, north]),
            ..Self::near(about, [0.0, 0.0], 0.0)
        }
    }

    fn polygon(about: &'static str, corners: &[[f64; 2]]) -> Self {
        let text: Vec<String> = corners
            .iter()
            .map(|[lon, lat]| format!("[{lon},{lat}]"))
            .collect();
        Self {
            sent: format!(
                r#"query={{"_geoloc":{{"$geoWithin":{{"$polygon":[{}]}}}}}}"#,
                text.join(",")
            ),
            built: Some(QueryBuilder::new().within_polygon("_geoloc", corners.iter().copied())),
            place: Place::Polygon(corners.to_vec()),
            ..Self::near(about, [0.0, 0.0], 0.0)
        }
    }
}

fn questions() -> Vec<Question> {
    vec![
        Question::near("round Berlin", [13.4105, 52.5244], 60.0),
        Question::near(
            "the seed's restaurants, round Boston",
            [-71.0598, 42.3584],
            10.0,
        ),
        Question::near(
            "round Suva, over the date line",
            [178.4415, -18.1416],
            500.0,
        ),
        Question::near(
            "round Apia, over the date line from the other side",
            [-171.7667, -13.8333],
            700.0,
        ),
        Question::near("round the north pole", [0.0, 90.0], 1_600.0),
        Question::near("the same, with another longitude", [123.0, 90.0], 1_600.0),
        Question::near("round the south pole", [0.0, -90.0], 2_500.0),
        Question::near("half of the earth", [2.3488, 48.8534], 6_215.0),
        Question::near("nearly all of the earth", [-60.0, -30.0], 12_000.0),
        Question::near("one city and what is in it", [139.6917, 35.6895], 5.0),
        Question::metres("500 km round Reykjavik", [-21.8954, 64.1355], 500_000.0),
        Question::metres(
            "a few metres round a city's point",
            [72.8826, 19.0728],
            10.0,
        ),
        Question::metres(
            "1000 km round where the equator meets Greenwich",
            [0.0, 0.0],
            1_000_000.0,
        ),
        Question::nearest(
            "ten large cities near Null Island",
            [0.0, 0.0],
            10,
            1_000_000,
        ),
        Question::nearest("five near the middle of the Pacific", [-179.99, 0.0], 5, 0),
        Question::nearest(
            "twenty near Sydney's opposite",
            [-28.7907, 33.8678],
            20,
            5_000_000,
        ),
        Question::bounds("Iberia", [-9.6, 35.9], [3.4, 43.9]),
        Question::bounds(
            "the south-west Pacific, over the date line",
            [165.0, -25.0],
            [-170.0, -10.0],
        ),
        Question::bounds("all but Europe and Africa", [55.0, -60.0], [-30.0, 80.0]),
        Question::bounds("the whole earth", [-180.0, -90.0], [180.0, 90.0]),
        Question::bounds("beyond the polar circle", [-180.0, 66.56], [180.0, 90.0]),
        Question::polygon(
            "round the Alps",
            &[
                [5.5, 43.7],
                [8.0, 44.2],
                [16.5, 46.5],
                [16.5, 48.3],
                [9.0, 48.0],
                [5.5, 46.5],
            ],
        ),
        Question::polygon(
            "a triangle over Brazil",
            &[[-70.0, 0.0], [-35.0, -5.0], [-50.0, -32.0]],
        ),
        Question::polygon(
            "India in an arrow, clockwise, closed",
            &[
                [68.0, 24.0],
                [78.0, 35.0],
                [89.0, 26.0],
                [80.0, 22.0],
                [80.0, 13.0],
                [77.5, 8.0],
                [72.5, 20.0],
                [68.0, 24.0],
            ],
        ),
        Question::polygon(
            "a horseshoe round the North Sea",
            &[
                [-3.5, 58.8],
                [-3.5, 50.5],
                [9.0, 50.5],
                [9.0, 57.8],
                [7.0, 57.8],
                [7.0, 54.0],
                [2.5, 52.0],
                [0.5, 54.0],
                [-1.0, 58.8],
            ],
        ),
    ]
}

/// A query over rows as any store has to run it: filter, order, page.
fn run(query: &Query, cities: &[City]) -> Vec<u64> {
    let filter = bind(query.filter.as_ref().unwrap(), &JsonRows).unwrap();
    let mut found: Vec<&City> = cities
        .iter()
        .filter(|city| filter.matches(std::slice::from_ref(&city.row)))
        .collect();
    if let Some(near) = &query.near {
        let at = |city: &City| -> Value { city.row.at(&near.path.steps).clone() };
        found.sort_by(|a, b| near.from.nearer(&at(a), &at(b)));
    }
    let most = query
        .page
        .limit
        .map_or(usize::MAX, |n| usize::try_from(n).unwrap());
    found.into_iter().take(most).map(|city| city.id).collect()
}

/// Runs all questions; returns how many cities each found.
fn ask(cities: &[City]) -> Vec<(&'static str, usize)> {
    let mut counts = Vec::new();
    for question in questions() {
        let about = question.about;
        let query = kinvey::parse_query_string(&question.sent, &Limits::default())
            .unwrap_or_else(|error| panic!("{about}: {error}"));
        let found = run(&query, cities);
        if let Some(built) = question.built {
            assert_eq!(run(&built.build().unwrap(), cities), found, "{about}");
        }
        let expected = brute::find(
            cities,
            &question.place,
            question.least_people,
            question.limit,
        );
        assert_eq!(found.len(), expected.len(), "{about}");
        if matches!(question.place, Place::Near(..)) {
            brute::same_order(cities, &question.place, &found, &expected, about);
        } else {
            assert_eq!(found, expected, "{about}");
        }
        counts.push((about, found.len()));
    }
    counts
}

#[test]
fn twenty_five_questions_of_the_sample() {
    let cities = cities::read(include_str!("cities.csv"));
    assert!(cities.len() > 500);
    let counts = ask(&cities);
    assert_eq!(counts.len(), 25);
    // Most of them find some and not all, or they would prove little.
    let telling = |(_, found): &&(&str, usize)| *found > 0 && *found < cities.len();
    assert!(counts.iter().filter(telling).count() >= 20, "{counts:?}");
}

#[test]
#[ignore = "reads the cities that `cargo xtask test --long` fetches"]
fn twenty_five_questions_of_all_cities() {
    let path = std::env::var("LARDER_CITIES")
        .expect("`cargo xtask data --cities` prints a path: set LARDER_CITIES to it");
    let cities = cities::read(&std::fs::read_to_string(path).unwrap());
    assert!(cities.len() > 20_000);
    let counts = ask(&cities);
    let telling = |(_, found): &&(&str, usize)| *found > 0 && *found < cities.len();
    assert!(counts.iter().filter(telling).count() >= 23, "{counts:?}");
}
