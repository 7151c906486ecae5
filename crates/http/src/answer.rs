//! Replies of the pipeline as HTTP responses.

use std::borrow::Cow;
use std::fmt::Write;

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, LINK, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use larder_core::{
    ActionOutput, Compiled, Error, ErrorKind, Key, Method, Precondition, Record, Reply, Result,
    Tags, Version, View, next_page,
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::headers::Count;

pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// What stays as it is in a segment of a path: the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The commas between the parts of a key stay too: RFC 3986, section 3.3, has them for that.
const PARTS: &AsciiSet = &SEGMENT.remove(b',');

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A record that was asked for: 200, or 304 if the client has it.
pub(crate) fn record(
    model: &Compiled,
    row: &Record,
    precondition: &Precondition,
    view: &View,
) -> Result<Response> {
    let has = |tags: &Tags| match tags {
        Tags::Any => true,
        Tags::These(versions) => versions.contains(&row.version),
    };
    if precondition
        .if_match
        .as_ref()
        .is_some_and(|tags| !has(tags))
    {
        return Err(Error::new(
            ErrorKind::PreconditionFailed,
            "the record has changed since it was read",
        ));
    }
    if precondition.if_none_match.as_ref().is_some_and(has) {
        return not_modified(row.version);
    }
    // The tag is that of the record: what is shown of it has another URL, and a write is about all of it.
    viewed(model, row, view)
}

/// Not modified: 304. The body says nothing of its length: to a HEAD axum would tell it as `Content-Length`, which is that of the
/// record in a 304 (RFC 9110, section 8.6).
fn not_modified(version: Version) -> Result<Response> {
    let mut response = Response::new(Body::new(Body::empty().map_frame(|frame| frame)));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().insert(ETAG, etag(version)?);
    Ok(response)
}

/// A record as it now is: 200.
pub(crate) fn updated(model: &Compiled, row: &Record) -> Result<Response> {
    viewed(model, row, &View::default())
}

fn viewed(model: &Compiled, row: &Record, view: &View) -> Result<Response> {
    let mut body = Vec::with_capacity(512);
    view.write_record(model, row, &mut body)?;
    let mut response = json(body);
    response.headers_mut().insert(ETAG, etag(row.version)?);
    Ok(response)
}

/// A record that was written: 201 and where it is, or 200; 204 or an empty 201 where the model does not echo what was written
/// by this method, or the actor may not read it.
pub(crate) fn written(
    model: &Compiled,
    reply: &Reply,
    path: &str,
    method: Method,
) -> Result<Response> {
    let (mut response, new) = match reply {
        Reply::Created(row) => {
            let method = match method {
                Method::PutExisting => Method::PutNew,
                method => method,
            };
            (echoed(model, row, method)?, Some(model.key_of(row)))
        }
        Reply::Updated(row) => (echoed(model, row, method)?, None),
        Reply::Unseen {
            key,
            version,
            created,
        } => {
            let mut response = empty();
            // A hash of what the actor may not read would let it try guesses.
            if !model.layout().by_content() {
                response.headers_mut().insert(ETAG, etag(*version)?);
            }
            (response, created.then(|| key.clone()))
        }
        _ => return Err(Error::internal("a write was answered with something else")),
    };
    if let Some(key) = new {
        *response.status_mut() = StatusCode::CREATED;
        let segment = (method == Method::Post).then(|| model.own_parts(&key));
        let location = location(path, segment.as_ref())?;
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

fn echoed(model: &Compiled, row: &Record, method: Method) -> Result<Response> {
    if model.echoes(method) {
        updated(model, row)
    } else {
        tagged(row.version)
    }
}

/// 204 with the version that the record now has.
fn tagged(version: Version) -> Result<Response> {
    let mut response = empty();
    response.headers_mut().insert(ETAG, etag(version)?);
    Ok(response)
}

/// A record that was deleted: 204, or 200 with what it was where the model echoes it.
pub(crate) fn deleted(model: &Compiled, reply: &Reply) -> Result<Response> {
    match reply {
        Reply::Deleted(None) => Ok(empty()),
        Reply::Deleted(Some(row)) => {
            let mut body = Vec::with_capacity(512);
            model.write_json(row, &mut body)?;
            Ok(json(body))
        }
        _ => Err(Error::internal("a delete was answered with something else")),
    }
}

/// How many records there are: 200 and `{"count": 57}`.
pub(crate) fn count(reply: &Reply) -> Result<Response> {
    let (Reply::Page { total, .. } | Reply::Groups { total, .. }) = reply else {
        return Err(Error::internal("a list was answered with something else"));
    };
    let count = total
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "these records can't be counted"))?;
    Ok(json(format!("{{\"count\":{count}}}").into_bytes()))
}

/// Where a new record is: the path of the request, and what of the key is not in it if it names the collection.
fn location(path: &str, key: Option<&Key>) -> Result<HeaderValue> {
    let path = in_ascii(path);
    let Some(key) = key else {
        return header(&path);
    };
    let mut location = String::with_capacity(path.len() + 40);
    location.push_str(path.trim_end_matches('/'));
    location.push('/');
    let kept = match key.parts() {
        [_] => SEGMENT,
        _ => PARTS,
    };
    location.extend(utf8_percent_encode(&key.to_string(), kept));
    header(&location)
}

/// A path as a header can hold it: a client may send letters beyond ASCII as they are.
fn in_ascii(path: &str) -> Cow<'_, str> {
    utf8_percent_encode(path, CONTROLS).into()
}

