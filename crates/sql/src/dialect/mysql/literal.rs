//! Values as literals, in definitions, where nothing can be bound.

use jiff::Timestamp;
use larder_core::Kind;
use larder_query::Value;

use crate::dialect::{decimal, hex};

/// A value of a kind, in parentheses where MySQL takes no bare literal as a default; none if it has no literal.
pub(super) fn of(kind: Kind, value: &Value) -> Option<String> {
    Some(match (kind, value) {
        (_, Value::Null) => "NULL".to_owned(),
        (Kind::Bool, Value::Bool(b)) => i64::from(*b).to_string(),
        (Kind::Int | Kind::Uint, Value::I64(n)) => n.to_string(),
        (Kind::Uint, Value::U64(n)) => n.to_string(),
        // With an exponent it is read as a float and not as a decimal number.
        (Kind::Float, Value::F64(f)) if f.is_finite() => format!("{f:e}"),
        (Kind::Float, Value::I64(n)) => format!("{n}e0"),
        (Kind::Float, Value::U64(n)) => format!("{n}e0"),
        (Kind::Text, Value::Text(text)) => format!("({})", quoted(text)?),
        (Kind::Bytes, Value::Bytes(bytes)) => format!("({})", hex(bytes)),
        (Kind::Instant, Value::Instant(at)) => format!("'{}'", instant_text(*at)?),
        (Kind::Date, Value::Date(day)) if day.year() >= 0 => format!("'{day}'"),
        (Kind::Uuid, Value::Uuid(uuid)) => format!("'{}'", uuid.hyphenated()),
        (Kind::Decimal, Value::Decimal(number)) => format!("'{}'", decimal::encode(*number)),
        (Kind::Json, value) => format!("({})", quoted(&serde_json::to_string(value).ok()?)?),
        _ => return None,
    })
}

/// A value of a kind that no row will ever use.
pub(super) fn empty(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool | Kind::Int | Kind::Uint => "0",
        Kind::Float => "0e0",
        Kind::Text => "('')",
        Kind::Bytes => "(x'')",
        Kind::Uuid => "'00000000-0000-0000-0000-000000000000'",
        // The number 0, as `dialect::decimal` writes it.
        Kind::Decimal => "'p010'",
        Kind::Date => "'1970-01-01'",
        Kind::Instant => "'1970-01-01 00:00:00'",
        Kind::Json => "('null')",
    }
}

/// A text between quotes. Backslashes mean something in some sessions and not in others, so a text with one is written in bytes.
fn quoted(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    if text.contains('\\') {
        return Some(format!("CONVERT({} USING utf8mb4)", hex(text.as_bytes())));
    }
    Some(format!("'{}'", text.replace('\'', "''")))
}

/// An instant in UTC as MySQL writes it; none before the year 0.
pub(super) fn instant_text(at: Timestamp) -> Option<String> {
    let at = jiff::tz::TimeZone::UTC.to_datetime(at);
    (at.year() >= 0).then(|| {
        let (date, time) = (at.date(), at.time());
        let micros = time.subsec_nanosecond() / 1_000;
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{date} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_mean_the_same_in_every_session() {
        assert_eq!(of(Kind::Text, &"it's".into()).unwrap(), "('it''s')");
        assert_eq!(
            of(Kind::Text, &"a\\b".into()).unwrap(),
            "(CONVERT(x'615c62' USING utf8mb4))"
        );
        assert_eq!(of(Kind::Text, &"a\0".into()), None);
        assert_eq!(of(Kind::Float, &Value::F64(0.1)).unwrap(), "1e-1");
        let instant = Value::Instant("2024-02-29T23:59:59.1234567Z".parse().unwrap());
        assert_eq!(
            of(Kind::Instant, &instant).unwrap(),
            "'2024-02-29 23:59:59.123456'"
        );
        let early = Value::Instant("-000001-12-31T23:59:59Z".parse().unwrap());
        assert_eq!(of(Kind::Instant, &early), None);
    }
}
