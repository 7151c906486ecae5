//! One request to one model: method, path, headers and body become a call, the reply becomes a response.

use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use larder_core::{
    App, Args, Body, Call, Compiled, Error, ErrorKind, ListQuery, Reply, Result, Surface, Want,
    parse_list,
};

use crate::answer;
use crate::headers;

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// All records.
    Collection,
    /// One record.
    Item,
    /// An action on the model.
    Global(String),
    /// An action on one record.
    Action(String),
}

/// One path of one model.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) app: App,
    pub(crate) at: usize,
    pub(crate) model: Arc<Compiled>,
    pub(crate) parents: usize,
    pub(crate) target: Target,
}

const JSON: &[&str] = &["application/json"];
const PATCHES: &[&str] = &["application/merge-patch+json", "application/json"];

impl Endpoint {
    pub(crate) async fn serve(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        match self.answer(&mut parts, body).await {
            Ok(response) => response,
            Err(error) => self.refuse(error),
        }
    }

    async fn answer(&self, parts: &mut Parts, body: HttpBody) -> Result<Response> {
        if parts.method == Method::OPTIONS {
            return Ok(answer::options(
                &self.allowed(),
                self.target == Target::Item && !self.model.data().read_only,
            ));
        }
        headers::accepts_json(&parts.headers)?;
        let params = RawPathParams::from_request_parts(parts, &()).await;
        // A path that is not UTF-8 names nothing.
        let params = params.map_err(|_| Error::not_found())?;
        let mut segments = params.iter().map(|(_, value)| value);
        let parents = self
            .model
            .parse_parents(segments.by_ref().take(self.parents))
            .ok_or_else(Error::not_found)?;
        let key = match self.target {
            Target::Item | Target::Action(_) => {
                let text = segments.next().unwrap_or_default();
                Some(self.model.parse_key(text).ok_or_else(Error::not_found)?)
            }
            Target::Collection | Target::Global(_) => None,
        };
        let actor = self.app.identity().identify(parts).await?;
        let call = |want| Call::new(self.at, want, actor.clone(), Surface::Rest).under(parents);
        match (&self.target, key) {
            (Target::Collection, _) => self.collection(parts, body, call).await,
            (Target::Item, Some(key)) => self.item(parts, body, key, call).await,
            (Target::Global(name) | Target::Action(name), key) => {
                let args = self.arguments(name, parts, body).await?;
                let reply = self
                    .app
                    .call(&call(Want::Act {
                        key,
                        action: name.clone(),
                        args,
                    }))
                    .await?;
                answer::acted(reply)
            }
            (Target::Item, None) => Err(Error::not_found()),
        }
    }

    async fn collection(
        &self,
        parts: &Parts,
        body: HttpBody,
        call: impl FnOnce(Want) -> Call,
    ) -> Result<Response> {
        match parts.method {
            Method::GET | Method::HEAD => {
                let query = self.list(parts)?;
                let (skip, waived) = (query.skip, !query.total);
                let reply = self.app.call(&call(Want::List(query))).await?;
                answer::page(&self.model, &reply, skip, waived)
            }
            Method::POST => {
                let body = Body::Json(self.body(parts, body, JSON).await?);
                let reply = self.app.call(&call(Want::Create(body))).await?;
                answer::written(&self.model, &reply, path(parts), true)
            }
            _ => Err(self.not_handled(&parts.method)),
        }
    }

    async fn item(
        &self,
        parts: &Parts,
        body: HttpBody,
        key: larder_core::Key,
        call: impl FnOnce(Want) -> Call,
    ) -> Result<Response> {
        let precondition = headers::precondition(&parts.headers);
        match parts.method {
            Method::GET | Method::HEAD => {
                let Reply::Record(row) = self.app.call(&call(Want::Get(key))).await? else {
                    return Err(Error::internal("a get was answered with something else"));
                };
                answer::record(&self.model, &row, &precondition)
            }
            Method::PUT => {
                let body = Body::Json(self.body(parts, body, JSON).await?);
                let want = Want::Replace(key, body, precondition);
                let reply = self.app.call(&call(want)).await?;
                answer::written(&self.model, &reply, path(parts), false)
            }
            Method::PATCH => {
                let body = Body::Json(self.body(parts, body, PATCHES).await?);
                let want = Want::Patch(key, body, precondition);
                let reply = self.app.call(&call(want)).await?;
                answer::written(&self.model, &reply, path(parts), false)
            }
            Method::DELETE => {
                self.app
                    .call(&call(Want::Delete(key, precondition)))
                    .await?;
                Ok(answer::empty())
            }
            _ => Err(self.not_handled(&parts.method)),
        }
    }

