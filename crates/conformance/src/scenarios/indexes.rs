//! Indexes and unique values: right after every change.

use larder_core::store::{Condition, Write};
use larder_core::{ErrorKind, Index};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, put, set};
use crate::harness::Need;
use crate::things::{AT, BIG, CODE, DAY, F, N, NAME, OK, RAW, TAG, UUID, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[]; follow_updates, follow_replaces, follow_deletes, follow_refused_batches, agree_with_a_scan];
    all.extend(rows![&[Need::Unique];
        a_taken_value_names_its_field, nulls_do_not_collide, a_value_is_free_again, values_swap_by_a_third, its_own_value_is_no_clash,
        empty_text_is_a_value, unique_together, texts_are_unique_sign_by_sign, long_texts_are_never_cut, every_kind_can_be_unique,
        a_required_value_is_unique, a_replace_gives_a_value_back,
    ]);
    all
}

fn eq(field: usize, value: impl Into<Value>) -> Filter {
    Filter::test(field, Op::Eq, value)
}

async fn follow_updates(bench: Bench<'_>) {
    bench
        .fill((0..10_i64).map(|n| thing(&format!("t{n}")).with(N, n).with(TAG, "x")))
        .await;
    for n in 0..10_i64 {
        bench.one(set(&format!("t{n}"), N, 9 - n)).await.unwrap();
    }
    assert_eq!(bench.ids(eq(N, 2)).await, ["t7"]);
    assert_eq!(
        bench.select().sort(N, false).limit(3).ids().await,
        ["t9", "t8", "t7"]
    );
    assert_eq!(
        bench
            .select()
            .filter(eq(TAG, "x"))
            .sort(N, true)
            .limit(2)
            .ids()
            .await,
        ["t0", "t1"]
    );
    bench.one(set("t5", N, Value::Null)).await.unwrap();
    assert_eq!(bench.ids(eq(N, Value::Null)).await, ["t5"]);
    assert_eq!(
        bench.select().filter(eq(N, 4)).total().page().await.total,
        Some(0)
    );
    assert_eq!(bench.select().sort(N, false).limit(1).ids().await, ["t5"]);
}

async fn follow_replaces(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1).with(TAG, "x"),
            thing("b").with(N, 1).with(TAG, "x"),
        ])
        .await;
    bench.one(put(thing("a").with(N, 2))).await.unwrap();
    assert_eq!(bench.ids(eq(N, 1)).await, ["b"]);
    assert_eq!(bench.ids(eq(N, 2)).await, ["a"]);
    assert_eq!(bench.ids(eq(TAG, "x")).await, ["b"]);
    assert_eq!(bench.ids(eq(TAG, Value::Null)).await, ["a"]);
}

async fn follow_deletes(bench: Bench<'_>) {
    bench
        .fill((0..100_i64).map(|n| thing(&format!("t{n:02}")).with(N, n % 5)))
        .await;
    bench
        .write(
            (0..100)
                .step_by(2)
                .map(|n| delete(&format!("t{n:02}"), Condition::default()))
                .collect(),
        )
        .await
        .unwrap();
    let page = bench
        .select()
        .filter(eq(N, 3))
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(
        (crate::bench::keys(&page), page.total),
        (vec!["t03".to_owned(), "t13".to_owned()], Some(10))
    );
    bench
        .fill(
            (0..100_i64)
                .step_by(4)
                .map(|n| thing(&format!("t{n:02}")).with(N, 3)),
        )
        .await;
    assert_eq!(bench.ids(eq(N, 3)).await.len(), 35);
    assert_eq!(
        bench.select().filter(eq(N, 3)).limit(3).ids().await,
        ["t00", "t03", "t04"]
    );
}

async fn follow_refused_batches(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(CODE, "1"), thing("b").with(N, 1)])
        .await;
    let writes = vec![
        set("b", N, 2),
        set("a", CODE, "2"),
        delete("b", Condition::default()),
        set("none", N, 1),
    ];
    bench.write(writes).await.unwrap();
    assert_eq!(bench.ids(eq(N, 1)).await, ["a", "b"]);
    assert_eq!(bench.ids(eq(CODE, "1")).await, ["a"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, [""; 0]);
    bench.fill([thing("c").with(CODE, "2")]).await;
}

