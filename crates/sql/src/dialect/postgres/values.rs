//! Values in PostgreSQL's binary format, both ways: each kind by a type of its own, exactly.

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use larder_core::Kind;
use larder_query::{Decimal, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Postgres, Type};

/// The numbers of types, as `pg_type` has them in every database.
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const INT8: u32 = 20;
    pub(super) const TEXT: u32 = 25;
    pub(super) const JSON: u32 = 114;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const NUMERIC: u32 = 1700;
    pub(super) const UUID: u32 = 2950;
    pub(super) const JSONB: u32 = 3802;
}

/// The beginning of PostgreSQL's time, 2000-01-01, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;
/// Its first day.
const FIRST_DAY: Date = date(2000, 1, 1);
/// The first instant that a column can hold, 4714-11-24 BC by the Julian calendar, in microseconds since 1970.
pub(super) const FIRST_INSTANT: i64 = -211_813_488_000_000_000 + EPOCH;

/// A value to be bound.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    oid: u32,
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Null,
    Bool(bool),
    Day(i32),
    Long([u8; 8]),
    Uuid([u8; 16]),
    Borrowed(&'a [u8]),
    Owned(Vec<u8>),
}

impl<'a> Bound<'a> {
    /// A value of a kind, or what was expected.
    pub(super) fn new(kind: Kind, value: &'a Value) -> Result<Self, &'static str> {
        let oid = match kind {
            Kind::Bool => oid::BOOL,
            Kind::Int => oid::INT8,
            Kind::Uint | Kind::Decimal => oid::NUMERIC,
            Kind::Float => oid::FLOAT8,
            Kind::Text => oid::TEXT,
            Kind::Bytes => oid::BYTEA,
            Kind::Instant => oid::TIMESTAMPTZ,
            Kind::Date => oid::DATE,
            Kind::Uuid => oid::UUID,
            Kind::Json => oid::JSON,
        };
        let long = |bytes| Content::Long(bytes);
        let content = match (kind, value) {
            (_, Value::Null) => Content::Null,
            (Kind::Bool, Value::Bool(b)) => Content::Bool(*b),
            (Kind::Int, Value::I64(n)) => long(n.to_be_bytes()),
            (Kind::Uint, Value::I64(n)) if *n >= 0 => Content::Owned(numeric(&n.to_string())),
            (Kind::Uint, Value::U64(n)) => Content::Owned(numeric(&n.to_string())),
            (Kind::Float, Value::F64(f)) if f.is_finite() => long(f.to_be_bytes()),
            (Kind::Float, Value::I64(n)) => long((*n as f64).to_be_bytes()),
            (Kind::Float, Value::U64(n)) => long((*n as f64).to_be_bytes()),
            (Kind::Decimal, Value::Decimal(number)) => Content::Owned(numeric(&number.to_string())),
            (Kind::Text, Value::Text(text)) if text.contains('\0') => {
                return Err("text without the character U+0000");
            }
            (Kind::Text, Value::Text(text)) => Content::Borrowed(text.as_bytes()),
            (Kind::Bytes, Value::Bytes(bytes)) => Content::Borrowed(bytes),
            (Kind::Instant, Value::Instant(at)) => {
                let micros = at.as_microsecond();
                if micros < FIRST_INSTANT {
                    return Err("a time from the year -4713 on");
                }
                long((micros - EPOCH).to_be_bytes())
            }
            (Kind::Date, Value::Date(day)) if day.year() >= 0 => {
                let days = day.since(FIRST_DAY).map(|span| span.get_days());
                Content::Day(days.map_err(|_| kind.expected())?)
            }
            (Kind::Date, Value::Date(_)) => return Err("a date from the year 0 on"),
            (Kind::Uuid, Value::Uuid(uuid)) => Content::Uuid(uuid.into_bytes()),
            (Kind::Json, value) => {
                let text = json(value).ok_or("JSON without the character U+0000")?;
                Content::Owned(text.into_bytes())
            }
            (kind, _) => return Err(kind.expected()),
        };
        Ok(Self { oid, content })
    }
}

impl Type<Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        // Never asked for: each value says its own.
        PgTypeInfo::with_oid(Oid(oid::TEXT))
    }
}

impl Encode<'_, Postgres> for Bound<'_> {
    fn encode_by_ref(&self, to: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.content {
            Content::Null => return Ok(IsNull::Yes),
            Content::Bool(b) => to.push(u8::from(*b)),
            Content::Day(days) => to.extend_from_slice(&days.to_be_bytes()),
            Content::Long(bytes) => to.extend_from_slice(bytes),
            Content::Uuid(bytes) => to.extend_from_slice(bytes),
            Content::Borrowed(bytes) => to.extend_from_slice(bytes),
            Content::Owned(bytes) => to.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid)))
    }
}