    /// The list query of the URL and the range header, under the page size.
    fn list(&self, parts: &Parts) -> Result<ListQuery> {
        let mut query = parse_list(&self.model, parts.uri.query().unwrap_or_default())?;
        if let Some(range) = headers::range(&parts.headers) {
            query.skip = range.skip;
            let page = u64::from(self.model.data().page);
            query.limit = Some(range.limit.unwrap_or(page).min(page));
        }
        query.total = !headers::waives_total(&parts.headers);
        Ok(query)
    }

    async fn arguments(&self, name: &str, parts: &Parts, body: HttpBody) -> Result<Args> {
        let known = self.action_method(name);
        if parts.method.as_str() != known && !(known == "GET" && parts.method == Method::HEAD) {
            return Err(Error::new(
                ErrorKind::MethodNotAllowed,
                format!("`{name}` is run with {known}"),
            ));
        }
        if known == "GET" {
            let query = parts.uri.query().unwrap_or_default();
            return Ok(Args::Query(
                form_urlencoded::parse(query.as_bytes())
                    .into_owned()
                    .collect(),
            ));
        }
        Ok(Args::Json(self.body(parts, body, JSON).await?))
    }

    async fn body(&self, parts: &Parts, body: HttpBody, understood: &[&str]) -> Result<Bytes> {
        headers::content_type(&parts.headers, understood)?;
        let limit = self.app.body_limit();
        let too_large = || {
            Error::new(
                ErrorKind::TooLarge,
                format!("the body is over the limit of {limit} bytes"),
            )
        };
        let length = parts
            .headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        match Limited::new(body, limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large()),
            Err(error) => Err(
                Error::new(ErrorKind::BadRequest, "the body ended before its time")
                    .with_source(error),
            ),
        }
    }

    fn action_method(&self, name: &str) -> &'static str {
        let global = matches!(self.target, Target::Global(_));
        let mut actions = self.model.data().actions.iter();
        actions
            .find(|action| action.name == name && action.global == global)
            .map_or("PUT", |action| action.method)
    }

    fn allowed(&self) -> String {
        match &self.target {
            Target::Collection | Target::Item if self.model.data().read_only => {
                "GET, HEAD, OPTIONS".to_owned()
            }
            Target::Collection => "GET, HEAD, POST, OPTIONS".to_owned(),
            Target::Item => "GET, HEAD, PUT, PATCH, DELETE, OPTIONS".to_owned(),
            Target::Global(name) | Target::Action(name) => match self.action_method(name) {
                "GET" => "GET, HEAD, OPTIONS".to_owned(),
                method => format!("{method}, OPTIONS"),
            },
        }
    }

    fn not_handled(&self, method: &Method) -> Error {
        let name = self.model.name();
        let allowed = self.allowed();
        Error::new(
            ErrorKind::NotImplemented,
            format!("{method} is not handled here by {name}; there are {allowed}"),
        )
    }

    /// The answer to an error; some refusals name what is allowed.
    fn refuse(&self, error: Error) -> Response {
        let extra = match error.kind() {
            ErrorKind::MethodNotAllowed | ErrorKind::NotImplemented => {
                (header::ALLOW, self.allowed())
            }
            ErrorKind::UnsupportedMediaType if self.target == Target::Item => {
                (answer::ACCEPT_PATCH, PATCHES.join(", "))
            }
            _ => return error.into_response(),
        };
        answer::problem(error, extra)
    }
}

/// The path of the request as the client sent it: a nested router has cut it.
fn path(parts: &Parts) -> &str {
    parts
        .extensions
        .get::<OriginalUri>()
        .map_or(parts.uri.path(), |original| original.0.path())
}
