//! A client without sockets: it hands requests to a router and reads the answers.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use larder::App;
use larder::http::Rest;
use serde_json::Value;
use tower::ServiceExt;

/// A client of one router.
#[derive(Clone, Debug)]
pub struct Client(Router);

/// A request in the making.
#[derive(Debug)]
#[must_use = "a request is sent by `go`"]
pub struct Ask {
    router: Router,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Client {
    /// A client of an app's REST routes.
    pub fn new(app: &App) -> Self {
        Self(app.rest())
    }

    /// A client of any router.
    pub fn of(router: Router) -> Self {
        Self(router)
    }

    /// Begins a request.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask {
            router: self.0.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Body::empty(),
        }
    }

    /// Begins a GET.
    pub fn get(&self, path: &str) -> Ask {
        self.ask("GET", path)
    }

    /// Begins a POST of a JSON value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is called with `json!(..)`"
    )]
    pub fn post(&self, path: &str, json: Value) -> Ask {
        self.ask("POST", path).json(&json)
    }

    /// Begins a PUT of a JSON value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is called with `json!(..)`"
    )]
    pub fn put(&self, path: &str, json: Value) -> Ask {
        self.ask("PUT", path).json(&json)
    }

    /// Begins a PATCH with a JSON value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is called with `json!(..)`"
    )]
    pub fn patch(&self, path: &str, json: Value) -> Ask {
        self.ask("PATCH", path).json(&json)
    }

    /// Begins a DELETE.
    pub fn delete(&self, path: &str) -> Ask {
        self.ask("DELETE", path)
    }
}

impl Ask {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says who asks, in the development header. An empty name is nobody.
    pub fn by(self, actor: &str) -> Self {
        if actor.is_empty() {
            self
        } else {
            self.header("x-actor", actor)
        }
    }

    /// Sends JSON.
    pub fn json(self, json: &Value) -> Self {
        self.raw(json.to_string())
            .header("content-type", "application/json")
    }

    /// Sends any body, without a content type.
    pub fn raw(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request and reads the answer.
    ///
    /// # Panics
    /// If the request can't be made of what was given, or the answer's body breaks off.
    pub async fn go(self) -> Answer {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(self.body).expect("a request");
        let response = self
            .router
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }
}

impl Answer {
    /// The body as JSON; null if it is empty.
    ///
    /// # Panics
    /// If the body is no JSON.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in `{}`", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("plain text"))
    }

    /// The entity tag.
    pub fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// Fails unless the status is this one.
    ///
    /// # Panics
    /// If it is another; the message has the body.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The values of one field of a list.
    ///
    /// # Panics
    /// If the body is no list.
    #[track_caller]
    pub fn each(&self, field: &str) -> Vec<Value> {
        let list = self.json();
        list.as_array()
            .unwrap_or_else(|| panic!("no list: {list}"))
            .iter()
            .map(|item| item[field].clone())
            .collect()
    }

    /// The pointers and codes of a problem's errors, sorted.
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self.json()["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|fault| {
                format!(
                    "{} {}",
                    fault["pointer"].as_str().unwrap_or("?"),
                    fault["code"].as_str().unwrap_or("?")
                )
            })
            .collect();
        faults.sort();
        faults
    }
}
