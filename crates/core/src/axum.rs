//! [`App`] and [`Actor`] in a user's own axum handlers, and [`Error`] as their answer.

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::actor::Actor;
use crate::app::App;
use crate::error::Error;
use crate::problem::Problem;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut problem = Problem::of(&self);
        // A method that is not handled is the client's affair, whatever its number.
        if problem.status >= 500 && self.kind() != crate::ErrorKind::NotImplemented {
            // Whoever is shown the answer can tell which line of the log explains it.
            let id = uuid::Uuid::now_v7();
            tracing::error!(target: "larder::call", %id, error = ?self, "answered with a server error");
            problem = problem.logged_as(id);
        } else if !self.hidden_fields().is_empty() {
            // The client is told nothing that explains it, so somebody else has to be.
            tracing::warn!(target: "larder::call", error = ?self, "a fault of a server-only field was kept from the answer");
        }
        let mut response = Response::new(Body::from(problem.to_json()));
        *response.status_mut() =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = problem.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if problem.status == 401 {
            // RFC 9110, section 11.6.1: a 401 names how to say who you are. Which scheme is the app's own affair.
            headers.insert(
                http::header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer"),
            );
        }
        response
    }
}

/// Who makes the request, by the app's [`Identity`](crate::Identity).
impl<S> FromRequestParts<S> for Actor
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        App::from_ref(state).identity().identify(parts).await
    }
}
