//! Groups of records: which belong together, in which order, and what is computed of them.

use larder_core::store::Aggregate::{Count, Max, Mean, Min, Sum};
use larder_query::{Bound, Filter, Flags, Op, Pattern, Test, Value};

use super::joins::made;
use super::{Scenario, rows};
use crate::bench::Bench;
use crate::things::{CODE, DAY, DOC, F, ID, N, NAME, OK, TAG, json, thing};

mod results;

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        by_one_field, null_is_a_group, by_several_fields, all_records_together, nothing_to_group, values_that_occur,
        by_documents, sorted_groups, paged_and_counted, of_a_filter, of_what_no_database_decides, of_linked_records, of_one_record,
    ];
    all.extend(results::rows());
    all
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
