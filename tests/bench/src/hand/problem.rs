//! Errors, and how they are answered: RFC 9457 problem details.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request was not carried out.
#[derive(Debug)]
pub(super) enum Problem {
    NotFound,
    Precondition,
    /// A query string that does not fit.
    Query(String),
    /// Not JSON.
    Malformed(String),
    /// JSON, but no order.
    Invalid(Vec<Fault>),
    TooLarge,
    NotJson,
    Store(sqlx::Error),
    Mongodb(mongodb::error::Error),
}

/// What is wrong with one field.
#[derive(Debug, Serialize)]
pub(super) struct Fault {
    field: &'static str,
    pointer: String,
    message: String,
    code: &'static str,
}

impl Fault {
    pub(super) fn new(field: &'static str, message: String, code: &'static str) -> Self {
        let pointer = if field.is_empty() {
            String::new()
        } else {
            format!("/{field}")
        };
        Self {
            field,
            pointer,
            message,
            code,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

impl From<mongodb::error::Error> for Problem {
    fn from(error: mongodb::error::Error) -> Self {
        Self::Mongodb(error)
    }
}

#[derive(Serialize)]
struct Details<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    message: &'a str,
    errors: &'a [Fault],
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Precondition => StatusCode::PRECONDITION_FAILED,
            Self::Query(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Store(error) if is_busy_or_full(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Mongodb(error) if is_away(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Mongodb(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::NotFound => "there is no such order",
            Self::Precondition => "the order is not in the state that the request demands",
            Self::Query(text) | Self::Malformed(text) => text,
            Self::Invalid(_) => "the body is not a valid order",
            Self::TooLarge => "the body is larger than 1 MiB",
            Self::NotJson => "the body must be application/json",
            Self::Store(_) | Self::Mongodb(_) => "the store could not carry out the request",
        }
    }
}

fn is_away(error: &mongodb::error::Error) -> bool {
    use mongodb::error::ErrorKind;
    matches!(
        *error.kind,
        ErrorKind::Io(_)
            | ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
    )
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let detail = self.detail();
        let of_query;
        let errors: &[Fault] = match &self {
            Self::Invalid(faults) => faults,
            Self::Query(text) => {
                of_query = [Fault::new("", text.clone(), "parameter")];
                &of_query
            }
            _ => &[],
        };
        let title = status.canonical_reason().unwrap_or_default();
        let details = Details {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail,
            message: detail,
            errors,
        };
        let mut response = (status, Json(details)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// SQLITE_BUSY, SQLITE_LOCKED and SQLITE_FULL, also in their extended forms, and a pool with no free connection.
fn is_busy_or_full(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| matches!(code & 0xFF, 5 | 6 | 13)),
        _ => false,
    }
}
