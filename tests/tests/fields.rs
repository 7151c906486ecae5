//! Every type that a field can have: what its schemas say, what is stored, and what comes back, on every store.

#![recursion_limit = "512"]

#[path = "fields/computed.rs"]
mod computed;
#[path = "fields/decimals.rs"]
mod decimals;
#[path = "fields/flatten.rs"]
mod flatten;
#[path = "fields/with.rs"]
mod with;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jsonschema::Validator;
use larder::prelude::*;
use larder_tests::{Backend, Client, scenarios};
use serde_json::{Value, json};

/// An enum without data: text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Plain {
    #[default]
    First,
    SecondOne,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum External {
    Unit,
    New(u8),
    Tuple(i8, String),
    Struct {
        some_field: Option<f32>,
        other: Vec<Plain>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    New(Nested),
    Struct { size: u16 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    New(i64),
    Tuple(bool, char),
    Struct { a: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i32),
    Text(String),
    Struct { x: f64, y: f64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Nested {
    some_text: String,
    #[serde(default)]
    with_default: u32,
    #[serde(rename = "renamed")]
    other: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<i64>,
    deeper: Option<Box<Nested>>,
}

#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
struct Newtype(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Transparent {
    inner: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
#[model(url = "/shapes", rules(read = "true", write = "true"))]
struct Shape {
    #[model(id)]
    id: Id<Shape>,
    i_8: i8,
    i_16: i16,
    i_32: i32,
    i_64: i64,
    u_8: u8,
    u_16: u16,
    u_32: u32,
    u_64: u64,
    size: usize,
    f_32: f32,
    f_64: f64,
    letter: char,
    text: String,
    flag: bool,
    bytes: larder::Bytes,
    numbers: Vec<u8>,
    option: Option<String>,
    nested_option: Option<Vec<Option<i32>>>,
    list: Vec<Nested>,
    set: BTreeSet<String>,
    map: BTreeMap<String, Vec<External>>,
    int_map: BTreeMap<u32, bool>,
    hash: HashMap<String, Option<Nested>>,
    nested: Nested,
    plain: Plain,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    newtype: Newtype,
    transparent: Transparent,
    array: [i16; 3],
    tuple: (u8, String, Option<bool>),
    unit: (),
    boxed: Box<Nested>,
    shared: Box<str>,
    cow: Cow<'static, str>,
    instant: jiff::Timestamp,
    date: jiff::civil::Date,
    date_time: jiff::civil::DateTime,
    time: jiff::civil::Time,
    zoned: jiff::Zoned,
    span: jiff::Span,
    chrono_utc: chrono::DateTime<chrono::Utc>,
    chrono_date: chrono::NaiveDate,
    chrono_naive: chrono::NaiveDateTime,
    uuid: uuid::Uuid,
    any: Value,
    url: url::Url,
    decimal: rust_decimal::Decimal,
    maybe_decimal: Option<rust_decimal::Decimal>,
}

fn full() -> Value {
    json!({
        "i8": -128, "i16": -32768, "i32": i32::MIN, "i64": i64::MIN,
        "u8": 255, "u16": 65535, "u32": u32::MAX, "u64": u64::MAX, "size": 7,
        "f32": 0.1, "f64": 1e300, "letter": "ß", "text": "a\u{0}b", "flag": true,
        "bytes": "AP8=", "numbers": [0, 255],
        "option": "there", "nestedOption": [1, null],
        "list": [{"someText": "x", "withDefault": 1, "renamed": null, "skipped": 5, "deeper": null}],
        "set": ["a", "b"],
        "map": {"k": ["unit", {"new": 1}, {"tuple": [-1, "z"]}, {"struct": {"someField": 0.5, "other": ["first", "second-one"]}}]},
        "intMap": {"1": true, "20": false},
        "hash": {"one": null},
        "nested": {"someText": "x", "withDefault": 0, "renamed": true,
            "deeper": {"someText": "y", "withDefault": 9, "renamed": null, "deeper": null}},
        "plain": "second-one",
        "external": {"struct": {"someField": null, "other": []}},
        "internal": {"kind": "New", "someText": "x", "withDefault": 0, "renamed": true, "deeper": null},
        "adjacent": {"t": "Tuple", "c": [true, "ä"]},
        "untagged": {"x": 1.5, "y": -2.0},
        "newtype": "n", "transparent": 18446744073709551615_u64,
        "array": [1, 2, 3], "tuple": [1, "b", null], "unit": null,
        "boxed": {"someText": "x", "withDefault": 0, "renamed": null, "deeper": null},
        "shared": "s", "cow": "c",
        "instant": "2024-05-01T10:00:00.123456Z", "date": "2024-02-29",
        "dateTime": "2024-05-01T10:00:00.5", "time": "23:59:59.999999999",
        "zoned": "2024-05-01T10:00:00+00:00[UTC]", "span": "P1Y2M3DT4H",
        "chronoUtc": "2024-05-01T10:00:00.123456Z", "chronoDate": "2024-02-29",
        "chronoNaive": "2024-05-01T10:00:00.500",
        "uuid": "a81bc81b-dead-4e5d-abff-90865d1e13b1",
        "any": {"deep": [1, 2.5, null, {"x": u64::MAX}]},
        "url": "https://example.org/a?b=c",
        "decimal": "12345678901234567890.12345678", "maybeDecimal": "-0.01"
    })
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema")
}

async fn app(backend: &Backend) -> larder::App {
    App::builder()
        .models(models![Shape])
        .store("main", backend.store())
        .build()
        .await
        .expect("an app")
}

/// What was sent comes back, by POST, GET, PUT and PATCH, and fits the views.
async fn every_shape_comes_back_as_it_was_sent(backend: Backend) {
    let app = app(&backend).await;
    let client = Client::new(&app);
    let views = app.model(0).expect("it is there").views();
    let sent = full();
    assert!(
        validator(&views.input).is_valid(&sent),
        "{:?}",
        validator(&views.input)
            .iter_errors(&sent)
            .map(|e| e.to_string())
            .collect::<Vec<_>>()
    );

    let created = client
        .post("/shapes", sent.clone())
        .go()
        .await
        .is(201)
        .json();
    let path = format!("/shapes/{}", created["id"].as_str().expect("an id"));
    let mut expected = sent.clone();
    expected["id"] = created["id"].clone();
    same(&created, &expected);
    let read = client.get(&path).go().await.is(200).json();
    same(&read, &expected);
    assert!(
        validator(&views.output).is_valid(&read),
        "{:?}",
        validator(&views.output)
            .iter_errors(&read)
            .map(|e| e.to_string())
            .collect::<Vec<_>>()
    );
    same(
        &client.put(&path, read.clone()).go().await.is(200).json(),
        &expected,
    );
    // A null inside an object of a merge patch removes the member, so what has one can't be patched to itself.
    let patches = sent.as_object().expect("an object").iter();
    for (name, value) in patches.filter(|(name, _)| *name != "hash") {
        let patched = client
            .patch(&path, json!({ name.as_str(): value }))
            .go()
            .await
            .is(200);
        same(&patched.json(), &expected);
    }
}

fn same(got: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&got[name], value, "{name}");
    }
    assert_eq!(
        got.as_object().map(|o| o.len()),
        expected.as_object().map(|o| o.len())
    );
}

scenarios!(every_shape_comes_back_as_it_was_sent);