async fn agree_with_a_scan(bench: Bench<'_>) {
    // `name` holds the same text as `tag` and has no index: each answer must be the same with and without one.
    let tags = ["a", "b", "ab", "", "b "];
    let text = |n: usize| tags.get(n % 7).map_or(Value::Null, |tag| Value::from(*tag));
    bench
        .fill((0..70_usize).map(|n| {
            thing(&format!("t{n:02}"))
                .with(TAG, text(n))
                .with(NAME, text(n))
        }))
        .await;
    let tests = |field: usize| {
        let ops = [
            Op::Eq,
            Op::Ne,
            Op::Lt,
            Op::Le,
            Op::Gt,
            Op::Ge,
            Op::StartsWith,
            Op::Contains,
        ];
        ops.into_iter()
            .flat_map(move |op| ["", "a", "b", "ab", "c"].map(|text| Filter::test(field, op, text)))
    };
    for (indexed, plain) in tests(TAG).zip(tests(NAME)) {
        for descending in [false, true] {
            let of = |filter: &Filter, field| {
                bench
                    .select()
                    .filter(filter.clone())
                    .sort(field, descending)
                    .skip(3)
                    .limit(20)
                    .total()
                    .page()
            };
            let (one, other) = (of(&indexed, TAG).await, of(&plain, NAME).await);
            assert_eq!(
                crate::bench::keys(&one),
                crate::bench::keys(&other),
                "{indexed} and {plain}"
            );
            assert_eq!(one.total, other.total, "{indexed} and {plain}");
        }
    }
}

async fn a_taken_value_names_its_field(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    duplicate(bench.one(insert(thing("c").with(CODE, "1"))).await, "code");
    duplicate(bench.one(put(thing("c").with(CODE, "2"))).await, "code");
    duplicate(bench.one(put(thing("b").with(CODE, "1"))).await, "code");
    duplicate(bench.one(set("b", CODE, "1")).await, "code");
    duplicate(bench.one(insert(thing("a").with(CODE, "9"))).await, "id");
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, ["b"]);
}

async fn nulls_do_not_collide(bench: Bench<'_>) {
    bench
        .fill([thing("a"), thing("b"), thing("c").with(CODE, "1")])
        .await;
    bench.one(set("c", CODE, Value::Null)).await.unwrap();
    assert_eq!(bench.ids(eq(CODE, Value::Null)).await, ["a", "b", "c"]);
}

async fn a_value_is_free_again(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "1")]).await;
    bench.one(set("a", CODE, "2")).await.unwrap();
    bench.fill([thing("b").with(CODE, "1")]).await;
    bench.one(delete("b", Condition::default())).await.unwrap();
    bench
        .write(vec![
            delete("a", Condition::default()),
            insert(thing("c").with(CODE, "2")),
            insert(thing("d").with(CODE, "1")),
        ])
        .await
        .unwrap();
    assert_eq!(
        bench
            .ids(Filter::one_of(CODE, vec!["1".into(), "2".into()]))
            .await,
        ["c", "d"]
    );
}

async fn values_swap_by_a_third(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    bench
        .write(vec![
            set("a", CODE, Value::Null),
            set("b", CODE, "1"),
            set("a", CODE, "2"),
        ])
        .await
        .unwrap();
    assert_eq!(
        (bench.value("a", CODE).await, bench.value("b", CODE).await),
        ("2".into(), "1".into())
    );
    bench.one(set("a", CODE, "3")).await.unwrap();
    bench.one(set("b", CODE, "2")).await.unwrap();
    bench.one(set("a", CODE, "1")).await.unwrap();
    assert_eq!(bench.ids(eq(CODE, "1")).await, ["a"]);
    assert_eq!(bench.ids(eq(CODE, "2")).await, ["b"]);
}

