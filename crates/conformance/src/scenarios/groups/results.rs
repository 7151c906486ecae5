//! What is computed of a group: sums, means, the least and the greatest.

use larder_core::store::Aggregate::{self, Count, Max, Mean, Min, Sum};
use larder_query::{Filter, Op, Value};

use super::row;
use crate::bench::Bench;
use crate::scenarios::{Scenario, rows};
use crate::things::{AT, BIG, DAY, DOC, F, ID, N, NAME, OK, RAW, TAG, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        nulls_count_for_nothing, sums_are_exact, sums_beyond_64_bits, sums_of_unsigned_numbers, means, sums_of_what_is_no_number,
        sums_beyond_all_floats, least_and_greatest_of_every_kind, numbers_in_documents,
    ]
}

async fn nulls_count_for_nothing(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(TAG, "x"),
            thing("b").with(TAG, "x"),
            thing("c").with(TAG, "y").with(N, 4).with(F, 4.0),
            thing("d").with(TAG, "y"),
        ])
        .await;
    for field in [N, F] {
        let groups = bench
            .select()
            .group(
                &[TAG],
                &[Count, Sum(field), Mean(field), Min(field), Max(field)],
            )
            .groups()
            .await;
        assert_eq!(
            groups[0],
            [
                "x".into(),
                2.into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null
            ]
        );
        assert!(
            groups[1].iter().skip(2).all(|value| value.same(&4.into())),
            "{groups:?}"
        );
        assert_eq!(groups[1][1], Value::from(2), "but the record counts");
    }
}

async fn computed(bench: &Bench<'_>, results: &[Aggregate]) -> Vec<Value> {
    let mut groups = bench.select().group(&[], results).groups().await;
    assert_eq!(groups.len(), 1);
    groups.remove(0)
}

async fn sums_are_exact(bench: Bench<'_>) {
    let large = 1_i64 << 53;
    bench
        .fill([
            thing("a").with(N, large).with(F, 0.5),
            thing("b").with(N, 1).with(F, -0.25),
            thing("c").with(N, large).with(F, 2.0),
        ])
        .await;
    assert_eq!(
        computed(&bench, &[Sum(N), Sum(F)]).await,
        [(2 * large + 1).into(), Value::F64(2.25)]
    );
}

async fn sums_beyond_64_bits(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, i64::MAX),
            thing("b").with(N, i64::MAX),
            thing("c").with(N, -2),
        ])
        .await;
    assert_eq!(
        computed(&bench, &[Sum(N)]).await,
        [Value::from((i64::MAX as u64) * 2 - 2)],
        "up to 64 bits exactly"
    );
    bench
        .fill([thing("d").with(N, i64::MAX), thing("e").with(N, 1)])
        .await;
    assert_eq!(
        computed(&bench, &[Sum(N)]).await,
        [Value::F64(1.5 * 2.0_f64.powi(64))],
        "beyond them as a float"
    );
    let lows = Filter::test(N, Op::Lt, 0);
    bench
        .fill([thing("f").with(N, i64::MIN), thing("g").with(N, i64::MIN)])
        .await;
    let sum = bench
        .select()
        .filter(lows)
        .group(&[], &[Sum(N), Mean(N)])
        .groups()
        .await;
    assert_eq!(sum[0][0], Value::F64(-18_446_744_073_709_552_000.0));
    assert_eq!(sum[0][1], Value::F64(-6_148_914_691_236_517_000.0));
}

async fn sums_beyond_all_floats(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(F, f64::MAX).with(TAG, "red"),
            thing("b").with(F, f64::MAX).with(TAG, "red"),
            thing("c").with(F, -1e300).with(TAG, "green"),
            thing("d").with(F, -0.5).with(TAG, "green"),
            thing("e").with(F, 5e-324).with(TAG, "blue"),
            thing("f").with(TAG, "blue"),
        ])
        .await;
    let groups = bench.select().group(&[TAG], &[Sum(F), Mean(F)]).groups();
    let mut groups = groups.await;
    groups.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let least = Value::F64(5e-324);
    assert_eq!(
        groups,
        [
            row(["blue".into(), least.clone(), least]),
            row(["green".into(), Value::F64(-1e300), Value::F64(-5e299)]),
            row(["red".into(), Value::Null, Value::Null]),
        ]
    );
}

