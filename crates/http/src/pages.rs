//! Pages for people, put in by an app that wants them: nothing here is served by itself.
//!
//! All is made on the server, once: there is no script, nothing is loaded from elsewhere, and the Content-Security-Policy
//! says so.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use larder_core::App;

#[cfg(feature = "docs")]
mod docs;
mod html;
mod routes;

/// A page with every route of the REST door and who may use it, from the manifest.
///
/// It shows all rules, so it is for the people who run the app: leave it out in production, or put it behind a layer that
/// asks who is there. [`Manifest::routes_text`](larder_core::manifest::Manifest::routes_text) has the same as plain text, for
/// a test or a command.
///
/// ```
/// # use larder_core::{App, Mode};
/// # fn router(app: App) -> axum::Router {
/// use larder_http::{Rest, routes_page};
/// let router = axum::Router::new().merge(app.rest());
/// match app.mode() {
///     Mode::Development => router.merge(routes_page(&app, "/_routes")),
///     Mode::Production => router,
/// }
/// # }
/// ```
pub fn routes_page<S: Clone + Send + Sync + 'static>(app: &App, path: &str) -> Router<S> {
    let app = app.clone();
    page(path, move || routes::write(&app))
}

/// A page with the API reference: what `/openapi.json` says, to read. Behind the feature `docs`.
///
/// It says no more than that document does, which is public.
///
/// ```
/// # use larder_core::App;
/// # fn router(app: App) -> axum::Router {
/// use larder_http::{Rest, docs_page};
/// axum::Router::new().merge(app.rest()).merge(docs_page(&app, "/docs"))
/// # }
/// ```
#[cfg(feature = "docs")]
pub fn docs_page<S: Clone + Send + Sync + 'static>(app: &App, path: &str) -> Router<S> {
    let app = app.clone();
    page(path, move || {
        let models: Vec<_> = app.models().cloned().collect();
        let document = larder_core::schema::openapi(&models, app.title(), app.version());
        docs::write(&document)
    })
}

/// The routes of a page and of its style, which stands beside it.
fn page<S, W>(path: &str, write: W) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    W: Fn() -> html::Page + Send + Sync + 'static,
{
    let path = format!("/{}", path.trim_matches('/'));
    let style = format!("{path}.css");
    let link = style.rsplit('/').next().unwrap_or_default().to_owned();
    let (write, made) = (Arc::new(write), Arc::new(OnceLock::<Bytes>::new()));
    let html = move || {
        let (write, made, link) = (Arc::clone(&write), Arc::clone(&made), link.clone());
        async move {
            let text = made
                .get_or_init(|| Bytes::from(write().finish(&link)))
                .clone();
            answer("text/html; charset=utf-8", text)
        }
    };
    let css = || async {
        answer(
            "text/css",
            Bytes::from_static(include_bytes!("pages/style.css")),
        )
    };
    Router::new()
        .route(&path, get(html))
        .route(&style, get(css))
}

/// Nothing but the page's own style, no frame around it, and no guessing of types.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn answer(kind: &'static str, text: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, text).into_response()
}
