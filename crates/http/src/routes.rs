//! Which paths there are.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use bytes::Bytes;
use larder_core::App;

use crate::endpoint::{Endpoint, Target};

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
        let item = format!("{collection}/{{p{parents}}}");
        router = router.route(&item, handler(endpoint(Target::Item)));
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
    router.route("/openapi.json", get(document(app)))
}

fn handler<S: Clone + Send + Sync + 'static>(endpoint: Arc<Endpoint>) -> MethodRouter<S> {
    any(move |request: Request| {
        let endpoint = Arc::clone(&endpoint);
        async move { endpoint.serve(request).await }
    })
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

fn document<S>(app: &App) -> impl axum::handler::Handler<((),), S> + use<S>
where
    S: Clone + Send + Sync + 'static,
{
    let app = app.clone();
    // Made when it is first asked for: it takes longer than everything else at start-up.
    let text: Arc<OnceLock<Bytes>> = Arc::default();
    move || {
        let (app, text) = (app.clone(), Arc::clone(&text));
        async move { json(text.get_or_init(|| written(&app)).clone()) }
    }
}

fn written(app: &App) -> Bytes {
    let models: Vec<_> = app.models().cloned().collect();
    let document = larder_core::schema::openapi(&models, app.title(), app.version());
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