/// The text of a JSON value; none if there is a U+0000 in it.
pub(super) fn json(value: &Value) -> Option<String> {
    if has_nul(value) {
        return None;
    }
    let mut text = Vec::with_capacity(64);
    value
        .serialize(&mut Serializer::with_formatter(&mut text, Digits))
        .ok()?;
    String::from_utf8(text).ok()
}

/// Whether a JSON value has a U+0000 in it.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// JSON in which floats that could be equal to a whole number of 64 bits have all their digits: the shortest text that reads back as
/// the float is another number to an exact type.
struct Digits;

/// 2^53: from here on floats are whole, and some whole numbers lie between them.
const FIRST_GAP: f64 = (1_u64 << 53) as f64;
/// 2^64, which is beyond all whole numbers there are here.
const BEYOND: f64 = (1_u128 << 64) as f64;

impl Formatter for Digits {
    fn write_f64<W: ?Sized + std::io::Write>(
        &mut self,
        to: &mut W,
        number: f64,
    ) -> std::io::Result<()> {
        let size = number.abs();
        if (FIRST_GAP..BEYOND).contains(&size) {
            // With an exponent it stays a float.
            return write!(to, "{number:.0}e0");
        }
        serde_json::ser::CompactFormatter.write_f64(to, number)
    }
}

/// A decimal number in plain digits, in groups of four.
fn numeric(plain: &str) -> Vec<u8> {
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (0x4000_u16, digits),
        None => (0, plain),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let before = whole.len().div_ceil(4);
    let padded = format!(
        "{whole:0>before$}{fraction:0<behind$}",
        before = before * 4,
        behind = fraction.len().div_ceil(4) * 4,
    );
    let groups: Vec<u16> = padded
        .as_bytes()
        .chunks(4)
        .map(|group| {
            group
                .iter()
                .fold(0, |n, digit| n * 10 + u16::from(digit - b'0'))
        })
        .collect();
    let first = groups.iter().take_while(|group| **group == 0).count();
    let end = groups
        .iter()
        .rposition(|group| *group != 0)
        .map_or(first, |last| last + 1);
    let groups = groups.get(first..end).unwrap_or_default();
    // What a number has of digits is limited to 38, so nothing here is cut.
    let weight = before as i16 - 1 - first as i16;
    let mut bytes = Vec::with_capacity(8 + groups.len() * 2);
    bytes.extend((groups.len() as u16).to_be_bytes());
    bytes.extend(if groups.is_empty() { 0 } else { weight }.to_be_bytes());
    bytes.extend(if groups.is_empty() { 0 } else { sign }.to_be_bytes());
    bytes.extend((fraction.len() as u16).to_be_bytes());
    bytes.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
    bytes
}

/// The plain digits of a number; none for what is no number, such as an infinity.
fn plain(bytes: &[u8]) -> Option<String> {
    let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let (count, weight, sign, scale) = (word(0)?, word(2)?.cast_signed(), word(4)?, word(6)?);
    let mut text = match sign {
        0 => String::new(),
        0x4000 => "-".to_owned(),
        _ => return None,
    };
    let group = |place: i32| -> Option<u16> {
        // Places are counted from the point: 0 is right before it.
        let at = i32::from(weight) - place;
        match usize::try_from(at) {
            Ok(at) if at < usize::from(count) => word(8 + at * 2),
            _ => Some(0),
        }
    };
    let mut whole = String::new();
    for place in (0..=i32::from(weight).max(0)).rev() {
        whole.push_str(&format!("{:04}", group(place)?));
    }
    match whole.trim_start_matches('0') {
        "" => text.push('0'),
        digits => text.push_str(digits),
    }
    if scale > 0 {
        text.push('.');
        let mut fraction = String::new();
        let groups = i32::from(scale.div_ceil(4));
        for place in 1..=groups {
            fraction.push_str(&format!("{:04}", group(-place)?));
        }
        text.push_str(fraction.get(..usize::from(scale))?);
    }
    Some(text)
}

