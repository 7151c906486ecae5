//! What lies between a request's bytes and a record: reading and checking a body, and writing a record as JSON.
//!
//! `cargo bench -p larder-core --features unsealed --bench codec`

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use larder_core::{Compiled, Draft, FieldDef, ModelDef, Record, Version};
use larder_query::Value;
use serde_json::json;

/// An order as a shop would keep it: texts with limits, numbers, a list, a nested object, a time.
fn model() -> Compiled {
    let text = |max: u32| json!({"type": "string", "minLength": 1, "maxLength": max});
    let def = ModelDef::new("Order")
        .timestamps()
        .field(FieldDef::new("id", json!({"type": "string"})).id())
        .field(FieldDef::new("customer", text(40)))
        .field(FieldDef::new("note", json!({"type": ["string", "null"], "maxLength": 500})))
        .field(FieldDef::new("status", json!({"enum": ["open", "paid", "sent"]})))
        .field(FieldDef::new(
            "quantity",
            json!({"type": "integer", "minimum": 1, "maximum": 1000}),
        ))
        .field(FieldDef::new("price", json!({"type": "number", "minimum": 0})))
        .field(FieldDef::new("gift", json!({"type": "boolean"})))
        .field(FieldDef::new(
            "due",
            json!({"type": "string", "format": "date-time"}),
        ))
        .field(FieldDef::new(
            "tags",
            json!({"type": "array", "items": text(20), "maxItems": 10}),
        ))
        .field(FieldDef::new(
            "address",
            json!({
                "type": "object",
                "properties": {"street": text(80), "city": text(80), "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
                "required": ["street", "city"],
                "additionalProperties": false,
            }),
        ));
    Compiled::new(def).unwrap_or_else(|error| panic!("{error}"))
}

const GOOD: &str = r#"{"customer": "Ann Example", "note": "Ring twice.\nThen wait.", "status": "open", "quantity": 3,
    "price": 19.95, "gift": true, "due": "2026-03-01T12:00:00Z", "tags": ["fragile", "express", "b2c"],
    "address": {"street": "12 Long Street", "city": "Ghent", "zip": "90210"}}"#;

/// Six faults: each is looked for and worded.
const BAD: &str = r#"{"customer": "", "status": "gone", "quantity": 0, "price": "19.95", "gift": true, "colour": "red",
    "due": "2026-03-01T12:00:00Z", "tags": [], "address": {"street": "12 Long Street", "city": "Ghent", "zip": "9"}}"#;

fn read(model: &Compiled, body: &str) -> Draft {
    let draft = model.read_json(black_box(body).as_bytes());
    draft.unwrap_or_else(|error| panic!("{error}"))
}

fn record(model: &Compiled) -> Record {
    let draft = read(model, GOOD);
    let mut values: Vec<Value> = draft
        .values
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    values[0] = Value::from("01a20161-3bf8-73df-9520-549292834d21");
    for (field, value) in model.fields().iter().zip(&mut values) {
        if field.name().starts_with('_') {
            *value = Value::Instant(jiff::Timestamp::UNIX_EPOCH);
        }
    }
    Record::new(values, Version(0))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let model = model();
    assert_eq!(read(&model, GOOD).faults, []);
    assert_eq!(read(&model, BAD).faults.len(), 6);
    for (name, body) in [("read a body", GOOD), ("read a body with six faults", BAD)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("to a checked draft", |run| run.iter(|| read(&model, body)));
        // The same text without a model: what of it is parsing.
        group.bench_function("to a plain value", |run| {
            run.iter(|| serde_json::from_str::<Value>(black_box(body)));
        });
        group.finish();
    }
    let record = record(&model);
    let mut text = Vec::new();
    model.write_json(&record, &mut text);
    let mut group = criterion.benchmark_group("write a record");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("as JSON", |run| {
        run.iter(|| {
            text.clear();
            model.write_json(black_box(&record), &mut text);
            text.len()
        });
    });
    group.finish();
    criterion.final_summary();
}
