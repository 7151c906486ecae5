//! The tables as CSV files.

use std::io::Read;

use csv::StringRecord;
use larder::prelude::*;

use crate::models::{Airline, Airport, Flight, Plane, Weather};

/// A model that is read from a table.
pub trait Table: larder::Model {
    /// The name of the file.
    const FILE: &'static str;
    /// The sample that is part of this program.
    const SAMPLE: &'static str;

    /// The id of a record whose table has no column for it.
    fn id(_row: &StringRecord) -> Option<String> {
        None
    }
}

macro_rules! table {
    ($model:ty, $file:literal $(, $id:item)?) => {
        impl Table for $model {
            const FILE: &'static str = $file;
            const SAMPLE: &'static str = include_str!(concat!("../data/", $file));

            $($id)?
        }
    };
}

table!(Airline, "airlines.csv");
table!(Airport, "airports.csv");
table!(Plane, "planes.csv");
table!(
    Flight,
    "flights.csv",
    fn id(_: &StringRecord) -> Option<String> {
        Some(Id::<Flight>::new().to_string())
    }
);
table!(
    Weather,
    "weather.csv",
    fn id(row: &StringRecord) -> Option<String> {
        // The first column is the airport, the last one the hour; its minutes and seconds are always zero.
        let (origin, hour) = (row.get(0)?, row.iter().next_back()?);
        Some(format!("{origin}-{}", hour.get(..13)?))
    }
);

/// The records of a table with a head line, in its order.
///
/// # Errors
/// The first row that can't be read or does not fit the model, with its line.
pub fn read<T: Table>(from: impl Read) -> impl Iterator<Item = Result<T>> {
    let mut reader = csv::Reader::from_reader(from);
    let mut head = reader.headers().cloned();
    let mut row = StringRecord::new();
    let own_id = head.as_mut().is_ok_and(|head| {
        let missing = T::FIELDS.contains(&"id") && !head.iter().any(|column| column == "id");
        if missing {
            head.push_field("id");
        }
        missing
    });
    std::iter::from_fn(move || {
        let head = match &head {
            Ok(head) => head,
            Err(error) => return Some(Err(unreadable::<T>(error))),
        };
        match reader.read_record(&mut row) {
            Ok(false) => None,
            Ok(true) => {
                let id = if own_id { T::id(&row) } else { None };
                let record = without_na(&row, id.as_deref());
                Some(
                    record
                        .deserialize(Some(head))
                        .map_err(|error| unreadable::<T>(&error)),
                )
            }
            Err(error) => Some(Err(unreadable::<T>(&error))),
        }
    })
}

/// The row with nothing where it says `NA`, as the csv crate reads an absent value, and the id at its end.
fn without_na(row: &StringRecord, id: Option<&str>) -> StringRecord {
    let mut record = StringRecord::with_capacity(row.as_slice().len() + 36, row.len() + 1);
    for value in row {
        record.push_field(if value == "NA" { "" } else { value });
    }
    if let Some(id) = id {
        record.push_field(id);
    }
    record.set_position(row.position().cloned());
    record
}

fn unreadable<T: Table>(error: &csv::Error) -> Error {
    Error::setup(format!("{} can't be read: {error}", T::FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<T: Table>() -> Vec<T> {
        read(T::SAMPLE.as_bytes()).collect::<Result<_>>().unwrap()
    }

    #[test]
    fn every_table_of_the_sample_fits_its_model() {
        assert_eq!(sample::<Airline>().len(), 16);
        assert_eq!(sample::<Airport>().len(), 1_458);
        assert!(sample::<Plane>().len() > 1_000);
        assert!(
            sample::<Weather>()
                .iter()
                .any(|hour| hour.id == "EWR-2013-01-01T06")
        );
        let flights = sample::<Flight>();
        assert!(flights.len() > 1_000);
        assert!(
            flights
                .iter()
                .any(|flight| flight.tailnum.is_none() && flight.dep_time.is_none())
        );
    }

    #[test]
    fn a_bad_row_is_named() {
        let read = read::<Airport>(
            "faa,name,lat,lon,alt,tz,dst,tzone\nJFK,J,north,0,0,0,A,NA\n".as_bytes(),
        );
        let error = read.collect::<Result<Vec<_>>>().unwrap_err();
        assert!(error.message().contains("line: 2"), "{}", error.message());
    }
}
