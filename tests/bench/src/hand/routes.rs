//! The five handlers.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::response::Builder;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use uuid::Uuid;

use super::condition::{self, Condition};
use super::model::{NewOrder, Put, Stored};
use super::page::Window;
use super::problem::{Fault, Problem};
use super::{Found, Store};

const BODY_LIMIT: usize = 1 << 20;

pub(super) fn router(store: Store) -> Router {
    Router::new()
        .route("/orders", get(list).post(create))
        .route("/orders/{id}", get(one).put(put))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(store)
}

async fn one(
    State(store): State<Store>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let Path(id) = id.map_err(|_| Problem::NotFound)?;
    let order = store.get(&id).await?.ok_or(Problem::NotFound)?;
    if condition::is_known(&headers, order.version) {
        return answer(
            Response::builder()
                .status(StatusCode::NOT_MODIFIED)
                .header(header::ETAG, order.etag()),
            Body::empty(),
        );
    }
    with_order(StatusCode::OK, &order, None)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    customer: String,
    cursor: Option<String>,
    limit: Option<u64>,
}

async fn list(
    State(store): State<Store>,
    filter: Result<Query<Filter>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let Query(filter) = filter.map_err(|rejection| Problem::Query(rejection.body_text()))?;
    let window = match &filter.cursor {
        None => Window::from_headers(&headers),
        Some(cursor) => Window::from_cursor(cursor, filter.limit)
            .ok_or_else(|| Problem::Query("no such cursor".to_owned()))?,
    };
    let count = window.count;
    let page = store.list(&filter.customer, window).await?;
    let rows: Vec<&Stored> = page.rows.iter().map(|order| &**order).collect();
    json(Response::builder(), &rows, |builder| {
        let builder = builder.header(header::CONTENT_RANGE, page.content_range());
        match (page.next(), rows.last()) {
            (Some(next), Some(last)) => {
                builder.header(header::LINK, link(&filter.customer, count, next, &last.id))
            }
            _ => builder,
        }
    })
}

/// The address of the page that begins at a place, behind the row with an id.
fn link(customer: &str, count: u64, next: u64, last: &str) -> String {
    let customer: String = form_urlencoded::byte_serialize(customer.as_bytes()).collect();
    format!("</orders?customer={customer}&limit={count}&cursor={next}~{last}>; rel=\"next\"")
}

async fn create(
    State(store): State<Store>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response<Body>, Problem> {
    let order = read(&headers, body)?.at(Uuid::now_v7().to_string(), Timestamp::now());
    let order = store.insert(order).await?;
    with_order(StatusCode::CREATED, &order, Some(location(&order)))
}

async fn put(
    State(store): State<Store>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response<Body>, Problem> {
    let Path(id) = id.map_err(|_| Problem::NotFound)?;
    // An order's id is a UUID; whoever puts under another one is told that no such thing can be there.
    Uuid::try_parse(&id).map_err(|_| Problem::NotFound)?;
    let order = read(&headers, body)?.at(id, Timestamp::now());
    match store.put(order, Condition::of_write(&headers)).await? {
        Some(Put::Created(order)) => {
            with_order(StatusCode::CREATED, &order, Some(location(&order)))
        }
        Some(Put::Replaced(order)) => with_order(StatusCode::OK, &order, None),
        None => Err(Problem::Precondition),
    }
}

/// The order in a request's body, checked.
fn read(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<NewOrder, Problem> {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(Problem::NotJson);
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::Malformed(rejection.body_text()),
    })?;
    let order: NewOrder =
        serde_json::from_slice(&body).map_err(|error| match error.classify() {
            Category::Data => Problem::Invalid(vec![Fault::new("", error.to_string(), "invalid")]),
            Category::Io | Category::Syntax | Category::Eof => {
                Problem::Malformed(error.to_string())
            }
        })?;
    match order.faults() {
        faults if faults.is_empty() => Ok(order),
        faults => Err(Problem::Invalid(faults)),
    }
}

fn location(order: &Found) -> String {
    format!("/orders/{}", order.id)
}

fn with_order(
    status: StatusCode,
    order: &Stored,
    location: Option<String>,
) -> Result<Response<Body>, Problem> {
    json(Response::builder().status(status), order, |builder| {
        let builder = builder.header(header::ETAG, order.etag());
        match location {
            Some(location) => builder.header(header::LOCATION, location),
            None => builder,
        }
    })
}

/// A JSON answer: the content type first, then what `more` adds.
fn json<T: Serialize + ?Sized>(
    builder: Builder,
    value: &T,
    more: impl FnOnce(Builder) -> Builder,
) -> Result<Response<Body>, Problem> {
    let mut body = Vec::with_capacity(512);
    serde_json::to_writer(&mut body, value).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let builder = builder.header(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer(more(builder), Body::from(body))
}

fn answer(builder: Builder, body: Body) -> Result<Response<Body>, Problem> {
    builder
        .body(body)
        .map_err(|error| Problem::Store(sqlx::Error::Encode(error.into())))
}
