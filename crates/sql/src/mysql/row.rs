//! The values in rows of MySQL and MariaDB.

use std::fmt::Display;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use larder_core::{Error, Kind, Result};
use larder_query::Value;
use sqlx::mysql::{MySqlRow, MySqlValueRef};
use sqlx::{Decode, MySql, Row, TypeInfo, ValueRef};

use crate::dialect::{self, decimal};
use crate::table::Table;

/// The value in a column of a row, which is called like this in a table.
pub(crate) fn found<'n>(
    table: &Table<dialect::MySql>,
    row: &MySqlRow,
    place: usize,
    kind: Kind,
    name: impl FnOnce() -> &'n str,
) -> Result<Value> {
    let raw = row.try_get_raw(place).map_err(Error::internal)?;
    // A day of zeros is no null, though the driver takes it for one.
    if raw.is_null() && take::<&[u8]>(raw.clone()).is_err() {
        return Ok(Value::Null);
    }
    decode(kind, raw, table.is_careful()).map_err(|wrong| {
        Error::internal(format!(
            "{}.{} holds what is no {kind:?}: {wrong}",
            table.name,
            name()
        ))
    })
}

/// The whole number in the column at this place, which may be a sum and then is a decimal; none for NULL.
pub(crate) fn whole(row: &MySqlRow, place: usize) -> Result<Option<i64>> {
    let raw = row.try_get_raw(place).map_err(Error::internal)?;
    if raw.is_null() {
        return Ok(None);
    }
    if raw.type_info().name() == "DECIMAL" {
        let text: &str = <&str as Decode<'_, MySql>>::decode(raw).map_err(Error::internal)?;
        return text.parse().map(Some).map_err(Error::internal);
    }
    <i64 as Decode<'_, MySql>>::decode(raw)
        .map(Some)
        .map_err(Error::internal)
}

/// The float in the column at this place; none for NULL.
pub(crate) fn float(row: &MySqlRow, place: usize) -> Result<Option<f64>> {
    row.try_get_unchecked(place).map_err(Error::internal)
}

fn decode(kind: Kind, raw: MySqlValueRef<'_>, careful: bool) -> std::result::Result<Value, String> {
    Ok(match kind {
        Kind::Int => Value::I64(whole_of(raw)?),
        Kind::Uint => Value::from(unsigned_of(raw)?),
        Kind::Text => Value::Text(take::<&str>(raw)?.into()),
        Kind::Bool => {
            let stored = whole_of(raw)?;
            // A filter would not find another number.
            if careful && !matches!(stored, 0 | 1) {
                return Err(stored.to_string());
            }
            Value::Bool(stored != 0)
        }
        // Of a narrower column it is the same number, wider.
        Kind::Float => Value::F64(take(raw)?),
        Kind::Instant => {
            let (date, time) = moment(take(raw)?)?;
            let at = TimeZone::UTC.to_timestamp(date.to_datetime(time));
            Value::Instant(at.map_err(text)?)
        }
        Kind::Date => Value::Date(moment(take(raw)?)?.0),
        Kind::Json => serde_json::from_str(take(raw)?).map_err(text)?,
        Kind::Uuid => {
            let stored: &[u8] = take(raw)?;
            // Its bytes, or its text.
            if let Ok(bytes) = <[u8; 16]>::try_from(stored) {
                return Ok(Value::Uuid(uuid::Uuid::from_bytes(bytes)));
            }
            let stored = std::str::from_utf8(stored).map_err(text)?;
            let uuid = uuid::Uuid::try_parse(stored).map_err(text)?;
            if careful && stored != uuid.hyphenated().to_string() {
                return Err("another spelling than larder's".to_owned());
            }
            Value::Uuid(uuid)
        }
        Kind::Bytes => Value::Bytes(take::<&[u8]>(raw)?.into()),
        Kind::Decimal if raw.type_info().name() == "DECIMAL" => {
            Value::Decimal(take::<&str>(raw)?.parse().map_err(text)?)
        }
        Kind::Decimal => {
            let stored: &str = take(raw)?;
            Value::Decimal(decimal::decode(stored).ok_or_else(|| stored.to_owned())?)
        }
    })
}

/// A whole number of a column with a sign or without one.
fn whole_of(raw: MySqlValueRef<'_>) -> std::result::Result<i64, String> {
    match raw.type_info().name() {
        "DECIMAL" => return take::<&str>(raw)?.parse().map_err(text),
        "BIT" => {
            let bytes = take::<&[u8]>(raw)?;
            return Ok(bytes
                .iter()
                .fold(0, |bits, byte| bits << 8 | i64::from(*byte)));
        }
        _ => {}
    }
    match is_unsigned(&raw) {
        true => {
            let number = take::<u64>(raw)?;
            i64::try_from(number).map_err(|_| format!("{number}, which only a `u64` holds"))
        }
        false => take(raw),
    }
}

fn unsigned_of(raw: MySqlValueRef<'_>) -> std::result::Result<u64, String> {
    match is_unsigned(&raw) {
        true => take(raw),
        false => {
            let number = take::<i64>(raw)?;
            u64::try_from(number).map_err(|_| format!("{number}, which only an `i64` holds"))
        }
    }
}

fn is_unsigned(raw: &MySqlValueRef<'_>) -> bool {
    raw.type_info().name().ends_with("UNSIGNED")
}

/// A day, or a day and a time, as the protocol writes them: how many bytes follow, the year in two of them, month, day, hour,
/// minute, second, and microseconds in four. What is zero may be left out from the end.
fn moment(bytes: &[u8]) -> std::result::Result<(Date, Time), String> {
    let wrong = || format!("{bytes:?}");
    let (length, rest) = bytes.split_first().ok_or_else(wrong)?;
    let mut parts = [0_u8; 11];
    let held = parts.get_mut(..rest.len()).ok_or_else(wrong)?;
    if usize::from(*length) != rest.len() {
        return Err(wrong());
    }
    held.copy_from_slice(rest);
    let [y0, y1, month, day, hour, minute, second, micros @ ..] = parts;
    let signed = |byte: u8| i8::try_from(byte).map_err(text);
    let year = i16::from_le_bytes([y0, y1]);
    let date = Date::new(year, signed(month)?, signed(day)?).map_err(text)?;
    let nanos = i32::try_from(u32::from_le_bytes(micros))
        .ok()
        .and_then(|micros| micros.checked_mul(1_000));
    let time = Time::new(
        signed(hour)?,
        signed(minute)?,
        signed(second)?,
        nanos.ok_or_else(wrong)?,
    );
    Ok((date, time.map_err(text)?))
}

fn take<'r, T: Decode<'r, MySql>>(raw: MySqlValueRef<'r>) -> std::result::Result<T, String> {
    T::decode(raw).map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_at_every_length() {
        let read = |bytes: &[u8]| moment(bytes).map(|(date, time)| format!("{date} {time}"));
        assert_eq!(read(&[4, 0xe8, 7, 2, 29]).unwrap(), "2024-02-29 00:00:00");
        assert_eq!(
            read(&[7, 0xe8, 7, 2, 29, 23, 59, 58]).unwrap(),
            "2024-02-29 23:59:58"
        );
        let micros = read(&[11, 0, 0, 1, 1, 0, 0, 0, 0x3f, 0x42, 0x0f, 0]);
        assert_eq!(micros.unwrap(), "0000-01-01 00:00:00.999999");
        for wrong in [
            &[][..],
            &[0],
            &[4, 0, 0, 0, 0],
            &[5, 1],
            &[4, 0xe8, 7, 13, 1],
            &[12; 13],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