/// The value of a kind in the bytes of a column of the type with this number, or what is wrong.
pub(crate) fn read(kind: Kind, oid: Option<u32>, bytes: &[u8]) -> Result<Value, String> {
    let oid = oid.unwrap_or_default();
    Ok(match kind {
        Kind::Bool => Value::Bool(bytes == [1]),
        Kind::Int => Value::I64(whole(bytes).ok_or_else(|| unknown(oid))?),
        Kind::Float => Value::F64(float(bytes).ok_or_else(|| unknown(oid))?),
        Kind::Uint if oid == oid::NUMERIC => {
            let digits = plain(bytes).ok_or("no number")?;
            Value::from(digits.parse::<u64>().map_err(|_| digits)?)
        }
        Kind::Decimal if oid == oid::NUMERIC => {
            let digits = plain(bytes).ok_or("no number")?;
            Value::Decimal(digits.parse::<Decimal>().map_err(|_| digits)?)
        }
        // `character(n)` is filled up with blanks.
        Kind::Text if oid == oid::BPCHAR => Value::Text(text(bytes)?.trim_end_matches(' ').into()),
        Kind::Text => Value::Text(text(bytes)?.into()),
        Kind::Bytes => Value::Bytes(bytes.into()),
        Kind::Instant => {
            let micros = whole(bytes).and_then(|micros| micros.checked_add(EPOCH));
            let at: Option<Timestamp> = micros.and_then(larder_core::store::operand::instant);
            Value::Instant(at.ok_or("a time beyond all years")?)
        }
        Kind::Date => {
            let days = whole(bytes).ok_or_else(|| unknown(oid))?;
            let span = Span::new()
                .try_days(days)
                .map_err(|error| error.to_string())?;
            let day = FIRST_DAY.checked_add(span);
            Value::Date(day.map_err(|error| error.to_string())?)
        }
        Kind::Uuid => Value::Uuid(uuid::Uuid::from_slice(bytes).map_err(|e| e.to_string())?),
        Kind::Json => {
            // The binary form of `jsonb` is its text behind a version.
            let text = match bytes.split_first() {
                Some((1, text)) if oid == oid::JSONB => text,
                _ => bytes,
            };
            serde_json::from_slice(text).map_err(|error| error.to_string())?
        }
        Kind::Uint | Kind::Decimal => return Err(unknown(oid)),
    })
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string())
}

fn unknown(oid: u32) -> String {
    format!("a column of the type {oid}")
}

/// A whole number of 16, 32 or 64 bits.
pub(crate) fn whole(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        2 => Some(i64::from(i16::from_be_bytes(bytes.try_into().ok()?))),
        4 => Some(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(i64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// A float of 64 bits, or of 32 as the same number; none for what is no number or infinite.
pub(crate) fn float(bytes: &[u8]) -> Option<f64> {
    let number = match bytes.len() {
        4 => f64::from(f32::from_be_bytes(bytes.try_into().ok()?)),
        _ => f64::from_be_bytes(bytes.try_into().ok()?),
    };
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let longest = "9".repeat(38);
        let smallest = format!("-0.{}1", "0".repeat(37));
        for number in [
            "0",
            "1",
            "-1",
            "9999",
            "10000",
            "-10001",
            "12.5",
            "0.05",
            "0.00001",
            "100000000",
            "18446744073709551615",
            "1234.5678",
            "0.12345",
            &longest,
            &smallest,
        ] {
            let back = plain(&numeric(number)).unwrap();
            let back: Decimal = back.parse().unwrap();
            assert_eq!(back, number.parse().unwrap(), "{number}");
        }
        assert_eq!(plain(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "NaN");
        assert_eq!(plain(&[0, 1]), None);
    }

    #[test]
    fn floats_in_json_have_all_their_digits_and_stay_floats() {
        let float = (u64::MAX - 2_047) as f64;
        let text = json(&Value::F64(float)).unwrap();
        assert_eq!(text, "18446744073709549568e0");
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            Value::F64(float)
        );
        assert_eq!(json(&Value::F64(0.1)).unwrap(), "0.1");
        assert_eq!(json(&Value::from("a\0")), None);
    }

    #[test]
    fn days_and_times_go_both_ways() {
        for day in ["0000-01-01", "1999-12-31", "2000-01-01", "9999-12-31"] {
            let day = Value::Date(day.parse().unwrap());
            let bound = Bound::new(Kind::Date, &day).unwrap();
            let Content::Day(days) = bound.content else {
                panic!("{bound:?}")
            };
            assert_eq!(read(Kind::Date, None, &days.to_be_bytes()).unwrap(), day);
        }
        let early = Value::Instant(Timestamp::MIN);
        assert!(Bound::new(Kind::Instant, &early).is_err());
        assert!(
            read(Kind::Instant, None, &i64::MAX.to_be_bytes()).is_err(),
            "infinity"
        );
    }
}
