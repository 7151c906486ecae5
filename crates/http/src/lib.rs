//! The REST door: every model with a `url`, as routes of an ordinary axum router.
//!
//! | module | what |
//! | --- | --- |
//! | `routes` | which paths there are |
//! | `endpoint` | one request to one model: method, body, call |
//! | `methods` | which methods a path has |
//! | `headers` | conditions, ranges, media types, preferences |
//! | `pages` | pages for people, which an app puts in: its routes, and with the feature `docs` its API reference |
//! | `answer` | a reply of the pipeline as an HTTP response |
//!
//! Errors are problem details (RFC 9457), made in [`larder_core::problem`] alone.

mod answer;
mod endpoint;
mod headers;
mod methods;
mod pages;
mod routes;

pub use axum;
use axum::Router;
use larder_core::App;
#[cfg(feature = "docs")]
pub use pages::docs_page;
pub use pages::routes_page;

/// Gives an [`App`] its REST routes. It is in larder's prelude.
pub trait Rest {
    /// The routes of all models, and `GET /openapi.json`.
    ///
    /// The router has no state of its own, so it nests and merges into any other: `Router::new().nest("/api", app.rest())`.
    /// Merged beside a route of the app's own for a method and path that is served here, axum panics: neither takes the other's
    /// place.
    ///
    /// ```
    /// # use larder_core::App;
    /// use larder_http::Rest;
    /// # fn router(app: &App) -> axum::Router {
    /// axum::Router::new().nest("/api", app.rest())
    /// # }
    /// ```
    fn rest<S: Clone + Send + Sync + 'static>(&self) -> Router<S>;
}

impl Rest for App {
    fn rest<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        routes::of(self)
    }
}
