//! The table of cities as rows.

use larder_query::{Object, Value};

pub(crate) struct City {
    pub(crate) id: u64,
    pub(crate) lon: f64,
    pub(crate) lat: f64,
    pub(crate) people: u64,
    /// What a query sees of it.
    pub(crate) row: Value,
}

pub(crate) fn read(text: &str) -> Vec<City> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(city).collect()
}

fn city(line: &str) -> City {
    let [id, lon, lat, people, country, name] = line.splitn(6, ',').collect::<Vec<_>>()[..] else {
        panic!("{line}");
    };
    let (lon, lat): (f64, f64) = (lon.parse().unwrap(), lat.parse().unwrap());
    let people = people.parse().unwrap();
    let mut row = Object::new();
    row.insert("name", name);
    row.insert("country", country);
    row.insert("population", Value::from(people));
    row.insert("_geoloc", vec![Value::from(lon), Value::from(lat)]);
    City {
        id: id.parse().unwrap(),
        lon,
        lat,
        people,
        row: row.into(),
    }
}