/// What a request for a list asked for.
pub(crate) struct Listing<'r> {
    pub(crate) view: View,
    pub(crate) skip: u64,
    pub(crate) limit: Option<u64>,
    pub(crate) count: Option<Count>,
    /// The path as the client sent it.
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
}

/// A page of a list: 200, a bare array, which part of how many in `Content-Range`, and where the next page is. What is no list is the
/// bare value.
pub(crate) fn page(model: &Compiled, reply: &Reply, listing: &Listing<'_>) -> Result<Response> {
    let (shown, first, total, next) = match reply {
        Reply::Page {
            rows,
            total,
            passed,
            next,
        } => (rows.len(), *passed, total, next.as_deref()),
        Reply::Groups { groups, total } => (groups.len(), listing.skip, total, None),
        _ => return Err(Error::internal("a list was answered with something else")),
    };
    let mut body = Vec::with_capacity(2 + shown * 400);
    listing.view.write(model, reply, &mut body)?;
    let mut response = json(body);
    if !listing.view.is_list() {
        return Ok(response);
    }
    let shown = shown as u64;
    let mut range = String::with_capacity(32);
    // Writing to a String can't fail.
    let _ = match shown {
        0 => write!(range, "items */"),
        count => write!(range, "items {first}-{}/", first + count - 1),
    };
    let _ = match total {
        None => write!(range, "*"),
        Some(total) => write!(range, "{}", listing.view.total(*total, first + shown)),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_RANGE, header(&range)?);
    if let Some(cursor) = next {
        let query = next_page(listing.query, listing.limit.unwrap_or(shown), cursor);
        headers.insert(
            LINK,
            header(&format!(
                "<{}?{query}>; rel=\"next\"",
                in_ascii(listing.path)
            ))?,
        );
    }
    let applied = match listing.count {
        None => return Ok(response),
        Some(Count::None) => "count=none",
        Some(Count::Estimated) => "count=estimated",
        Some(Count::Exact) => "count=exact",
    };
    headers.insert("preference-applied", HeaderValue::from_static(applied));
    Ok(response)
}

/// What an action answered: 200 with a value, 204 without.
pub(crate) fn acted(reply: Reply) -> Result<Response> {
    let Reply::Acted(output, row) = reply else {
        return Err(Error::internal(
            "an action was answered with something else",
        ));
    };
    let mut response = match output {
        ActionOutput::Json(text) => json(text),
        ActionOutput::Empty => empty(),
    };
    if let Some(row) = row {
        response.headers_mut().insert(ETAG, etag(row.version)?);
    }
    Ok(response)
}

/// 204.
pub(crate) fn empty() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The methods of a path: 204.
pub(crate) fn options(allowed: &str, patchable: bool) -> Response {
    let mut response = empty();
    if let Ok(value) = header(allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    if patchable {
        response.headers_mut().insert(
            ACCEPT_PATCH,
            HeaderValue::from_static(crate::methods::ACCEPT_PATCH),
        );
    }
    response
}

/// A problem with one more header.
pub(crate) fn problem(error: Error, (name, value): (HeaderName, String)) -> Response {
    let mut response = error.into_response();
    if let Ok(value) = header(&value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The entity tag of a version: its hexadecimal digits. Strong, as equal versions are equal byte by byte.
fn etag(version: Version) -> Result<HeaderValue> {
    // Two quotes and at most sixteen digits, from behind.
    let mut text = [b'"'; 18];
    let mut rest = version.0.cast_unsigned();
    let mut from = text.len() - 1;
    loop {
        from -= 1;
        text[from] = b"0123456789abcdef"[(rest & 15) as usize];
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    HeaderValue::from_bytes(&text[from - 1..]).map_err(Error::internal)
}

fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_are_hexadecimal_digits() {
        for version in [0, 1, 0xf, 0x10, 0x1f, 0x0102_0304_0506_0708, i64::MAX, -1] {
            let tag = etag(Version(version)).unwrap();
            assert_eq!(tag.as_bytes(), format!("\"{version:x}\"").as_bytes());
        }
    }
}
