//! What request headers say: conditions, ranges, media types, preferences.

use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderName};
use larder_core::{Error, ErrorKind, Precondition, Result, Tags, Version};

/// The most entity tags of one condition: a store takes them as so many values of a statement.
const MOST_TAGS: usize = 256;

/// `If-Match` and `If-None-Match`.
///
/// What is no entity tag is an error where it could let a write through, or hold one up. On a read `If-None-Match` only
/// saves an answer, so there it matches nothing.
pub(crate) fn precondition(headers: &HeaderMap, reads: bool) -> Result<Precondition> {
    let mut precondition = Precondition::none();
    precondition.if_match = tags(headers, &IF_MATCH, false)?;
    precondition.if_none_match = match tags(headers, &IF_NONE_MATCH, true) {
        Err(_) if reads => None,
        tags => tags?,
    };
    Ok(precondition)
}

/// The entity tags of a header, all its lines together. A weak tag counts only for a weak comparison (RFC 9110, 13.1.1).
fn tags(headers: &HeaderMap, name: &HeaderName, weak: bool) -> Result<Option<Tags>> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let lines: Vec<&[u8]> = headers
        .get_all(name)
        .iter()
        .map(|line| line.as_bytes())
        .collect();
    // Dojo's stores send the text `null` for "no condition" when they run under Node.
    if let [b"null"] = lines.as_slice() {
        return Ok(None);
    }
    if let [b"*"] = lines.as_slice() {
        return Ok(Some(Tags::Any));
    }
    let (mut versions, mut count) = (Vec::new(), 0);
    for mut rest in lines {
        while let Some(tag) = entity_tag(&mut rest).map_err(|bad| not_a_tag(name, bad))? {
            count += 1;
            if count > MOST_TAGS {
                return Err(Error::new(
                    ErrorKind::BadRequest,
                    format!("{} has more than {MOST_TAGS} entity tags", title(name)),
                ));
            }
            versions.extend(version(tag.opaque).filter(|_| weak || !tag.weak));
        }
    }
    Ok(Some(Tags::These(versions)))
}

/// An entity tag (RFC 9110, section 8.8.3), what stands between its quotes apart.
struct EntityTag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

/// Reads the next tag of a list, whose members may be empty (RFC 9110, section 5.6.1). The error is what stands there.
fn entity_tag<'a>(rest: &mut &'a [u8]) -> Result<Option<EntityTag<'a>>, &'a [u8]> {
    let from = rest
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b','));
    let Some(from) = from else { return Ok(None) };
    let text = &rest[from..];
    let (weak, quoted) = match text.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, text),
    };
    let inside = quoted.strip_prefix(b"\"").ok_or(text)?;
    let end = inside.iter().position(|byte| *byte == b'"').ok_or(text)?;
    let (opaque, after) = (&inside[..end], &inside[end + 1..]);
    let next = after.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    if opaque.contains(&b' ') || next.is_some_and(|byte| *byte != b',') {
        return Err(text);
    }
    *rest = after;
    Ok(Some(EntityTag { weak, opaque }))
}

/// The header's name as people write it.
fn title(name: &HeaderName) -> &'static str {
    if *name == IF_MATCH {
        "If-Match"
    } else {
        "If-None-Match"
    }
}

fn not_a_tag(name: &HeaderName, text: &[u8]) -> Error {
    let name = title(name);
    let text = String::from_utf8_lossy(text);
    let hint = match text.as_ref() {
        "*" => "`*` stands alone".to_owned(),
        _ => "write the ETag of the record with its quotes, such as \"1f\", or `*`".to_owned(),
    };
    Error::new(
        ErrorKind::BadRequest,
        format!("{name}: `{text}` is not an entity tag; {hint}"),
    )
}

/// The version that one of our entity tags stands for: hexadecimal digits.
fn version(tag: &[u8]) -> Option<Version> {
    let digits = str::from_utf8(tag).ok()?;
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

/// How the client wants records to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Not at all.
    None,
    /// Roughly is enough: what costs more than a little is not counted.
    Estimated,
    /// All.
    Exact,
}

/// `Prefer: count=none`, `estimated` or `exact` (RFC 7240); the first one counts.
pub(crate) fn count(headers: &HeaderMap) -> Option<Count> {
    let lines = headers
        .get_all("prefer")
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut preferences = lines.flat_map(|line| line.split([',', ';']));
    preferences.find_map(|preference| match preference.trim() {
        "count=none" => Some(Count::None),
        "count=estimated" => Some(Count::Estimated),
        "count=exact" => Some(Count::Exact),
        _ => None,
    })
}

/// The media ranges that an answer fits. Types are told apart without regard to case (RFC 9110, section 8.3.1).
const ACCEPTED: [&str; 4] = [
    "*/*",
    "application/*",
    "application/json",
    "application/problem+json",
];

/// Whether this parameter of a media range says "not this one": `q=0`, with up to three zeros behind a point (RFC 9110, section
/// 12.4.2).
fn is_weight_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else {
        return false;
    };
    let zeros = weight
        .strip_prefix('0')
        .map(|rest| rest.strip_prefix('.').unwrap_or(rest));
    name.eq_ignore_ascii_case("q")
        && zeros.is_some_and(|zeros| zeros.bytes().all(|digit| digit == b'0'))
}

