//! A small part of the tables in which nothing refers to what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::Tables;
use crate::Result;

/// Every how many flights one is taken; a prime, so that all hours and days come up.
const FLIGHT_STEP: usize = 149;
/// Flights that a small carrier has in the sample at least, if it has as many at all.
const FLIGHTS_OF_CARRIER: usize = 20;
/// Every how many hours of an airport's weather one is taken.
const WEATHER_STEP: usize = 61;
const MOST_BYTES: u64 = 700_000;

/// Writes the sample to `directory`: flights of the whole year and all carriers, all airlines and airports, the planes that fly in it,
/// and some weather.
pub(super) fn write(tables: &Tables, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let flights = Table::read(&tables.flights)?;
    let flights = flights.only(&taken(&flights)?);
    let tails: BTreeSet<&str> = flights.column("tailnum")?.collect();
    let planes = Table::read(&tables.planes)?;
    let known: Vec<usize> = planes
        .column("tailnum")?
        .enumerate()
        .filter(|(_, tail)| tails.contains(tail))
        .map(|(at, _)| at)
        .collect();
    let weather = Table::read(&tables.weather)?;
    let some: Vec<usize> = (0..weather.rows.len()).step_by(WEATHER_STEP).collect();

    let mut bytes = 0;
    for (name, table) in [
        ("airlines.csv", &Table::read(&tables.airlines)?),
        ("airports.csv", &Table::read(&tables.airports)?),
        ("flights.csv", &flights),
        ("planes.csv", &planes.only(&known)),
        ("weather.csv", &weather.only(&some)),
    ] {
        let text = table.text();
        bytes += text.len() as u64;
        fs::write(directory.join(name), text)?;
        println!("{name}: {} rows", table.rows.len());
    }
    println!("{} kB in all", bytes / 1_000);
    if bytes > MOST_BYTES {
        Err("the sample is too large for the repository".into())
    } else {
        Ok(())
    }
}

/// The flights to take: every so many, and the first ones of carriers that would have too few.
fn taken(flights: &Table) -> Result<Vec<usize>> {
    let mut taken: BTreeSet<usize> = (0..flights.rows.len()).step_by(FLIGHT_STEP).collect();
    let mut of_carrier: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, carrier) in flights.column("carrier")?.enumerate() {
        of_carrier.entry(carrier).or_default().push(at);
    }
    for rows in of_carrier.values() {
        let has = rows.iter().filter(|row| taken.contains(row)).count();
        let missing = FLIGHTS_OF_CARRIER.saturating_sub(has);
        let step = (rows.len() / missing.max(1)).max(1);
        taken.extend(rows.iter().step_by(step).take(missing));
    }
    Ok(taken.into_iter().collect())
}

/// Lines of a CSV file. None of the tables has a line break in a value.
struct Table {
    head: String,
    rows: Vec<String>,
}

impl Table {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)?;
        let mut lines = text.lines().map(str::to_owned);
        let head = lines
            .next()
            .ok_or_else(|| format!("{} is empty", path.display()))?;
        Ok(Self {
            head,
            rows: lines.collect(),
        })
    }

    /// The values of a column in front of which no value holds a comma, which is so of those asked for here.
    fn column(&self, name: &str) -> Result<impl Iterator<Item = &str>> {
        let at = self
            .head
            .split(',')
            .position(|column| column.trim_matches('"') == name)
            .ok_or_else(|| format!("there is no column {name}"))?;
        Ok(self
            .rows
            .iter()
            .map(move |row| row.split(',').nth(at).unwrap_or_default().trim_matches('"')))
    }

    fn only(&self, rows: &[usize]) -> Self {
        Self {
            head: self.head.clone(),
            rows: rows.iter().map(|at| self.rows[*at].clone()).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.head);
        for row in &self.rows {
            text += row;
            text.push('\n');
        }
        text
    }
}
