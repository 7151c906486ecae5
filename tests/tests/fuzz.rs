//! Nothing that a client sends in a header or a query string makes the door panic or answer with a 5xx.
//!
//! What once went wrong, or might have, is kept in `fuzz/corpus.tsv` with the status that answers it; the corpora of the two parsers of
//! queries (`crates/query/tests`) are sent through the door too. More random requests with `LARDER_LONG`.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Uri};
use http_body_util::BodyExt;
use larder::prelude::*;
use larder_tests::{Client, rounds};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tower::ServiceExt;

const CORPUS: &str = include_str!("fuzz/corpus.tsv");
const RQL: &str = include_str!("../../crates/query/tests/rql/nasty.txt");
/// What is read of a request.
const HEADERS: &[&str] = &[
    "range",
    "x-range",
    "prefer",
    "accept",
    "if-match",
    "if-none-match",
    "content-type",
    "content-length",
];
const KINVEY: &str = include_str!("../../crates/query/tests/kinvey/corpus.txt");

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", id(client), timestamps, page = 2)]
#[model(rules(read = "true", write = "true"))]
#[model(search(text = match, size = ge, tags = contains, place = within, lines = contains), sort(size, text))]
struct Note {
    #[model(id)]
    id: String,
    text: String,
    size: i64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    place: Option<Vec<f64>>,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Line {
    sku: i64,
}

async fn router() -> Router {
    let app = App::builder()
        .models(models![Note])
        .store("main", larder::MemoryStore::new());
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    for id in ["a", "b", "c"] {
        let note =
            json!({"text": id, "size": 1, "tags": [id], "place": [13, 52], "lines": [{"sku": 7}]});
        client.put(&format!("/notes/{id}"), note).go().await.is(201);
    }
    app.rest()
}

/// A request with one thing in it that is not as it should be.
#[derive(Clone, Debug)]
struct Sent {
    method: Method,
    path: String,
    /// The header, or `?` for the query string.
    place: String,
    what: Vec<u8>,
}

/// What came back: the status and the body.
async fn send(router: &Router, sent: &Sent) -> (u16, Vec<u8>) {
    let query = String::from_utf8_lossy(&sent.what);
    let target = match sent.place.as_str() {
        "?" => format!("{}?{query}", sent.path),
        _ => sent.path.clone(),
    };
    // What no client can put into a request target reaches no server.
    let Ok(target) = target.parse::<Uri>() else {
        return (400, br#"{"status":400}"#.to_vec());
    };
    let writes = sent.method == Method::PUT;
    let body = if writes {
        Body::from(r#"{"text":"a","size":1}"#)
    } else {
        Body::empty()
    };
    let mut request = Request::builder().method(sent.method.clone()).uri(target);
    if sent.place != "?" {
        let value = HeaderValue::from_bytes(&sent.what).unwrap();
        request = request.header(sent.place.as_str(), value);
    }
    let request = request.body(body).unwrap();
    let answer = router.clone().oneshot(request).await;
    let answer = answer.unwrap_or_else(|never| match never {});
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, body.to_vec())
}

/// An answer is what was asked for, or a problem that says its status.
fn check(status: u16, body: &[u8]) -> Result<(), TestCaseError> {
    match status {
        200 | 201 | 204 | 304 => Ok(()),
        400..500 => {
            let problem: Value = serde_json::from_slice(body)
                .map_err(|error| TestCaseError::fail(format!("{status}: {error}")))?;
            prop_assert!(problem["status"] == status, "{}", problem);
            Ok(())
        }
        _ => Err(TestCaseError::fail(format!(
            "{status}: {}",
            String::from_utf8_lossy(body)
        ))),
    }
}

/// `\xHH` is a byte.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split(r"\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(byte, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

#[tokio::test]
async fn the_corpus() {
    let router = router().await;
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let [request, place, what, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}");
        };
        let (method, path) = request.split_once(' ').unwrap();
        let sent = Sent {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            place: place.to_owned(),
            what: bytes(what),
        };
        let (status, body) = send(&router, &sent).await;
        check(status, &body).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(
            status.to_string(),
            expected,
            "{line}: {}",
            String::from_utf8_lossy(&body)
        );
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn the_corpora_of_the_parsers() {
    let router = router().await;
    let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with("# "));
    let mut asked: Vec<String> = lines(RQL).map(str::to_owned).collect();
    asked.extend(lines(RQL).map(|line| line.repeat(4096 / line.len().max(1))));
    asked.extend(lines(KINVEY).map(|line| format!("query={}", encoded(line))));
    assert!(asked.len() > 300);
    for what in asked {
        let sent = Sent {
            method: Method::GET,
            path: "/notes".to_owned(),
            place: "?".to_owned(),
            what: what.clone().into_bytes(),
        };
        let (status, body) = send(&router, &sent).await;
        check(status, &body).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

/// What a header is made of, over and over up to 4 KB.
#[tokio::test]
async fn headers_of_one_sign() {
    let router = router().await;
    let signs = [
        "\"",
        ",",
        "\"a\",",
        "W/\"1\", ",
        "W/",
        "*",
        " ",
        "\t",
        ";",
        "=",
        "-",
        "9",
        "items=0-1,",
        "count=none,",
        "q=0;",
        "application/json,",
        "text/html;q=0,",
        "*/*;",
        "null",
        "\u{e9}",
    ];
    for place in HEADERS.iter().filter(|place| **place != "content-length") {
        for sign in signs {
            for request in [
                "GET /notes",
                "GET /notes/a",
                "PUT /notes/a",
                "DELETE /notes/z",
            ] {
                let (method, path) = request.split_once(' ').unwrap();
                let sent = Sent {
                    method: method.parse().unwrap(),
                    path: path.to_owned(),
                    place: (*place).to_owned(),
                    what: sign.repeat(4096 / sign.len()).into_bytes(),
                };
                let (status, body) = send(&router, &sent).await;
                check(status, &body)
                    .unwrap_or_else(|error| panic!("{request} {place}: {sign}: {error}"));
            }
        }
    }
}

/// Text of the signs that a header is made of, now and then with any other byte that may stand in one.
fn header_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => "(items|bytes|count|none|exact|estimated|null|Infinity|W/|q=0|application|json|merge-patch|=|-|,|;|\\*|/|\\+|\"| |\t|[0-9a-f]|[0-9]{19,21})"
            .prop_map(String::into_bytes),
        1 => prop_oneof![32..127_u8, 128..=255_u8].prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Text that is nearly a query string, a cursor among others.
fn query_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "(cursor=|limit=|skip=|sort=|sortBy=|fields=|query=|limit\\(|sort\\(|select\\(|values\\(|distinct\\(\\)|aggregate\\(|count\\(\\)|&|\\||,|\\(|\\)|=|-|\\+)",
        "(text|size|id|nope|ge=|match=|re:|in=|not\\(|or\\(|and\\(|contains\\(|%[0-9A-F]{2}|[0-9]{1,20}|\\{|\\}|\"|\\$gt|\\$regex|:|\\^)",
        "[A-Za-z0-9_-]{20,80}",
        "(near\\(place,|within\\(place,|box\\(|polygon\\(|tags=|contains\\(lines,|sku|place=|excludes\\(|mod\\(size,|between\\(size,)",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Kinvey's JSON, right and nearly right, as a client would send it.
fn kinvey_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "(\\{|\\}|\\[|\\]|,|:|\"|-?[0-9]{1,3}(\\.5)?|null|true|\"a\"|\"ISODate\\(\\))",
        "(\"(text|size|tags|place|lines|nope)\":)",
        "(\"\\$(and|or|nor|not|gt|gte|lt|ne|in|nin|all|size|exists|mod|regex|options|elemMatch)\":)",
        "(\"\\$(nearSphere|near|maxDistance|within|geoWithin|box|polygon)\":)",
        "(\\{\"place\":\\{\"\\$nearSphere\":\\[13,52\\],\"\\$maxDistance\":)",
        "(\\{\"place\":\\{\"\\$within\":\\{\"\\$(box|polygon)\":\\[\\[1,2\\],\\[3,4\\])",
    ];
    let text = prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat());
    let name = prop::sample::select(&["query", "sort", "fields"][..]);
    (name, text, any::<bool>()).prop_map(|(name, text, closed)| {
        let open = |sign: char| text.matches(sign).count();
        let missing = open('{').saturating_sub(open('}'));
        let closed = if closed {
            "}".repeat(missing)
        } else {
            String::new()
        };
        format!("{name}={}", encoded(&(text + &closed))).into_bytes()
    })
}

fn sent() -> impl Strategy<Value = Sent> {
    let in_header = (
        prop::sample::select(HEADERS),
        header_text(),
        prop::sample::select(
            &[
                "GET /notes",
                "GET /notes/a",
                "PUT /notes/a",
                "DELETE /notes/z",
            ][..],
        ),
    );
    let in_query = (
        Just("?"),
        prop_oneof![2 => query_text().boxed(), 1 => kinvey_text().boxed()],
        prop::sample::select(&["GET /notes", "GET /notes/a", "GET /notes/_count"][..]),
    );
    prop_oneof![in_header, in_query].prop_map(|(place, what, request)| {
        let (method, path) = request.split_once(' ').unwrap();
        Sent {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            place: place.to_owned(),
            what,
        }
    })
}

#[test]
fn whatever_is_sent_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let router = runtime.block_on(router());
    let mut runner = TestRunner::new(Config {
        cases: rounds(2_000, 100_000) as u32,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&sent(), |sent| {
            let (status, body) = runtime.block_on(send(&router, &sent));
            check(status, &body)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
