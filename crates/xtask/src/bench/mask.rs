//! What of two answers must be equal. What no two servers can agree on, ids, times and versions that they make up, is checked for its
//! form and replaced by a mark.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::load::{end_of_head, status_of};
use crate::Result;

/// An answer with its marks.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// Reads an answer. `made_id`: the server chose the id that is in it.
pub(super) fn answer(bytes: &[u8], made_id: bool) -> Result<(Answer, BTreeMap<String, String>)> {
    let at = end_of_head(bytes).ok_or("an answer without an end")?;
    let (head, body) = (
        std::str::from_utf8(&bytes[..at])?,
        std::str::from_utf8(&bytes[at..])?,
    );
    let mut raw = BTreeMap::new();
    for line in head.lines().skip(1).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").ok_or("a header without a value")?;
        if raw
            .insert(name.to_ascii_lowercase(), value.to_owned())
            .is_some()
        {
            return Err(format!("the header {name} comes twice").into());
        }
    }
    let is_problem = raw
        .get("content-type")
        .is_some_and(|kind| kind.starts_with("application/problem+json"));
    let headers = raw
        .iter()
        .map(|(name, value)| (name.clone(), header(name, value, body.len(), made_id)))
        .collect();
    let body = if is_problem {
        keys(body)
    } else {
        record(body, made_id)
    };
    Ok((
        Answer {
            status: status_of(bytes)?,
            headers,
            body,
        },
        raw,
    ))
}

fn header(name: &str, value: &str, length: usize, made_id: bool) -> String {
    let mark = match name {
        "date" if value.ends_with(" GMT") => "<date>",
        "etag" if is_etag(value) => "<etag>",
        "link" => return link(value),
        "content-length" if value.parse() == Ok(length) => "<length of the body>",
        "location" if made_id && value.strip_prefix("/orders/").is_some_and(is_made_id) => {
            "/orders/<id>"
        }
        _ => value,
    };
    mark.to_owned()
}

/// A cursor is the server's own secret: what stands around it counts.
fn link(value: &str) -> String {
    match value.split_once("cursor=") {
        Some((before, after)) => match after.find(['&', '>']) {
            Some(end) if end > 0 => format!("{before}cursor=<cursor>{}", &after[end..]),
            _ => value.to_owned(),
        },
        None => value.to_owned(),
    }
}

fn is_etag(value: &str) -> bool {
    let hex = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or_default();
    !hex.is_empty()
        && hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_made_id(id: &str) -> bool {
    Uuid::try_parse(id).is_ok_and(|uuid| uuid.get_version_num() == 7 && uuid.to_string() == id)
}

fn is_micros(time: &str) -> bool {
    time.parse::<Timestamp>()
        .is_ok_and(|parsed| parsed.subsec_nanosecond() % 1_000 == 0 && parsed.to_string() == time)
}

/// The text of a record or a list, as it is but for the marks: the order of fields counts.
fn record(body: &str, made_id: bool) -> String {
    let body = mark(body, "_created", "<time>", is_micros);
    let body = mark(&body, "_updated", "<time>", is_micros);
    if made_id {
        mark(&body, "id", "<id>", is_made_id)
    } else {
        body
    }
}

/// Puts `sign` in the place of every text value of `key` that has the right form.
fn mark(body: &str, key: &str, sign: &str, fits: impl Fn(&str) -> bool) -> String {
    let start = format!("\"{key}\":\"");
    let mut marked = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find(&start) {
        let (before, value) = rest.split_at(at + start.len());
        let end = value.find('"').unwrap_or(value.len());
        marked += before;
        marked += if fits(&value[..end]) {
            sign
        } else {
            &value[..end]
        };
        rest = &value[end..];
    }
    marked + rest
}

/// Of a problem only the names count: its own, and those of its errors.
fn keys(body: &str) -> String {
    let Ok(Value::Object(problem)) = serde_json::from_str(body) else {
        return body.to_owned();
    };
    let own: BTreeSet<&String> = problem.keys().collect();
    let errors = problem
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let of_errors: BTreeSet<&String> = errors
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::keys)
        .collect();
    format!("problem of {own:?}, errors of {of_errors:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_make_up_is_marked_and_the_rest_stays() {
        let bytes = b"HTTP/1.1 201 Created\r\nETag: \"1f\"\r\ncontent-length: 93\r\n\r\n\
            {\"id\":\"018bcfe5-6803-7d0b-94e4-db018fedc164\",\"title\":\"a\",\"_created\":\"2026-11-21T23:53:09.6Z\"}";
        let (answer, raw) = answer(bytes, true).unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers["etag"], "<etag>");
        assert_eq!(
            answer.body,
            r#"{"id":"<id>","title":"a","_created":"<time>"}"#
        );
        assert_eq!(raw["etag"], "\"1f\"");
    }

    #[test]
    fn a_form_that_is_wrong_is_left_to_be_seen() {
        assert_eq!(header("etag", "W/\"1\"", 0, false), "W/\"1\"");
        assert_eq!(header("content-length", "5", 4, false), "5");
        assert_eq!(
            header("link", "</a?cursor=x~1>; rel=\"next\"", 0, false),
            "</a?cursor=<cursor>>; rel=\"next\""
        );
        assert_eq!(header("link", "</a?cursor=>", 0, false), "</a?cursor=>");
        assert_eq!(
            record(r#"{"_updated":"2026-11-21T23:53:09.123456789Z"}"#, false),
            r#"{"_updated":"2026-11-21T23:53:09.123456789Z"}"#
        );
    }
}
