//! Values at the edges of their kinds come back as they were, and compare as they should.

use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, set};
use crate::things::{AT, BIG, DAY, DOC, F, N, NAME, OK, RAW, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        whole_numbers, unsigned_numbers, floats, the_sign_of_zero, instants, days, bytes, uuids, truth_values,
        empty_and_null, documents, numbers_in_documents, deep_documents, big_documents, long_keys, changed_to_and_fro,
    ]
}

/// Stores each value in a record of its own, and expects each back, found by itself and sorted. Give them in order.
async fn ladder(bench: &Bench<'_>, field: usize, values: &[Value]) {
    let id = |n: usize| format!("t{n:02}");
    // Backwards, so that the order of writing does not help.
    bench
        .fill(
            values
                .iter()
                .enumerate()
                .rev()
                .map(|(n, value)| thing(&id(n)).with(field, value.clone())),
        )
        .await;
    for (n, value) in values.iter().enumerate() {
        assert_eq!(bench.value(&id(n), field).await, *value);
        assert_eq!(
            bench.ids(Filter::test(field, Op::Eq, value.clone())).await,
            [id(n)],
            "{value:?}"
        );
        assert_eq!(
            bench
                .ids(Filter::test(field, Op::Lt, value.clone()))
                .await
                .len(),
            n,
            "less than {value:?}"
        );
        assert_eq!(
            bench
                .ids(Filter::test(field, Op::Ge, value.clone()))
                .await
                .len(),
            values.len() - n,
            "{value:?} and more"
        );
        assert_eq!(
            bench.ids(Filter::one_of(field, vec![value.clone()])).await,
            [id(n)],
            "in {value:?}"
        );
    }
    let ids: Vec<String> = (0..values.len()).map(id).collect();
    assert_eq!(bench.select().sort(field, false).ids().await, ids);
    let down: Vec<String> = ids.into_iter().rev().collect();
    assert_eq!(bench.select().sort(field, true).ids().await, down);
}

async fn whole_numbers(bench: Bench<'_>) {
    let numbers = [
        i64::MIN,
        i64::MIN + 1,
        -(1 << 53) - 1,
        -1,
        0,
        1,
        (1 << 53) - 1,
        1 << 53,
        (1 << 53) + 1,
        i64::MAX - 1,
        i64::MAX,
    ];
    ladder(&bench, N, &numbers.map(Value::from)).await;
    let beyond = |value: f64| Filter::test(N, Op::Ge, Value::F64(value));
    assert_eq!(
        bench.ids(beyond((1_u64 << 63) as f64)).await,
        [""; 0],
        "2^63 is beyond"
    );
    assert_eq!(
        bench.ids(beyond(9_007_199_254_740_992.0)).await.len(),
        4,
        "compared without rounding"
    );
    assert_eq!(
        bench.ids(Filter::test(N, Op::Lt, u64::MAX)).await.len(),
        numbers.len()
    );
}

async fn unsigned_numbers(bench: Bench<'_>) {
    let half = 1_u64 << 63;
    let numbers = [
        0,
        1,
        255,
        half - 2,
        half - 1,
        half,
        half + 1,
        u64::MAX - 1,
        u64::MAX,
    ];
    ladder(&bench, BIG, &numbers.map(Value::from)).await;
    let between = Filter::and([
        Filter::test(BIG, Op::Gt, half - 2),
        Filter::test(BIG, Op::Le, half),
    ]);
    assert_eq!(
        bench.ids(between).await,
        ["t04", "t05"],
        "across the end of signed numbers"
    );
    assert_eq!(
        bench.ids(Filter::test(BIG, Op::Gt, -1)).await.len(),
        numbers.len()
    );
}

async fn floats(bench: Bench<'_>) {
    let tiny = f64::from_bits(1);
    let numbers = [
        f64::MIN,
        -1e308,
        -1.5,
        -f64::MIN_POSITIVE,
        -tiny,
        0.0,
        tiny,
        f64::MIN_POSITIVE,
        0.1,
        0.1 + 0.2,
        1.0,
        1.0 + f64::EPSILON,
        9_007_199_254_740_992.0,
        1e16,
        1e21,
        1e22,
        1e308,
        f64::MAX,
    ];
    ladder(&bench, F, &numbers.map(Value::F64)).await;
    for (n, number) in numbers.into_iter().enumerate() {
        let Value::F64(back) = bench.value(&format!("t{n:02}"), F).await else {
            panic!("{number} is no float any more")
        };
        assert_eq!(
            back.to_bits(),
            number.to_bits(),
            "{number} came back as {back}"
        );
    }
}