async fn its_own_value_is_no_clash(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "1")]).await;
    bench.one(set("a", CODE, "1")).await.unwrap();
    bench
        .one(put(thing("a").with(CODE, "1").with(N, 2)))
        .await
        .unwrap();
    assert_eq!(bench.value("a", N).await, Value::from(2));
}

async fn empty_text_is_a_value(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "")]).await;
    duplicate(bench.one(insert(thing("b").with(CODE, ""))).await, "code");
    bench
        .fill([
            thing("b").with(CODE, " "),
            thing("c").with(CODE, "A"),
            thing("d").with(CODE, "a"),
        ])
        .await;
}

async fn unique_together(mut bench: Bench<'_>) {
    let mut pair = layout();
    "pairs".clone_into(&mut pair.collection);
    pair.indexes = vec![Index {
        fields: vec![DAY, TAG],
        unique: true,
    }];
    bench.layout = std::sync::Arc::new(pair);
    bench.prepare(&bench.layout).await.unwrap();
    let day = Value::Date("2024-02-29".parse().unwrap());
    let of = |id: &str, tag: &str| insert(thing(id).with(DAY, day.clone()).with(TAG, tag));
    bench.write(vec![of("a", "x"), of("b", "y")]).await.unwrap();
    let error = bench
        .one(of("c", "x"))
        .await
        .expect_err("both values are taken");
    assert_eq!(error.kind(), larder_core::ErrorKind::Duplicate);
    bench
        .write(vec![
            insert(thing("d").with(TAG, "x")),
            insert(thing("e").with(TAG, "x")),
        ])
        .await
        .unwrap();
    let half = Write::Update {
        key: "a".into(),
        changes: vec![(DAY, Value::Null.into())],
        when: Condition::default(),
    };
    bench.one(half).await.unwrap();
    bench.one(of("c", "x")).await.unwrap();
    assert_eq!(bench.ids(eq(TAG, "x")).await, ["a", "c", "d", "e"]);
}

/// What the orders of texts of other programs take for one.
async fn texts_are_unique_sign_by_sign(bench: Bench<'_>) {
    let long = "l".repeat(200);
    let texts = [
        "e",
        "E",
        "é",
        "e\u{301}",
        "ß",
        "ss",
        "SS",
        "ſs",
        "a",
        "a ",
        " a",
        "A",
        "İ",
        "i",
        "ı",
        "%",
        "_",
        "\\",
        &format!("{long}1"),
        &format!("{long}2"),
        &long,
    ];
    let named = |id: &str, text: &str| thing(id).with(CODE, text);
    let ids: Vec<String> = (0..texts.len()).map(|n| format!("t{n:02}")).collect();
    bench
        .fill(ids.iter().zip(texts).map(|(id, text)| named(id, text)))
        .await;
    for (id, text) in ids.iter().zip(texts) {
        duplicate(bench.one(insert(named("other", text))).await, "code");
        assert_eq!(bench.ids(eq(CODE, text)).await, [id.as_str()], "{text}");
    }
}

/// Of texts too long for its index a store says so; it does not take two for one, nor keeps a part.
async fn long_texts_are_never_cut(bench: Bench<'_>) {
    let mut seed = 7_u32;
    let mut sign = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (seed >> 24) as u8 % 26)
    };
    for length in [256, 800, 3_000, 100_000] {
        let begin: String = (1..length).map(|_| sign()).collect();
        let [first, second] = ["1", "2"].map(|end| format!("{begin}{end}"));
        let of = |id: &str, code: &str| insert(thing(&format!("{length}{id}")).with(CODE, code));
        match bench.one(of("a", &first)).await {
            Ok(_) => {
                bench.one(of("b", &second)).await.unwrap();
                duplicate(bench.one(of("c", &first)).await, "code");
                assert_eq!(
                    bench.value(&format!("{length}b"), CODE).await,
                    second.into()
                );
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
                // PostgreSQL does not say of the longest ones which field it is, so the message names those that it may be.
                let named = error.fields()[0].field == "code";
                assert!(named || error.message().contains("`code`"), "{error:?}");
                assert_eq!(bench.get(&format!("{length}a")).await, None);
                let error = bench.one(of("b", &second)).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
            }
        }
    }
}

