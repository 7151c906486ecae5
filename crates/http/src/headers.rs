//! What request headers say: conditions, ranges, media types, preferences.

use axum::http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderName};
use larder_core::{Error, ErrorKind, Precondition, Result, Tags, Version};

/// `If-Match` and `If-None-Match`.
pub(crate) fn precondition(headers: &HeaderMap) -> Precondition {
    let mut precondition = Precondition::none();
    precondition.if_match = tags(headers, &IF_MATCH, false);
    precondition.if_none_match = tags(headers, &IF_NONE_MATCH, true);
    precondition
}

/// The entity tags of a header, all its lines together. A weak tag counts only for a weak comparison (RFC 9110, 13.1.1).
fn tags(headers: &HeaderMap, name: &HeaderName, weak: bool) -> Option<Tags> {
    if !headers.contains_key(name) {
        return None;
    }
    let mut versions = Vec::new();
    for line in headers.get_all(name) {
        for tag in line.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return Some(Tags::Any);
            }
            let strong = if weak {
                tag.strip_prefix("W/").unwrap_or(tag)
            } else {
                tag
            };
            versions.extend(version(strong));
        }
    }
    Some(Tags::These(versions))
}

/// The version that one of our entity tags stands for: `"` and hexadecimal digits.
fn version(tag: &str) -> Option<Version> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    // Only the form that we print: no sign, no capitals, no leading zero.
    let ours = (digits == "0" || !digits.starts_with('0'))
        && digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    u64::from_str_radix(digits, 16)
        .ok()
        .filter(|_| ours)
        .map(|version| Version(version.cast_signed()))
}

/// The part of a list that is asked for: records to pass over, and the most to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) skip: u64,
    pub(crate) limit: Option<u64>,
}

/// `Range: items=3-10`, also open, and `X-Range`. What is not understood is ignored (RFC 9110, section 14.2).
pub(crate) fn range(headers: &HeaderMap) -> Option<Part> {
    let text = headers
        .get(RANGE)
        .or_else(|| headers.get("x-range"))?
        .to_str()
        .ok()?;
    let (first, last) = text.strip_prefix("items=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let limit = match last {
        "" | "Infinity" => None,
        last => Some(
            last.parse::<u64>()
                .ok()?
                .checked_sub(first)?
                .saturating_add(1),
        ),
    };
    Some(Part { skip: first, limit })
}

/// Whether the client waives the total: `Prefer: count=none` (RFC 7240).
pub(crate) fn waives_total(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all("prefer")
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|preference| preference.trim() == "count=none")
}

/// Refuses a request whose `Accept` leaves out JSON.
pub(crate) fn accepts_json(headers: &HeaderMap) -> Result<()> {
    let mut lines = headers.get_all(ACCEPT).iter().peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    let wanted = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let fits = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        !refused
            && matches!(
                kind,
                "*/*" | "application/*" | "application/json" | "application/problem+json"
            )
    };
    if wanted.into_iter().any(fits) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::NotAcceptable,
        "the answer is application/json: let `Accept` allow it",
    ))
}

/// Refuses a body that is not of one of these media types. A body without a type is taken as JSON.
pub(crate) fn content_type(headers: &HeaderMap, understood: &[&str]) -> Result<()> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    if understood
        .iter()
        .any(|kind| kind.eq_ignore_ascii_case(essence))
    {
        return Ok(());
    }
    let kinds = understood.join(" or ");
    Err(Error::new(
        ErrorKind::UnsupportedMediaType,
        format!("the body is `{essence}`; send {kinds} and say so in Content-Type"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn ranges() {
        let part = |text| range(&map("range", text));
        assert_eq!(
            part("items=3-10"),
            Some(Part {
                skip: 3,
                limit: Some(8)
            })
        );
        assert_eq!(
            part("items=5-"),
            Some(Part {
                skip: 5,
                limit: None
            })
        );
        assert_eq!(
            part("items=0-Infinity"),
            Some(Part {
                skip: 0,
                limit: None
            })
        );
        for ignored in [
            "items=4-2",
            "bytes=0-1",
            "0-1",
            "items= 0-1",
            "items=0-1,3-4",
            "items=-5",
            "items=a-b",
        ] {
            assert_eq!(part(ignored), None, "{ignored}");
        }
        assert_eq!(
            part("items=0-18446744073709551615").unwrap().limit,
            Some(u64::MAX)
        );
    }

    #[test]
    fn entity_tags() {
        let asked = |text| tags(&map("if-match", text), &IF_MATCH, false);
        assert_eq!(asked("*"), Some(Tags::Any));
        assert_eq!(
            asked("\"1f\", \"2\""),
            Some(Tags::These(vec![Version(0x1f), Version(2)]))
        );
        for never in ["W/\"1f\"", "1f", "\"1F\"", "\"+1\"", "\"01\"", "\"zz\"", ""] {
            assert_eq!(asked(never), Some(Tags::These(vec![])), "{never}");
        }
        let weak = tags(&map("if-none-match", "W/\"1f\""), &IF_NONE_MATCH, true);
        assert_eq!(weak, Some(Tags::These(vec![Version(0x1f)])));
    }

    #[test]
    fn media_types() {
        for fine in [
            "*/*",
            "text/html, */*;q=0.1",
            "application/json",
            "application/*",
        ] {
            assert!(accepts_json(&map("accept", fine)).is_ok(), "{fine}");
        }
        for refused in ["text/html", "application/json;q=0", "image/png, text/*"] {
            assert!(accepts_json(&map("accept", refused)).is_err(), "{refused}");
        }
        assert!(
            content_type(
                &map("content-type", "application/json; charset=utf-8"),
                &["application/json"]
            )
            .is_ok()
        );
        assert!(content_type(&map("content-type", "text/plain"), &["application/json"]).is_err());
    }
}
