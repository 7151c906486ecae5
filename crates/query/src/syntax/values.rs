//! What a piece of text means as a value: automatic conversion and prefixes.
//!
//! Without a prefix, `true`, `false` and `null` are themselves, a number is one **only if printing the
//! number gives back the same text** (`7`, `-1.5`, `1e+21`, but not `007`, `1.0`, `+5`), a full UTC
//! instant (`2024-05-01T10:00:00Z`) is an instant, and everything else is text. Whole numbers are exact
//! up to 64 bits. In whole queries `undefined`, `Infinity` and `-Infinity` are themselves, too; in rules and
//! search parameters, whose values are a field's, they are text. `NaN` is always text.
//!
//! | prefix | takes |
//! | --- | --- |
//! | `auto:` | what no prefix would |
//! | `string:` | text as it is |
//! | `number:` | a decimal number (`007`, `1.50`, `1e3`), `0x1F`, `Infinity` |
//! | `boolean:` | `true` or `false` |
//! | `date:` | an instant with its offset, a day, a month or a year (`2024-05-01T10:00:00.5Z`, `2024-05-01`, `2024-05`, `2024`) |
//! | `isodate:` | the same with any part left out at the end, in UTC |
//! | `epoch:` | milliseconds since 1970, with up to six decimals |
//! | `re:`, `RE:` | a pattern that ignores case, one that does not |
//! | `glob:` | text with `*` for any run and `?` for exactly one character; ignores case |

use compact_str::ToCompactString;
use jiff::Timestamp;
use jiff::civil::Date;

use super::What;
use crate::{CompactString, Value};

/// The prefixes that say what a value is.
pub(super) const PREFIXES: [&str; 10] = [
    "auto", "string", "number", "boolean", "date", "isodate", "epoch", "re", "RE", "glob",
];

/// Converts text that has no prefix.
pub(crate) fn automatic(text: &str) -> Value {
    special(text).unwrap_or_else(|| Value::from(text))
}

/// What text without a prefix is, if it is not text. Most is told by its first byte.
#[inline]
pub(crate) fn special(text: &str) -> Option<Value> {
    match text.as_bytes().first()? {
        b't' if text == "true" => Some(Value::Bool(true)),
        b'f' if text == "false" => Some(Value::Bool(false)),
        b'n' if text == "null" => Some(Value::Null),
        b'0'..=b'9' | b'-' => {
            round_trip_number(text).or_else(|| utc_instant(text).map(Value::Instant))
        }
        _ => None,
    }
}

/// As [`special`], for whole queries: `undefined` and the infinite numbers, too.
#[inline]
pub(super) fn special_term(text: &str) -> Option<What> {
    match text {
        "undefined" => Some(What::Undefined),
        "Infinity" => Some(What::Unbounded(f64::INFINITY)),
        "-Infinity" => Some(What::Unbounded(f64::NEG_INFINITY)),
        _ => special(text).map(|value| What::Value {
            value,
            typed: false,
        }),
    }
}

/// The number whose canonical text this is.
fn round_trip_number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    // Longest: a sign, 17 digits, a point and zeros, or 21 digits.
    if !digits.first()?.is_ascii_digit() || text.len() > 32 {
        return None;
    }
    if let Some(number) = short_whole(text, digits) {
        return Some(number);
    }
    if is_short_decimal(digits) {
        return text.parse().ok().map(Value::F64);
    }
    let number = whole_number(text).or_else(|| {
        text.parse()
            .ok()
            .filter(|f: &f64| f.is_finite())
            .map(Value::F64)
    })?;
    (number_text(&number)? == text).then_some(number)
}

/// A whole number of up to 18 digits that prints as it is written.
#[inline]
fn short_whole(text: &str, digits: &[u8]) -> Option<Value> {
    let plain = digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit);
    // Neither `007` nor `-0` prints back.
    if !plain || (digits[0] == b'0' && text.len() > 1) {
        return None;
    }
    let number = digits
        .iter()
        .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(Value::I64(if digits.len() < text.len() {
        -number
    } else {
        number
    }))
}

/// Whether this is surely a decimal that prints as it is written: up to 15 digits, which every `f64` gives back, no zero too many on
/// either side, and not so small that it would print with an exponent.
fn is_short_decimal(digits: &[u8]) -> bool {
    let Some(point) = digits.iter().position(|byte| *byte == b'.') else {
        return false;
    };
    let (whole, fraction) = (&digits[..point], &digits[point + 1..]);
    let zeros = fraction.iter().take_while(|byte| **byte == b'0').count();
    digits.len() <= 16
        && whole.iter().chain(fraction).all(u8::is_ascii_digit)
        && fraction.last().is_some_and(|last| *last != b'0')
        && match whole {
            [b'0'] => zeros < 6,
            [first, ..] => *first != b'0',
            [] => false,
        }
}

fn whole_number(text: &str) -> Option<Value> {
    text.parse::<i64>()
        .map(Value::I64)
        .or_else(|_| text.parse::<u64>().map(Value::from))
        .ok()
}

/// The canonical text of a number: as a whole number where it is one of 64 bits, else as ECMAScript
/// prints it. None for what is no finite number.
pub(crate) fn number_text(value: &Value) -> Option<CompactString> {
    if let Some(n) = value.as_i64() {
        return Some(n.to_compact_string());
    }
    if let Some(n) = value.as_u64() {
        return Some(n.to_compact_string());
    }
    let number = value.as_f64().filter(|f| f.is_finite());
    number.map(|number| ecmascript(number).into())
}

