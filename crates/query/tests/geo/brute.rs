//! The same questions answered by other formulas: vectors for distances, angles for polygons, one turn of the earth for boxes.

use crate::cities::City;

const RADIUS: f64 = 6_371_008.8;

pub(crate) enum Place {
    /// A point and metres.
    Near([f64; 2], f64),
    /// Two corners.
    Box([f64; 2], [f64; 2]),
    Polygon(Vec<[f64; 2]>),
}

/// The ids of the cities in a place: the nearest first, or as they come.
pub(crate) fn find(cities: &[City], place: &Place, least_people: u64, limit: usize) -> Vec<u64> {
    let mut found: Vec<(f64, u64)> = cities
        .iter()
        .filter(|city| city.people >= least_people)
        .filter_map(|city| match place {
            Place::Near(from, metres) => {
                let distance = distance(*from, [city.lon, city.lat]);
                assert!(
                    (distance - metres).abs() > 0.001,
                    "{} lies on the rim: choose another distance",
                    city.id
                );
                (distance < *metres).then_some((distance, city.id))
            }
            Place::Box(lower, upper) => in_box(*lower, *upper, city).then_some((0.0, city.id)),
            Place::Polygon(corners) => turns(corners, city).then_some((0.0, city.id)),
        })
        .collect();
    // Boxes and polygons have no distance: they stay as they are.
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(limit);
    found.into_iter().map(|(_, id)| id).collect()
}

/// Two lists in the order of distance; cities that are equally far may change places.
pub(crate) fn same_order(cities: &[City], place: &Place, one: &[u64], other: &[u64], about: &str) {
    let Place::Near(from, _) = place else {
        panic!("{about} has no order");
    };
    let by_id: std::collections::HashMap<u64, &City> =
        cities.iter().map(|city| (city.id, city)).collect();
    let far = |id: &u64| distance(*from, [by_id[id].lon, by_id[id].lat]);
    for (a, b) in one.iter().zip(other) {
        assert!(
            a == b || (far(a) - far(b)).abs() < 1e-3,
            "{about}: {a} and {b}"
        );
    }
    let sorted = |ids: &[u64]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted(one), sorted(other), "{about}");
}

/// Metres between two points as vectors from the middle of the earth.
fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    let vector = |[lon, lat]: [f64; 2]| {
        let (lon, lat) = (lon.to_radians(), lat.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let ([a, b, c], [x, y, z]) = (vector(a), vector(b));
    let cross = [b * z - c * y, c * x - a * z, a * y - b * x];
    let sine = cross.iter().map(|n| n * n).sum::<f64>().sqrt();
    RADIUS * sine.atan2(a * x + b * y + c * z)
}

/// East of the western side by no more than the box is wide.
fn in_box([west, south]: [f64; 2], [east, north]: [f64; 2], city: &City) -> bool {
    let wide = if (east - west - 360.0).abs() < f64::EPSILON {
        360.0
    } else {
        (east - west).rem_euclid(360.0)
    };
    (city.lon - west).rem_euclid(360.0) <= wide && city.lat >= south && city.lat <= north
}

/// The corners, seen from the city, go round it.
fn turns(corners: &[[f64; 2]], city: &City) -> bool {
    let mut sum = 0.0;
    for (at, [x, y]) in corners.iter().enumerate() {
        let [next_x, next_y] = corners[(at + 1) % corners.len()];
        let (a, b) = (x - city.lon, y - city.lat);
        let (c, d) = (next_x - city.lon, next_y - city.lat);
        sum += (a * d - b * c).atan2(a * c + b * d);
    }
    sum.abs() > std::f64::consts::PI
}
