//! Values at the ends of their kinds, through REST: every database answers as the memory store does, byte for byte.

#[path = "agree/servers.rs"]
mod servers;

use std::sync::Arc;

use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_tests::{Backend, Client};
use rust_decimal::Decimal;
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/things",
    id(client),
    rules(read = "true", write = "true"),
    page = 50
)]
#[model(search(big = eq, exact = eq, day = eq, at = eq, text = eq, float = eq))]
#[model(sort(big, exact, day, at, text, float))]
struct Thing {
    #[model(id)]
    id: String,
    #[serde(default)]
    big: Option<u64>,
    #[serde(default)]
    exact: Option<Decimal>,
    #[serde(default)]
    day: Option<jiff::civil::Date>,
    #[serde(default)]
    at: Option<jiff::Timestamp>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    float: Option<f64>,
}

/// The values of each field, as bodies write them.
fn values() -> Vec<(&'static str, Vec<Value>)> {
    let numbers = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    vec![
        (
            "big",
            vec![
                json!(0),
                json!(9_223_372_036_854_775_807_u64),
                json!(9_223_372_036_854_775_808_u64),
                json!(18_446_744_073_709_551_614_u64),
                json!(18_446_744_073_709_551_615_u64),
                json!(-1),
            ],
        ),
        (
            "exact",
            numbers(&[
                "0",
                "-0",
                "79228162514264337593543950335",
                "-79228162514264337593543950335",
                "0.0000000000000000000000000001",
                "-0.0000000000000000000000000001",
                "7.9228162514264337593543950335",
                "1.50",
                "1.5",
            ]),
        ),
        (
            "day",
            numbers(&[
                "0000-01-01",
                "0001-01-01",
                "1582-10-10",
                "1969-12-31",
                "2000-02-29",
                "9999-12-31",
                "+010000-01-01",
                "1900-02-29",
            ]),
        ),
        (
            "at",
            numbers(&[
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999999Z",
                "1970-01-01T00:00:00Z",
                "1900-01-01T00:00:00+01:00",
                "9999-12-30T22:00:00.999999Z",
                "+010000-01-01T00:00:00Z",
                "2016-12-31T23:59:60Z",
            ]),
        ),
        (
            "text",
            numbers(&[
                "",
                " ",
                "a",
                "a ",
                "A",
                "ä",
                "a\u{308}",
                "\u{1f980}",
                "\u{10ffff}",
                "\u{ffff}",
                "\\'\"`%_;--",
                "\t\r\n",
            ]),
        ),
        (
            "float",
            vec![
                json!(0.0),
                json!(-0.0),
                json!(f64::MAX),
                json!(f64::MIN),
                json!(f64::MIN_POSITIVE),
                json!(5e-324),
                json!(-5e-324),
                json!(0.1),
                json!(1e300),
                json!(9_007_199_254_740_993_i64),
                json!(1.797_693_134_862_315_7e308),
            ],
        ),
    ]
}

/// What a client sees of each value: the answers to writing it, reading it, and finding it in every way.
async fn seen(store: Arc<dyn Store>) -> Vec<String> {
    let app = App::builder().models(models![Thing]).store("main", store);
    let client = Client::new(&app.build().await.unwrap());
    let mut seen = Vec::new();
    for (field, values) in values() {
        for (at, value) in values.iter().enumerate() {
            let path = format!("/things/{field}{at}");
            let written = client.put(&path, json!({ field: value })).go().await;
            assert!(matches!(written.status, 201 | 422), "{}", written.text());
            seen.push(format!(
                "{path} {value}: {} {}",
                written.status,
                written.text()
            ));
            let read = client.get(&path).go().await;
            // Some databases know one zero alone, which is equal to both.
            let text = read.text().replace("\"float\":-0.0", "\"float\":0.0");
            seen.push(format!("{path}: {} {text}", read.status));
        }
        for order in ["", "-"] {
            let list = format!("/things?{field}=ne=null&sort({order}{field})");
            let found = client.get(&list).go().await;
            seen.push(format!("{list}: {} {}", found.status, found.text()));
        }
        for value in &values {
            let value = match value {
                Value::String(text) => format!("string:{}", encoded(text)),
                other => other.to_string(),
            };
            for op in ["eq", "lt", "le", "gt", "ge"] {
                let list = format!("/things?{op}({field},{value})&sort({field})");
                let found = client.get(&list).go().await;
                assert!(found.status < 500, "{list}: {}", found.text());
                let shown = match found.status {
                    200 => format!("{:?}", found.each("id")),
                    _ => String::new(),
                };
                seen.push(format!("{list}: {} {shown}", found.status));
            }
        }
    }
    seen
}

/// Percent-encoded, every byte.
fn encoded(text: &str) -> String {
    let signs = text.bytes().map(|byte| format!("%{byte:02X}"));
    signs.collect()
}

#[tokio::test]
async fn every_store_answers_as_the_memory_does() {
    let expected = seen(Arc::new(MemoryStore::new())).await;
    let written = expected.iter().filter(|line| line.contains(": 201 "));
    assert!(written.count() > 40, "most can be written");
    let compare = async |name: &str, store: Arc<dyn Store>| {
        let found = seen(store).await;
        let differ = expected
            .iter()
            .zip(&found)
            .filter(|(one, other)| one != other);
        let differ: Vec<String> = differ
            .map(|(one, other)| format!("in memory {one}\nand there {other}"))
            .collect();
        assert!(differ.is_empty(), "{name}:\n{}", differ.join("\n"));
    };
    compare("SQLite", Backend::sqlite().await.store()).await;
    for server in servers::all(true).await {
        let name = server.store.capability().name;
        compare(name, server.store.clone()).await;
        server.end().await;
    }
}