async fn sums_of_unsigned_numbers(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(BIG, u64::MAX - 7),
            thing("b").with(BIG, 3_u64),
            thing("c").with(BIG, 4_u64),
            thing("d"),
        ])
        .await;
    let results = computed(&bench, &[Sum(BIG), Min(BIG), Max(BIG), Mean(BIG)]).await;
    assert_eq!(
        results[..3],
        [Value::from(u64::MAX), 3.into(), (u64::MAX - 7).into()]
    );
    assert!(results[3].same(&Value::F64(u64::MAX as f64 / 3.0)));
}

async fn means(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1).with(F, 1.0),
            thing("b").with(N, 2).with(F, 1.5),
            thing("c"),
        ])
        .await;
    assert_eq!(
        computed(&bench, &[Mean(N), Mean(F)]).await,
        [Value::F64(1.5), Value::F64(1.25)]
    );
}

async fn sums_of_what_is_no_number(bench: Bench<'_>) {
    let day = Value::Date("2024-01-01".parse().unwrap());
    let at = Value::Instant("2024-01-01T00:00:00Z".parse().unwrap());
    bench
        .fill([thing("1")
            .with(NAME, "7")
            .with(OK, true)
            .with(AT, at)
            .with(DAY, day)
            .with(RAW, Value::bytes([1_u8]))])
        .await;
    for field in [ID, NAME, OK, AT, DAY, RAW] {
        assert_eq!(
            computed(&bench, &[Sum(field), Mean(field), Count]).await,
            [Value::Null, Value::Null, 1.into()],
            "{field}"
        );
    }
}

async fn least_and_greatest_of_every_kind(bench: Bench<'_>) {
    let kinds: [(usize, [Value; 3]); 8] = [
        (NAME, ["", "Z", "é"].map(Value::from)),
        (
            BIG,
            [0_u64.into(), (i64::MAX as u64).into(), u64::MAX.into()],
        ),
        (F, [Value::F64(-1.5), Value::F64(0.0), Value::F64(1e9)]),
        (OK, [false.into(), true.into(), true.into()]),
        (
            AT,
            [
                "1960-01-01T00:00:00Z",
                "2024-01-01T00:00:00.000001Z",
                "2024-01-02T00:00:00Z",
            ]
            .map(|at| Value::Instant(at.parse().unwrap())),
        ),
        (
            DAY,
            ["2023-12-31", "2024-01-01", "2024-02-29"].map(|day| Value::Date(day.parse().unwrap())),
        ),
        (
            RAW,
            [
                Value::bytes([]),
                Value::bytes([0_u8]),
                Value::bytes([0_u8, 255]),
            ],
        ),
        (
            UUID,
            [1_u128, 2, u128::MAX].map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
        ),
    ];
    let mut things = [thing("a"), thing("b"), thing("c"), thing("d")];
    for (field, values) in &kinds {
        things = std::array::from_fn(|i| match values.get(i) {
            Some(value) => things[i].clone().with(*field, value.clone()),
            None => things[i].clone(),
        });
    }
    bench.fill(things).await;
    for (field, [least, _, most]) in kinds {
        assert_eq!(
            computed(&bench, &[Min(field), Max(field)]).await,
            [least, most],
            "{field}"
        );
    }
}

async fn numbers_in_documents(bench: Bench<'_>) {
    let documents = ["1", "2.5", "\"3\"", "[4]", "true", "{}"];
    let things = documents
        .iter()
        .enumerate()
        .map(|(at, text)| thing(&format!("t{at}")).with(DOC, json(text)));
    bench.fill(things.chain([thing("null")])).await;
    let results = computed(&bench, &[Sum(DOC), Mean(DOC), Min(DOC), Max(DOC), Count]).await;
    assert_eq!(
        results,
        [3.5.into(), 1.75.into(), true.into(), json("{}"), 7.into()],
        "in the order of sorting"
    );
}
