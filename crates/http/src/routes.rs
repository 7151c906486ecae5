//! Which paths there are.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, any, get};
use bytes::Bytes;
use larder_core::{App, Error, ErrorKind};
use serde_json::{Value as Json, json as object};

use crate::endpoint::{Endpoint, Target};
use crate::methods;

/// Where the OpenAPI document is.
const DOCUMENT: &str = "/openapi.json";

/// The segment that counts the records of a list.
const COUNT: &str = "_count";

pub(crate) fn of<S: Clone + Send + Sync + 'static>(app: &App) -> Router<S> {
    let mut router = Router::new();
    for (at, model) in app.models().enumerate() {
        let Some(url) = model.data().url.as_deref() else {
            continue;
        };
        let (collection, parents) = numbered(url);
        let endpoint = |target| {
            Arc::new(Endpoint {
                app: app.clone(),
                at,
                model: Arc::clone(model),
                parents,
                target,
            })
        };
        router = router.route(&collection, handler(endpoint(Target::Collection)));
        // Clients of JsonRestStores end the address of a collection with a slash.
        router = router.route(
            &format!("{collection}/"),
            handler(endpoint(Target::Collection)),
        );
        router = router.route(
            &format!("{collection}/{COUNT}"),
            handler(endpoint(Target::Count)),
        );
        let item = format!("{collection}/{{p{parents}}}");
        router = router.route(&item, handler(endpoint(Target::Item)));
        // Below a record there are actions, and routes that the app adds: both are found before these.
        router = router.route(&format!("{item}/"), any(nothing));
        router = router.route(&format!("{item}/{{*rest}}"), any(nothing));
        let names = |global: bool| -> BTreeSet<&str> {
            let actions = model
                .data()
                .actions
                .iter()
                .filter(|action| action.global == global);
            actions.map(|action| action.name.as_str()).collect()
        };
        for name in names(true) {
            router = router.route(
                &format!("{collection}/{name}"),
                handler(endpoint(Target::Global(name.to_owned()))),
            );
        }
        for name in names(false) {
            router = router.route(
                &format!("{item}/{name}"),
                handler(endpoint(Target::Action(name.to_owned()))),
            );
        }
    }
    router.route(DOCUMENT, document(app))
}

/// Where no route is, inside a model's URL: a problem document, as for everything else there.
async fn nothing() -> Response {
    Error::new(ErrorKind::NotFound, "there is nothing at this path").into_response()
}

fn handler<S: Clone + Send + Sync + 'static>(endpoint: Arc<Endpoint>) -> MethodRouter<S> {
    let served = methods::served(&endpoint.model, &endpoint.target);
    let serve = move |request: Request| {
        let endpoint = Arc::clone(&endpoint);
        async move { endpoint.serve(request).await }
    };
    // By name, and not by `any` alone: a route of the app's own for the same method and path then stops the app at its start,
    // rather than taking the place of this one and its rules.
    let filters = served
        .iter()
        .filter_map(|verb| MethodFilter::try_from(Method::from_bytes(verb.as_bytes()).ok()?).ok());
    match filters.reduce(MethodFilter::or) {
        Some(filter) => any(serve.clone()).on(filter, serve),
        None => any(serve),
    }
}

/// The path with its parameters numbered, and how many there are: a router wants one name for all that stand in one place.
fn numbered(url: &str) -> (String, usize) {
    let mut count = 0;
    let segments: Vec<String> = url
        .split('/')
        .map(|segment| {
            if !segment.starts_with('{') {
                return segment.to_owned();
            }
            count += 1;
            format!("{{p{}}}", count - 1)
        })
        .collect();
    (segments.join("/"), count)
}

fn document<S: Clone + Send + Sync + 'static>(app: &App) -> MethodRouter<S> {
    let app = app.clone();
    // Made when it is first asked for: it takes longer than everything else at start-up.
    let made: Arc<OnceLock<Json>> = Arc::default();
    get(move |request: Request| {
        let (app, made) = (app.clone(), Arc::clone(&made));
        async move {
            let document = made.get_or_init(|| {
                let models: Vec<_> = app.models().cloned().collect();
                larder_core::schema::openapi(&models, app.title(), app.version())
            });
            json(written(document, server(&request)))
        }
    })
}

/// The path that the routes are nested under, as the client sees it; none where they are not.
fn server(request: &Request) -> Option<String> {
    let original = request.extensions().get::<OriginalUri>()?;
    let prefix = original
        .path()
        .strip_suffix(DOCUMENT)
        .filter(|prefix| !prefix.is_empty())?;
    // Braces would be variables of a template.
    Some(prefix.replace('{', "%7B").replace('}', "%7D"))
}

fn written(document: &Json, server: Option<String>) -> Bytes {
    let mut document = document.clone();
    if let (Json::Object(map), Some(url)) = (&mut document, server) {
        map.insert("servers".to_owned(), object!([{ "url": url }]));
    }
    // A JSON document always serialises.
    Bytes::from(serde_json::to_vec_pretty(&document).unwrap_or_default())
}

fn json(text: Bytes) -> Response {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        text,
    )
        .into_response()
}
