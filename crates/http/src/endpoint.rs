//! One request to one model: method, path, headers and body become a call, the reply becomes a response.

use std::sync::Arc;

use axum::BoxError;
use axum::body::{Body as HttpBody, HttpBody as _};
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use larder_core::{
    App, Args, Body, Call, Compiled, Error, ErrorKind, ListQuery, Method as Offered, Precondition,
    Reply, Result, Surface, Want, parse_list, parse_record,
};

use crate::answer;
use crate::headers;
use crate::methods::{self, JSON_PATCH, PATCHES};

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// All records.
    Collection,
    /// How many records there are.
    Count,
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

impl Endpoint {
    pub(crate) async fn serve(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        match self.answer(&mut parts, body).await {
            Ok(response) => response,
            Err(error) => self.refuse(error, &parts.method),
        }
    }

    async fn answer(&self, parts: &mut Parts, body: HttpBody) -> Result<Response> {
        if parts.method == Method::OPTIONS {
            return Ok(answer::options(
                &methods::allow(&self.model, &self.target, None),
                methods::patchable(&self.model, &self.target),
            ));
        }
        self.model
            .offers_one_of(methods::wanted(&self.target, &parts.method))?;
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
                let key = self.model.parse_segment(&parents, text);
                Some(key.ok_or_else(Error::not_found)?)
            }
            Target::Collection | Target::Count | Target::Global(_) => None,
        };
        let actor = self.app.identity().identify(parts).await?;
        let call = |want| Call::new(self.at, want, actor.clone(), Surface::Rest).under(parents);
        match (&self.target, key) {
            (Target::Collection, _) => self.collection(parts, body, call).await,
            (Target::Count, _) => self.count(parts, call).await,
            (Target::Item, Some(key)) => self.item(parts, body, key, call).await,
            (Target::Global(name) | Target::Action(name), key) => {
                let args = self.arguments(name, parts, body).await?;
                // What a GET answers is not the record, whose tags these are.
                let precondition = match args {
                    Args::Json(_) if key.is_some() => headers::precondition(&parts.headers, false)?,
                    _ => Precondition::none(),
                };
                let reply = self
                    .app
                    .call(&call(Want::Act {
                        key,
                        action: name.clone(),
                        args,
                        precondition,
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
                let mut query = self.list(parts)?;
                let listing = answer::Listing {
                    view: std::mem::take(&mut query.view),
                    skip: query.skip,
                    limit: query.limit,
                    count: headers::count(&parts.headers),
                    path: path(parts),
                    query: parts.uri.query().unwrap_or_default(),
                };
                let reply = self.app.call(&call(Want::List(Box::new(query)))).await?;
                answer::page(&self.model, &reply, &listing)
            }
            Method::POST => {
                let body = Body::Json(self.content(parts, body, JSON).await?);
                let reply = self.app.call(&call(Want::Create(body))).await?;
                answer::written(&self.model, &reply, path(parts), Offered::Post)
            }
            _ => Err(self.not_handled(&parts.method)),
        }
    }

    /// How many records a list with these filters has in all its pages.
    async fn count(&self, parts: &Parts, call: impl FnOnce(Want) -> Call) -> Result<Response> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Err(self.not_handled(&parts.method));
        }
        let query = parse_list(&self.app, self.at, parts.uri.query().unwrap_or_default())?;
        let query = ListQuery {
            sort: Vec::new(),
            near: None,
            skip: 0,
            limit: Some(0),
            total: true,
            cursor: None,
            next: false,
            ..query
        };
        answer::count(&self.app.call(&call(Want::List(Box::new(query)))).await?)
    }

    async fn item(
        &self,
        parts: &Parts,
        body: HttpBody,
        key: larder_core::Key,
        call: impl FnOnce(Want) -> Call,
    ) -> Result<Response> {
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let precondition = headers::precondition(&parts.headers, reads)?;
        match parts.method {
            Method::GET | Method::HEAD => {
                let text = parts.uri.query().unwrap_or_default();
                let view = parse_record(&self.app, self.at, text)?;
                let Reply::Record(row) = self.app.call(&call(Want::Get(key))).await? else {
                    return Err(Error::internal("a get was answered with something else"));
                };
                answer::record(&self.model, &row, &precondition, &view)
            }
            Method::PUT => {
                let body = Body::Json(self.content(parts, body, JSON).await?);
                let want = Want::Replace(key, body, precondition);
                let reply = self.app.call(&call(want)).await?;
                answer::written(&self.model, &reply, path(parts), Offered::PutExisting)
            }
            Method::PATCH => {
                let body = self.content(parts, body, PATCHES).await?;
                let want = if headers::is_of(&parts.headers, JSON_PATCH) {
                    Want::JsonPatch(key, body, precondition)
                } else {
                    Want::Patch(key, Body::Json(body), precondition)
                };
                let reply = self.app.call(&call(want)).await?;
                answer::written(&self.model, &reply, path(parts), Offered::Patch)
            }
            Method::DELETE => {
                let want = Want::Delete(key, precondition);
                let reply = self.app.call(&call(want)).await?;
                answer::deleted(&self.model, &reply)
            }
            _ => Err(self.not_handled(&parts.method)),
        }
    }

    /// The list query of the URL and the range header, under the page size.
    fn list(&self, parts: &Parts) -> Result<ListQuery> {
        let mut query = parse_list(&self.app, self.at, parts.uri.query().unwrap_or_default())?;
        if let Some(range) = headers::range(&parts.headers)
            && query.view.is_list()
        {
            if query.cursor.is_some() {
                return Err(Error::new(
                    ErrorKind::BadRequest,
                    "a cursor says where the page begins: leave `Range` out, and give `limit` for its size",
                ));
            }
            query.skip = range.skip;
            let page = u64::from(self.model.data().page);
            query.limit = Some(range.limit.unwrap_or(page).min(page));
        }
        if query.view.is_list() {
            let count = headers::count(&parts.headers);
            query.total = match count {
                Some(headers::Count::None) => false,
                Some(headers::Count::Exact | headers::Count::Estimated) => true,
                // Who goes on from page to page was told the total with the first one.
                None => query.cursor.is_none(),
            };
            query.estimate = count == Some(headers::Count::Estimated);
        }
        Ok(query)
    }

    async fn arguments(&self, name: &str, parts: &Parts, body: HttpBody) -> Result<Args> {
        let known = methods::action(&self.model, &self.target, name);
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

    /// A body that has to be there.
    async fn content(&self, parts: &Parts, body: HttpBody, understood: &[&str]) -> Result<Bytes> {
        let body = self.body(parts, body, understood).await?;
        if !body.is_empty() {
            return Ok(body);
        }
        let expected = if headers::is_of(&parts.headers, JSON_PATCH) {
            "a JSON array of operations"
        } else {
            "a JSON object"
        };
        Err(Error::new(
            ErrorKind::BadRequest,
            format!(
                "the body is empty: a {} to {} takes {expected} with fields of it, as {}",
                parts.method,
                self.model.name(),
                understood.join(" or ")
            ),
        ))
    }

    async fn body(&self, parts: &Parts, body: HttpBody, understood: &[&str]) -> Result<Bytes> {
        headers::content_type(&parts.headers, understood)?;
        headers::content_encoding(&parts.headers)?;
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
        match whole(Limited::new(body, limit)).await {
            Ok(body) => Ok(body),
            Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large()),
            Err(error) => Err(
                Error::new(ErrorKind::BadRequest, "the body ended before its time")
                    .with_source(error),
            ),
        }
    }

    fn not_handled(&self, method: &Method) -> Error {
        let name = self.model.name();
        let allowed = methods::allow(&self.model, &self.target, None);
        Error::new(
            ErrorKind::NotImplemented,
            format!("{method} is not handled here by {name}; there are {allowed}"),
        )
    }

    /// The answer to an error; some refusals name what is allowed.
    fn refuse(&self, error: Error, refused: &Method) -> Response {
        let extra = match error.kind() {
            ErrorKind::MethodNotAllowed | ErrorKind::NotImplemented => {
                let allow = methods::allow(&self.model, &self.target, Some(refused));
                (header::ALLOW, allow)
            }
            ErrorKind::UnsupportedMediaType if methods::patchable(&self.model, &self.target) => {
                (answer::ACCEPT_PATCH, methods::ACCEPT_PATCH.to_owned())
            }
            _ => return error.into_response(),
        };
        answer::problem(error, extra)
    }
}

/// All of a body. It mostly comes in one piece, which is handed on as it is.
async fn whole(mut body: Limited<HttpBody>) -> Result<Bytes, BoxError> {
    let mut first = Bytes::new();
    let mut more = Vec::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        if first.is_empty() {
            first = piece;
        } else {
            more.extend_from_slice(&piece);
        }
    }
    if more.is_empty() {
        return Ok(first);
    }
    Ok([first.as_ref(), &more].concat().into())
}

/// The path of the request as the client sent it: a nested router has cut it.
fn path(parts: &Parts) -> &str {
    parts
        .extensions
        .get::<OriginalUri>()
        .map_or(parts.uri.path(), |original| original.0.path())
}