/// Refuses a request whose `Accept` leaves out JSON.
pub(crate) fn accepts_json(headers: &HeaderMap) -> Result<()> {
    if !headers.contains_key(ACCEPT) {
        return Ok(());
    }
    let wanted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let fits = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        !parts.any(is_weight_zero) && ACCEPTED.iter().any(|ours| ours.eq_ignore_ascii_case(kind))
    };
    if wanted.into_iter().any(fits) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::NotAcceptable,
        "the answer is application/json: let `Accept` allow it",
    ))
}

/// Whether the body says that it is of this media type.
pub(crate) fn is_of(headers: &HeaderMap, kind: &str) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(kind))
}

/// Refuses a body that is not of one of these media types. A body without a type is taken as JSON.
pub(crate) fn content_type(headers: &HeaderMap, understood: &[&str]) -> Result<()> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    if understood
        .iter()
        .any(|kind| kind.as_bytes() == value.as_bytes())
    {
        return Ok(());
    }
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

/// Refuses a body that is compressed: a middleware that unpacks it takes the header away.
pub(crate) fn content_encoding(headers: &HeaderMap) -> Result<()> {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let mut codings = lines.flat_map(|line| line.to_str().unwrap_or("?").split(','));
    let coding = codings.find(|coding| {
        !coding.trim().is_empty() && !coding.trim().eq_ignore_ascii_case("identity")
    });
    coding.map_or(Ok(()), |coding| {
        let coding = coding.trim();
        Err(Error::new(
            ErrorKind::UnsupportedMediaType,
            format!(
                "the body is encoded as `{coding}`; send it as it is, without Content-Encoding"
            ),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        for fine in ["identity", "Identity", "", "identity, identity"] {
            assert!(
                content_encoding(&map("content-encoding", fine)).is_ok(),
                "{fine}"
            );
        }
        for refused in ["gzip", "br, identity", "identity,gzip"] {
            let error = content_encoding(&map("content-encoding", refused)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnsupportedMediaType, "{refused}");
        }
    }

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
    fn counts() {
        let asked = |text| count(&map("prefer", text));
        assert_eq!(asked("count=none"), Some(Count::None));
        assert_eq!(asked("return=minimal, count=exact"), Some(Count::Exact));
        assert_eq!(
            asked("respond-async; count=estimated"),
            Some(Count::Estimated)
        );
        assert_eq!(asked("count=none, count=exact"), Some(Count::None));
        for ignored in ["count", "count=many", "xcount=none", ""] {
            assert_eq!(asked(ignored), None, "{ignored}");
        }
    }

    #[test]
    fn entity_tags() {
        let asked = |text| tags(&map("if-match", text), &IF_MATCH, false).unwrap();
        assert_eq!(asked("*"), Some(Tags::Any));
        assert_eq!(asked("null"), None);
        for both in ["\"1f\", \"2\"", "\"1f\",,\t\"2\" ,", "\"a,b\",\"1f\",\"2\""] {
            let versions = vec![Version(0x1f), Version(2)];
            assert_eq!(asked(both), Some(Tags::These(versions)), "{both}");
        }
        for never in [
            "W/\"1f\"", "\"1F\"", "\"+1\"", "\"01\"", "\"zz\"", "\"\"", "",
        ] {
            assert_eq!(asked(never), Some(Tags::These(vec![])), "{never}");
        }
        let weak = tags(&map("if-none-match", "W/\"1f\""), &IF_NONE_MATCH, true).unwrap();
        assert_eq!(weak, Some(Tags::These(vec![Version(0x1f)])));
        for bad in [
            "abc",
            "\"1f",
            "1f\"",
            "w/\"1f\"",
            "\"1\" \"2\"",
            "\"1\", 2",
            "\"1\", *",
            "\"a b\"",
        ] {
            let error = tags(&map("if-match", bad), &IF_MATCH, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest, "{bad}");
            assert!(error.message().contains("is not an entity tag"), "{error}");
        }
    }

    #[test]
    fn so_many_entity_tags_and_no_more() {
        let many = |count: usize| vec!["\"1\""; count].join(",");
        let asked = |text: &str| tags(&map("if-match", text), &IF_MATCH, false);
        assert!(asked(&many(MOST_TAGS)).is_ok());
        let error = asked(&many(MOST_TAGS + 1)).unwrap_err();
        assert_eq!(error.message(), "If-Match has more than 256 entity tags");
    }

    #[test]
    fn media_types() {
        for fine in [
            "*/*",
            "text/html, */*;q=0.1",
            "application/json",
            "Application/JSON",
            "application/*",
            "application/json;q=0.001",
        ] {
            assert!(accepts_json(&map("accept", fine)).is_ok(), "{fine}");
        }
        for refused in [
            "text/html",
            "application/json;q=0",
            "application/json; Q=0.",
            "*/*;q=0.000",
            "image/png, text/*",
        ] {
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
