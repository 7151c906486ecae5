//! Groups of records and what is computed of them.

use larder_core::store::Aggregate::{self, Count, Max, Mean, Min, Sum};
use larder_query::{Bound, Filter, Flags, Op, Pattern, Test, Value};

use super::joins::made;
use super::{Scenario, rows};
use crate::bench::Bench;
use crate::things::{AT, BIG, CODE, DAY, DOC, F, ID, N, NAME, OK, RAW, TAG, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        by_one_field, null_is_a_group, by_several_fields, all_records_together, nothing_to_group, values_that_occur,
        nulls_count_for_nothing, sums_are_exact, sums_beyond_64_bits, sums_of_unsigned_numbers, means, sums_of_what_is_no_number,
        sums_beyond_all_floats, least_and_greatest_of_every_kind, numbers_in_documents, by_documents, sorted_groups, paged_and_counted, of_a_filter,
        of_what_no_database_decides, of_linked_records, of_one_record,
    ]
}

fn row(values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    values.into_iter().collect()
}

/// Twelve things: tags red, green and null; `n` from -1 to 4, some null.
async fn twelve(bench: &Bench<'_>) {
    let things = (0..12_i64).map(|i| {
        let tag = ["red", "green"]
            .get((i % 3) as usize)
            .map(|tag| Value::from(*tag));
        let n = (i % 4 != 3).then_some(i % 6 - 1);
        thing(&format!("t{i:02}"))
            .with(TAG, tag)
            .with(N, n)
            .with(F, n.map(|n| n as f64 / 2.0))
            .with(OK, i < 6)
    });
    bench.fill(things).await;
}

async fn by_one_field(bench: Bench<'_>) {
    twelve(&bench).await;
    let groups = bench
        .select()
        .group(&[TAG], &[Count, Sum(N), Min(N), Max(N), Mean(N)])
        .groups()
        .await;
    assert_eq!(
        groups,
        [
            row([
                Value::Null,
                4.into(),
                6.into(),
                1.into(),
                4.into(),
                2.0.into()
            ]),
            row([
                "green".into(),
                4.into(),
                6.into(),
                0.into(),
                3.into(),
                2.0.into()
            ]),
            row([
                "red".into(),
                4.into(),
                0.into(),
                (-1).into(),
                2.into(),
                0.0.into()
            ]),
        ],
        "in the order of the values they share"
    );
}

async fn null_is_a_group(bench: Bench<'_>) {
    bench
        .fill([thing("a"), thing("b").with(N, 0), thing("c")])
        .await;
    for field in [N, F, NAME, DOC, DAY] {
        let groups = bench.select().group(&[field], &[Count]).groups().await;
        let nulls = if field == N { 2 } else { 3 };
        assert_eq!(groups[0], [Value::Null, nulls.into()], "{field}");
    }
}

async fn by_several_fields(bench: Bench<'_>) {
    twelve(&bench).await;
    let groups = bench.select().group(&[OK, TAG], &[Count]).groups().await;
    assert_eq!(groups.len(), 6);
    assert_eq!(groups[0], [false.into(), Value::Null, 2.into()]);
    assert_eq!(groups[5], [true.into(), "red".into(), 2.into()]);
    let turned = bench.select().group(&[TAG, OK], &[Count]).groups().await;
    assert_eq!(turned[1], [Value::Null, true.into(), 2.into()]);
}

async fn all_records_together(bench: Bench<'_>) {
    twelve(&bench).await;
    let groups = bench
        .select()
        .group(&[], &[Sum(N), Count, Max(TAG)])
        .groups()
        .await;
    assert_eq!(groups, [[12.into(), 12.into(), Value::from("red")]]);
    let page = bench
        .select()
        .group(&[], &[Count])
        .limit(5)
        .total()
        .page()
        .await;
    assert_eq!((page.groups.len(), page.total), (1, Some(1)));
    let past = bench
        .select()
        .group(&[], &[Count])
        .skip(1)
        .limit(5)
        .total()
        .page()
        .await;
    assert_eq!((past.groups.len(), past.total), (0, Some(1)));
}