async fn the_sign_of_zero(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(F, -0.0), thing("b").with(F, 0.0)])
        .await;
    assert_eq!(bench.ids(Filter::test(F, Op::Eq, 0)).await, ["a", "b"]);
    assert_eq!(bench.ids(Filter::test(F, Op::Eq, -0.0)).await, ["a", "b"]);
    assert_eq!(bench.ids(Filter::test(F, Op::Lt, 0.0)).await, [""; 0]);
    assert!(matches!(bench.value("a", F).await, Value::F64(zero) if zero.abs().to_bits() == 0));
}

async fn instants(bench: Bench<'_>) {
    let texts = [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "1883-11-18T12:03:58Z",
        "1969-12-31T23:59:58.999999Z",
        "1969-12-31T23:59:59Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00.000001Z",
        "2024-02-29T23:59:59.123456Z",
        "2024-02-29T23:59:59.12346Z",
        "9999-12-30T22:00:00.999999Z",
    ];
    ladder(
        &bench,
        AT,
        &texts.map(|text| Value::Instant(text.parse().unwrap())),
    )
    .await;
}

async fn days(bench: Bench<'_>) {
    let texts = [
        "0000-01-01",
        "0001-01-01",
        "1582-10-10",
        "1969-12-31",
        "1970-01-01",
        "2024-02-29",
        "9999-12-31",
    ];
    ladder(
        &bench,
        DAY,
        &texts.map(|text| Value::Date(text.parse().unwrap())),
    )
    .await;
}

async fn bytes(bench: Bench<'_>) {
    let all: Vec<u8> = (0..=255).collect();
    let values: [&[u8]; 7] = [b"", b"\0", b"\0\0", &all, b"'\"\\", b"\x80", b"\xff\xfe"];
    ladder(&bench, RAW, &values.map(Value::bytes)).await;
    bench
        .fill([thing("big").with(RAW, Value::bytes(all.repeat(4096)))])
        .await;
    assert_eq!(
        bench.value("big", RAW).await,
        Value::bytes(all.repeat(4096))
    );
}

async fn uuids(bench: Bench<'_>) {
    let numbers = [0, 1, 1 << 64, 1 << 127, (1 << 127) + 1, u128::MAX];
    ladder(
        &bench,
        UUID,
        &numbers.map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
    )
    .await;
}

async fn truth_values(bench: Bench<'_>) {
    ladder(&bench, OK, &[Value::Bool(false), Value::Bool(true)]).await;
}

async fn empty_and_null(bench: Bench<'_>) {
    let things = [
        thing("a"),
        thing("b")
            .with(NAME, "")
            .with(RAW, Value::bytes([]))
            .with(DOC, json("[]")),
        thing("c").with(NAME, "null").with(DOC, json("{}")),
        thing("d").with(NAME, "\u{1}").with(DOC, ""),
        thing("e").with(DOC, json("\"null\"")),
        thing("f").with(DOC, json("[null]")),
        thing("g").with(DOC, false).with(N, 0),
    ];
    bench.fill(things.clone()).await;
    let ids = bench.all().await;
    assert_eq!(ids.len(), things.len());
    for (id, thing) in ids.iter().zip(things) {
        assert_eq!(*bench.get(id).await.unwrap(), *thing.row());
    }
    let eq = |field, value: Value| Filter::test(field, Op::Eq, value);
    assert_eq!(bench.ids(eq(NAME, Value::Null)).await, ["a", "e", "f", "g"]);
    assert_eq!(bench.ids(eq(NAME, "".into())).await, ["b"]);
    assert_eq!(bench.ids(eq(RAW, Value::bytes([]))).await, ["b"]);
    assert_eq!(bench.ids(eq(DOC, Value::Null)).await, ["a"]);
    assert_eq!(bench.ids(eq(DOC, json("[]"))).await, ["b"]);
    assert_eq!(bench.ids(eq(DOC, json("{}"))).await, ["c"]);
    assert_eq!(bench.ids(eq(DOC, "".into())).await, ["d"]);
    assert_eq!(bench.ids(eq(DOC, "null".into())).await, ["e"]);
    assert_eq!(bench.ids(eq(DOC, json("[null]"))).await, ["f"]);
}

