//! Keys of several parts as one text: `UA,1545,2013-01-01`.
//!
//! The parts are joined by commas, which may stand in a URL as they are. Inside a part `~0` is a tilde and `~1` a comma, as in
//! a JSON Pointer (RFC 6901), so that every text comes back as it was, an empty one too.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use larder_query::Value;

const SEPARATOR: char = ',';

/// Writes the text of the parts.
pub(super) fn join(parts: &[Value], to: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            to.write_char(SEPARATOR)?;
        }
        match part {
            Value::Text(text) => escape(text, to)?,
            other => print(other, to)?,
        }
    }
    Ok(())
}

/// Writes a part that is no text. None has a comma or a tilde in it.
pub(super) fn print(part: &Value, to: &mut fmt::Formatter<'_>) -> fmt::Result {
    match part {
        Value::Bool(value) => value.fmt(to),
        Value::I64(number) => number.fmt(to),
        Value::U64(number) => number.fmt(to),
        Value::Uuid(uuid) => uuid.hyphenated().fmt(to),
        Value::Date(day) => day.fmt(to),
        Value::Instant(instant) => instant.fmt(to),
        // No key of a model.
        other => write!(to, "{other:?}"),
    }
}

fn escape(text: &str, to: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['~', SEPARATOR]) {
        let (before, found) = rest.split_at(at);
        to.write_str(before)?;
        to.write_str(if found.starts_with('~') { "~0" } else { "~1" })?;
        rest = &found[1..];
    }
    to.write_str(rest)
}

/// The texts of the parts; None if one has a tilde that stands for nothing.
pub(crate) fn split(text: &str) -> Option<Vec<Cow<'_, str>>> {
    text.split(SEPARATOR).map(unescape).collect()
}

fn unescape(part: &str) -> Option<Cow<'_, str>> {
    let mut pieces = part.split('~');
    let first = pieces.next().unwrap_or_default();
    if first.len() == part.len() {
        return Some(Cow::Borrowed(part));
    }
    let mut text = first.to_owned();
    for piece in pieces {
        let (sign, rest) = match piece.as_bytes().first()? {
            b'0' => ('~', &piece[1..]),
            b'1' => (SEPARATOR, &piece[1..]),
            _ => return None,
        };
        text.push(sign);
        text.push_str(rest);
    }
    Some(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::key::Key;

    #[test]
    fn every_text_comes_back() {
        let texts = ["", "a", ",", "~", "~0", "~1", ",~1,~", "é,/ %2C?#", "~~,,"];
        for first in texts {
            for second in texts {
                let key = Key::from((first, second));
                let text = key.to_string();
                assert_eq!(split(&text).unwrap(), [first, second], "{text}");
            }
        }
    }

    #[test]
    fn different_keys_have_different_texts() {
        let keys = [
            Key::from((",", "")),
            Key::from(("", ",")),
            Key::from(("~1", "")),
            Key::from(("", "", "")),
        ];
        let mut texts: Vec<String> = keys.iter().map(Key::to_string).collect();
        assert_eq!(texts, ["~1,", ",~1", "~01,", ",,"]);
        texts.dedup();
        assert_eq!(texts.len(), keys.len());
    }

    #[test]
    fn a_tilde_that_stands_for_nothing() {
        for text in ["~", "a~", "~2", "a,~b", "~é"] {
            assert!(split(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_sort_by_their_parts() {
        let mut keys = [
            Key::from(("AA", 10_u32)),
            Key::from(("A", 9_u32)),
            Key::from(("A,", 1_u32)),
            Key::from(("A", 10_u32)),
        ];
        keys.sort();
        let texts: Vec<String> = keys.iter().map(Key::to_string).collect();
        assert_eq!(texts, ["A,9", "A,10", "A~1,1", "AA,10"]);
    }
}