async fn nothing_to_group(bench: Bench<'_>) {
    let all = bench
        .select()
        .group(&[], &[Count, Sum(N), Mean(F), Min(NAME), Max(DOC)])
        .groups()
        .await;
    let nulls = [0.into(), Value::Null, Value::Null, Value::Null, Value::Null];
    assert_eq!(all, [nulls], "one group of no record");
    let page = bench
        .select()
        .group(&[TAG], &[Count])
        .limit(3)
        .total()
        .page()
        .await;
    assert_eq!(
        (page.groups.len(), page.total),
        (0, Some(0)),
        "no value, no group"
    );
    let never = bench
        .select()
        .filter(Filter::False)
        .group(&[], &[Count])
        .groups()
        .await;
    assert_eq!(never, [[Value::from(0)]]);
}

async fn values_that_occur(bench: Bench<'_>) {
    twelve(&bench).await;
    let tags = bench.select().group(&[TAG], &[]).groups().await;
    assert_eq!(tags, [[Value::Null], ["green".into()], ["red".into()]]);
    let page = bench
        .select()
        .group(&[N], &[])
        .sort(0, true)
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(page.groups, [[Value::from(4)], [3.into()]]);
    assert_eq!(page.total, Some(7));
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

async fn by_documents(bench: Bench<'_>) {
    let documents = [
        "1",
        "1.0",
        "\"1\"",
        r#"{"a": 1, "b": 2}"#,
        r#"{"b": 2, "a": 1.0}"#,
        "[1]",
        "18446744073709551615",
        "18446744073709551614",
    ];
    let things = documents
        .iter()
        .enumerate()
        .map(|(at, text)| thing(&format!("t{at}")).with(DOC, json(text)));
    bench.fill(things).await;
    let groups = bench.select().group(&[DOC], &[Count]).groups().await;
    let counts: Vec<i64> = groups
        .iter()
        .filter_map(|group| group[1].as_i64())
        .collect();
    assert_eq!(counts, [2, 1, 1, 1, 1, 2], "{groups:?}");
    assert!(
        groups[0][0].same(&1.into()) && groups[4][0].same(&json("[1]")),
        "{groups:?}"
    );
    let down = bench
        .select()
        .group(&[DOC], &[Max(DOC)])
        .sort(1, true)
        .limit(1)
        .groups()
        .await;
    assert!(down[0][0].same(&json(r#"{"a": 1, "b": 2}"#)), "{down:?}");
}

async fn sorted_groups(bench: Bench<'_>) {
    twelve(&bench).await;
    let tags = async |ask: crate::bench::Ask<'_>| -> Vec<Value> {
        ask.groups()
            .await
            .into_iter()
            .map(|group| group[0].clone())
            .collect()
    };
    let ask = || {
        bench
            .select()
            .group(&[TAG], &[Count, Sum(N), Max(F), Mean(N)])
    };
    let (null, green, red) = (Value::Null, Value::from("green"), Value::from("red"));
    assert_eq!(
        tags(ask().sort(0, true)).await,
        [red.clone(), green.clone(), null.clone()]
    );
    assert_eq!(
        tags(ask().sort(1, true)).await,
        [null.clone(), green.clone(), red.clone()],
        "equal groups by their values"
    );
    assert_eq!(
        tags(ask().sort(2, false)).await,
        [red.clone(), null.clone(), green.clone()]
    );
    assert_eq!(
        tags(ask().sort(3, true)).await,
        [null.clone(), green.clone(), red.clone()]
    );
    assert_eq!(
        tags(ask().sort(1, false).sort(4, false)).await,
        [red, null, green]
    );
}

async fn paged_and_counted(bench: Bench<'_>) {
    twelve(&bench).await;
    // By the count the database may page, by the sum it may not.
    for by in [1, 2] {
        let ask = || bench.select().group(&[N], &[Count, Sum(F)]).sort(by, true);
        let all = ask().groups().await;
        assert_eq!(all.len(), 7);
        for (skip, limit) in [(0, 3), (2, 4), (6, 5), (7, 2), (90, 1)] {
            let page = ask().skip(skip).limit(limit).total().page().await;
            let wanted: Vec<Vec<Value>> = all
                .iter()
                .skip(skip as usize)
                .take(limit as usize)
                .cloned()
                .collect();
            assert_eq!(page.groups, wanted, "{by} {skip} {limit}");
            assert_eq!(page.total, Some(7), "{by} {skip} {limit}");
            assert!(page.rows.is_empty());
        }
        let count = ask().limit(0).total().page().await;
        assert_eq!((count.groups.len(), count.total), (0, Some(7)));
        assert_eq!(ask().skip(5).groups().await, all[5..]);
        assert_eq!(ask().total().page().await.total, Some(7));
    }
}

async fn of_a_filter(bench: Bench<'_>) {
    twelve(&bench).await;
    let groups = bench
        .select()
        .filter(Filter::test(N, Op::Gt, 1))
        .group(&[TAG], &[Count, Sum(N)])
        .groups()
        .await;
    assert_eq!(
        groups,
        [
            [Value::Null, 1.into(), 4.into()].to_vec(),
            ["green".into(), 2.into(), 6.into()].to_vec(),
            ["red".into(), 1.into(), 2.into()].to_vec()
        ]
    );
}

async fn of_what_no_database_decides(bench: Bench<'_>) {
    twelve(&bench).await;
    let odd = Filter::Test(Test {
        field: ID,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new("[02468]$", Flags::default()).unwrap()),
    });
    let page = bench
        .select()
        .filter(odd)
        .group(&[TAG], &[Count, Max(N)])
        .sort(1, false)
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(page.total, Some(3));
    assert_eq!(
        page.groups,
        [
            [Value::Null, 2.into(), 1.into()],
            ["green".into(), 2.into(), 3.into()]
        ]
    );
}

async fn of_linked_records(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let city = CODE + 3;
    let ask = |readable| {
        bench
            .select()
            .join(TAG, &makers, readable)
            .group(&[city], &[Count, Sum(N), Max(CODE + 2)])
    };
    assert_eq!(
        ask(Filter::True).groups().await,
        [
            [Value::Null, 2.into(), 3.into(), Value::Null],
            ["Bonn".into(), 1.into(), 3.into(), "ann".into()],
            ["Oslo".into(), 2.into(), 3.into(), "Ann".into()],
            ["Rome".into(), 2.into(), 3.into(), "Zed".into()],
        ]
    );
    let roman =
        ask(Filter::test(2, Op::Eq, "Rome")).filter(Filter::test(city, Op::Ne, Value::Null));
    assert_eq!(
        roman.groups().await.len(),
        1,
        "what may not be read is in no group"
    );
    let rule = Filter::Test(Test {
        field: 2,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new("^R", Flags::default()).unwrap()),
    });
    let hidden = ask(Filter::and([rule, Filter::test(1, Op::Ne, Value::Null)]))
        .groups()
        .await;
    assert_eq!(
        hidden,
        [
            [Value::Null, 6.into(), 11.into(), Value::Null],
            ["Rome".into(), 1.into(), 1.into(), "Zed".into()]
        ]
    );
}

async fn of_one_record(bench: Bench<'_>) {
    twelve(&bench).await;
    let groups = bench
        .select()
        .key("t04")
        .group(&[TAG], &[Count, Sum(N)])
        .groups()
        .await;
    assert_eq!(groups, [["green".into(), 1.into(), Value::from(3)]]);
    let gone = bench
        .select()
        .key("t99")
        .group(&[], &[Count])
        .groups()
        .await;
    assert_eq!(gone, [[Value::from(0)]]);
}
