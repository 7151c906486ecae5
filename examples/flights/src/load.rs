//! Loading the tables into the store, through larder: in batches of 500, validated as everything is.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use larder::prelude::*;
use larder::{Model, Session};

use crate::models::{Airline, Airport, Flight, Plane, Weather};
use crate::tables::{self, Table};

/// Records in a batch.
pub const BATCH: usize = 500;

/// Loads the sample if the store has no flights. Returns how many records it loaded.
///
/// # Errors
/// What the store says.
pub async fn sample(app: &App) -> Result<u64> {
    let session = app.as_system("sample");
    if session.count::<Flight>().await? > 0 {
        return Ok(0);
    }
    Ok(sample_of::<Airline>(&session).await?
        + sample_of::<Airport>(&session).await?
        + sample_of::<Plane>(&session).await?
        + sample_of::<Weather>(&session).await?
        + sample_of::<Flight>(&session).await?)
}

async fn sample_of<T: Table>(session: &Session) -> Result<u64> {
    batches::<T>(session, T::SAMPLE.as_bytes(), |_| {}).await
}

/// Loads all tables from a directory of CSV files, with a progress bar. Returns how many records it loaded.
///
/// # Errors
/// `Setup` if the store has flights already or a file is not there; else what the store says.
pub async fn directory(app: &App, directory: &Path) -> Result<u64> {
    let session = app.as_system("load");
    let there = session.count::<Flight>().await?;
    if there > 0 {
        return Err(Error::setup(format!(
            "the database holds {there} flights already: remove it, or name another one with DATABASE_URL"
        )));
    }
    Ok(table::<Airline>(&session, directory).await?
        + table::<Airport>(&session, directory).await?
        + table::<Plane>(&session, directory).await?
        + table::<Weather>(&session, directory).await?
        + table::<Flight>(&session, directory).await?)
}

async fn table<T: Table>(session: &Session, directory: &Path) -> Result<u64> {
    let path = directory.join(T::FILE);
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) =
        opened.map_err(|error| Error::setup(format!("can't open {}: {error}", path.display())))?;
    let bar = bar::<T>(bytes);
    let rows = batches::<T>(session, bar.wrap_read(file), |rows| {
        bar.set_message(format!("{rows} rows"));
    })
    .await?;
    bar.finish();
    Ok(rows)
}

/// A bar over the bytes of the file: how many rows it has is not known before they are read.
fn bar<T: Model>(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes).with_prefix(T::NAME);
    match ProgressStyle::with_template(
        "{prefix:8} {wide_bar} {percent:>3} % {msg:>12} {elapsed:>4}",
    ) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

async fn batches<T: Table>(
    session: &Session,
    from: impl Read,
    progress: impl Fn(u64),
) -> Result<u64> {
    let mut records = tables::read::<T>(from);
    let mut loaded = 0;
    loop {
        let batch: Vec<T> = records.by_ref().take(BATCH).collect::<Result<_>>()?;
        if batch.is_empty() {
            return Ok(loaded);
        }
        loaded += session.create_many(&batch).await?;
        progress(loaded);
    }
}