/// Documents come back by content; the order of names may be the store's own.
#[track_caller]
fn same(found: &Value, stored: &Value) {
    assert!(found.same(stored), "{stored:?} came back as {found:?}");
}

async fn documents(bench: Bench<'_>) {
    let texts = [
        r#"{"a": {"b": [1, {"c": null}]}, "": "empty name", "a.b": 1, "$x": 2, "ключ": "знач"}"#,
        r#"["\u0001", "\n", "\"", "\\", "/", "😀", "e\u0301"]"#,
        r#"[[], {}, [[]], [{}], {"a": []}]"#,
        r#"[true, false, null, "true", "1", "2024-01-01", "2024-01-01T00:00:00Z"]"#,
        "true",
        "\"text\"",
        "17",
        "-0.5",
    ];
    for (n, text) in texts.into_iter().enumerate() {
        let id = format!("t{n}");
        bench.fill([thing(&id).with(DOC, json(text))]).await;
        same(&bench.value(&id, DOC).await, &json(text));
    }
}

async fn numbers_in_documents(bench: Bench<'_>) {
    let numbers = [
        Value::I64(i64::MIN),
        Value::I64(i64::MAX),
        Value::U64(u64::MAX),
        Value::I64((1 << 53) + 1),
        Value::F64(0.1),
        Value::F64(1e308),
        Value::F64(f64::from_bits(1)),
        Value::F64(1.5),
        Value::I64(1),
    ];
    bench.fill([thing("a").with(DOC, numbers.to_vec())]).await;
    let Value::Array(back) = bench.value("a", DOC).await else {
        panic!("an array")
    };
    assert_eq!(
        &*back, &numbers,
        "whole numbers stay whole, floats keep every bit"
    );
}

async fn deep_documents(bench: Bench<'_>) {
    let mut value = Value::from("bottom");
    for level in 0..60 {
        value = if level % 2 == 0 {
            Value::from(vec![value])
        } else {
            Value::from([("k", value)].into_iter().collect::<larder_query::Object>())
        };
    }
    bench.fill([thing("a").with(DOC, value.clone())]).await;
    same(&bench.value("a", DOC).await, &value);
}

async fn big_documents(bench: Bench<'_>) {
    let value: Value = (0..20_000_i64)
        .map(|n| Value::from(vec![Value::from(n), Value::from(format!("entry {n}"))]))
        .collect();
    bench.fill([thing("a").with(DOC, value.clone())]).await;
    same(&bench.value("a", DOC).await, &value);
    bench.one(set("a", DOC, Value::Null)).await.unwrap();
    assert_eq!(bench.value("a", DOC).await, Value::Null);
}

async fn long_keys(bench: Bench<'_>) {
    let keys = [
        "k".repeat(larder_core::Key::MAX_LEN),
        "é".repeat(127),
        " ".to_owned(),
        "a/b?c#d%20&e=f".to_owned(),
        "null".to_owned(),
    ];
    bench.fill(keys.iter().map(|key| thing(key))).await;
    for key in &keys {
        assert!(bench.get(key).await.is_some(), "{key}");
    }
    assert!(bench.get(&keys[0][1..]).await.is_none());
    assert_eq!(bench.all().await.len(), keys.len());
}

async fn changed_to_and_fro(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let values = [
        (N, Value::from(i64::MIN)),
        (BIG, Value::from(u64::MAX)),
        (F, Value::F64(0.1)),
        (OK, Value::Bool(false)),
        (
            AT,
            Value::Instant("1969-12-31T23:59:59.999999Z".parse().unwrap()),
        ),
        (DAY, Value::Date("0001-01-01".parse().unwrap())),
        (RAW, Value::bytes([0_u8, 255])),
        (UUID, Value::Uuid(uuid::Uuid::max())),
        (DOC, json("[1, 2.5]")),
        (NAME, Value::from("")),
    ];
    for (field, value) in values {
        for value in [value.clone(), Value::Null, value] {
            bench.one(set("a", field, value.clone())).await.unwrap();
            assert_eq!(bench.value("a", field).await, value, "field {field}");
        }
    }
}