/// Number to text by the rule of ECMA-262, Number::toString.
fn ecmascript(f: f64) -> String {
    let scientific = format!("{f:e}");
    let (sign, rest) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific.as_str()),
    };
    // `{:e}` always has an `e` and a small exponent; the defaults are never taken.
    let (mantissa, exponent) = rest.split_once('e').unwrap_or((rest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let len = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    if len <= point && point <= 21 {
        return format!("{sign}{digits}{}", zeros(point - len));
    }
    if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        return format!("{sign}{whole}.{fraction}");
    }
    if -6 < point && point <= 0 {
        return format!("{sign}0.{}{digits}", zeros(-point));
    }
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    let exponent = exponent.unsigned_abs();
    let (first, more) = digits.split_at(1);
    let dot = if more.is_empty() { "" } else { "." };
    format!("{sign}{first}{dot}{more}e{exponent_sign}{exponent}")
}

/// A full instant that says it is UTC.
fn utc_instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = bytes.len() >= 20
        && bytes.len() <= 32
        && bytes[10] == b'T'
        && bytes[bytes.len() - 1] == b'Z'
        && bytes[..4].iter().all(u8::is_ascii_digit);
    shape.then(|| text.parse().ok()).flatten()
}

/// Converts text by a prefix of [`PREFIXES`]; the error says what the prefix wants.
pub(super) fn by_prefix(prefix: &str, text: &str) -> Result<Value, String> {
    match prefix {
        "auto" => Ok(automatic(text)),
        "string" => Ok(Value::from(text)),
        "boolean" => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(format!("`boolean:` takes `true` or `false`, not `{text}`")),
        },
        "number" => number(text)
            .ok_or_else(|| format!("`number:` takes a decimal number such as -1.5, not `{text}`")),
        "date" => date(text).ok_or_else(|| {
            format!("`date:` takes 2024, 2024-05, 2024-05-01 or 2024-05-01T10:00:00Z, not `{text}`")
        }),
        "isodate" => isodate(text).map(Value::Instant).ok_or_else(|| {
            format!("`isodate:` takes a date from 2024 up to 2024-05-01T10:00:00Z, not `{text}`")
        }),
        "epoch" => epoch(text)
            .map(Value::Instant)
            .ok_or_else(|| format!("`epoch:` takes milliseconds since 1970, not `{text}`")),
        _ => Err(format!("`{prefix}:` is not a prefix")),
    }
}

fn number(text: &str) -> Option<Value> {
    let (sign, plain) = match text.strip_prefix('-') {
        Some(plain) => (-1.0, plain),
        None => (1.0, text),
    };
    if plain == "Infinity" {
        return Some(Value::F64(f64::INFINITY * sign));
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // The standard library would take a sign here.
        let hex = Some(hex).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        return u64::from_str_radix(hex, 16).ok().map(Value::from);
    }
    if text.is_empty()
        || !text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
    {
        return None;
    }
    whole_number(text).or_else(|| {
        text.parse()
            .ok()
            .filter(|f: &f64| f.is_finite())
            .map(Value::F64)
    })
}

fn date(text: &str) -> Option<Value> {
    if text.len() > 48 {
        return None;
    }
    if let Ok(instant) = text.parse() {
        return Some(Value::Instant(instant));
    }
    // jiff would also take a date out of `2024-05-01T10:00`, and silently drop the time.
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return None;
    }
    match text.parse::<Date>() {
        Ok(day) => Some(Value::Date(day)),
        Err(_) if text.len() < 10 => isodate(text).map(Value::Instant),
        Err(_) => None,
    }
}

/// An ISO date with parts left out at the end, in UTC.
fn isodate(text: &str) -> Option<Timestamp> {
    const FULL: &str = "0000-01-01T00:00:00Z";
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let short = text.strip_suffix('Z').unwrap_or(text);
    if !short.is_ascii() || ![4, 7, 10, 13, 16, 19].contains(&short.len()) {
        return None;
    }
    format!("{short}{}", &FULL[short.len()..]).parse().ok()
}

/// Midnight in UTC of a calendar day; None only at the very ends of the calendar.
pub(crate) fn midnight(day: Date) -> Option<Timestamp> {
    let zoned = day.to_zoned(jiff::tz::TimeZone::UTC);
    zoned.ok().map(|zoned| zoned.timestamp())
}

/// The pattern that a glob stands for, in the syntax of the `regex` crate.
pub(super) fn glob(text: &str) -> String {
    let open_start = text.starts_with('*');
    let open_end = text.ends_with('*');
    let inner = text.trim_matches('*');
    let mut source = String::with_capacity(text.len() + 8);
    if !open_start {
        source.push('^');
    }
    for char in inner.chars() {
        match char {
            '*' => source.push_str(".*"),
            '?' => source.push('.'),
            '\\' | '.' | '+' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                source.push('\\');
                source.push(char);
            }
            other => source.push(other),
        }
    }
    if !open_end {
        source.push('$');
    }
    source
}

/// Milliseconds, with up to six decimals (nanoseconds).
fn epoch(text: &str) -> Option<Timestamp> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |t: &str, longest| {
        !t.is_empty() && t.len() <= longest && t.bytes().all(|b| b.is_ascii_digit())
    };
    if !plain(whole, 18) || !plain(fraction, 6) {
        return None;
    }
    let nanos: i128 = format!("{whole}{fraction:0<6}").parse().ok()?;
    Timestamp::from_nanosecond(sign * nanos).ok()
}

/// The text behind `epoch:` for an instant.
pub(crate) fn epoch_text(instant: Timestamp) -> String {
    let nanos = instant.as_nanosecond();
    let sign = if nanos < 0 { "-" } else { "" };
    let (millis, rest) = (
        nanos.unsigned_abs() / 1_000_000,
        nanos.unsigned_abs() % 1_000_000,
    );
    if rest == 0 {
        return format!("{sign}{millis}");
    }
    let fraction = format!("{rest:06}");
    format!("{sign}{millis}.{}", fraction.trim_end_matches('0'))
}