async fn every_kind_can_be_unique(mut bench: Bench<'_>) {
    let at = |text: &str| Value::Instant(text.parse().unwrap());
    let day = |text: &str| Value::Date(text.parse().unwrap());
    let uuid = |number: u128| Value::Uuid(uuid::Uuid::from_u128(number));
    let bytes = |bytes: &[u8]| Value::bytes(bytes);
    let kinds: [(usize, Value, Value, Value); 8] = [
        (N, i64::MAX.into(), (i64::MAX - 1).into(), i64::MIN.into()),
        (BIG, u64::MAX.into(), (u64::MAX - 1).into(), 0_u64.into()),
        (F, 0.0.into(), f64::MIN_POSITIVE.into(), 1e300.into()),
        (
            AT,
            at("2024-02-29T12:00:00.000001Z"),
            at("2024-02-29T12:00:00.000002Z"),
            at("1969-12-31T23:59:59.999999Z"),
        ),
        (DAY, day("2024-02-29"), day("2024-03-01"), day("0001-01-01")),
        (RAW, bytes(b""), bytes(b"\0"), bytes(b"\0\0")),
        (UUID, uuid(0), uuid(1), uuid(u128::MAX)),
        (OK, true.into(), false.into(), Value::Null),
    ];
    let mut ones = layout();
    "ones".clone_into(&mut ones.collection);
    let unique = |(field, ..): &(usize, Value, Value, Value)| Index {
        fields: vec![*field],
        unique: true,
    };
    ones.indexes = kinds.iter().map(unique).collect();
    bench.layout = std::sync::Arc::new(ones);
    bench.prepare(&bench.layout).await.unwrap();
    for (field, one, other, third) in kinds {
        let name = bench.layout.fields[field].name.to_string();
        let of =
            |id: &str, value: &Value| thing(&format!("{name}-{id}")).with(field, value.clone());
        bench
            .fill([
                of("one", &one),
                of("other", &other),
                of("third", &third),
                of("none", &Value::Null),
                of("nothing", &Value::Null),
            ])
            .await;
        for taken in [&one, &other, &third] {
            if !taken.is_null() {
                duplicate(bench.one(insert(of("taken", taken))).await, &name);
                let id = format!("{name}-none");
                duplicate(bench.one(set(&id, field, taken.clone())).await, &name);
            }
        }
    }
    // Both are 0.
    duplicate(bench.one(insert(thing("z").with(F, -0.0))).await, "f");
}

async fn a_required_value_is_unique(mut bench: Bench<'_>) {
    let mut required = layout();
    "codes".clone_into(&mut required.collection);
    required.fields[CODE].nullable = false;
    bench.layout = std::sync::Arc::new(required);
    bench.prepare(&bench.layout).await.unwrap();
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "")])
        .await;
    for taken in ["1", ""] {
        duplicate(
            bench.one(insert(thing("c").with(CODE, taken))).await,
            "code",
        );
        duplicate(bench.one(put(thing("c").with(CODE, taken))).await, "code");
    }
    bench.one(set("b", CODE, "2")).await.unwrap();
    bench.fill([thing("c").with(CODE, "")]).await;
    assert_eq!(
        bench.select().sort(CODE, false).ids().await,
        ["c", "a", "b"]
    );
}

async fn a_replace_gives_a_value_back(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    // Without a value both are, and do not collide.
    bench.one(put(thing("a"))).await.unwrap();
    bench.one(put(thing("b"))).await.unwrap();
    bench.one(put(thing("c").with(CODE, "1"))).await.unwrap();
    duplicate(bench.one(put(thing("a").with(CODE, "1"))).await, "code");
    duplicate(bench.one(set("b", CODE, "1")).await, "code");
    assert_eq!(bench.value("a", CODE).await, Value::Null);
    bench.one(put(thing("a").with(CODE, "2"))).await.unwrap();
    assert_eq!(bench.ids(eq(CODE, "2")).await, ["a"]);
}
