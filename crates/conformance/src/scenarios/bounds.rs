//! The bound on what is looked at one by one.

use larder_core::store::Aggregate::{Count, Sum};
use larder_core::{Error, ErrorKind};
use larder_query::{Bound, Filter, Flags, Inside, Op, Pattern, Test, Value};

use super::joins::made;
use super::{Scenario, rows};
use crate::bench::{Ask, Bench, keys};
use crate::things::{CODE, DOC, F, ID, N, NAME, TAG, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        what_an_index_decides_is_not_bounded, scans_are_bounded, an_index_that_narrows_enough, sorting_without_an_index,
        an_or_of_ranges, rough_totals, patterns_and_what_is_inside, groups_are_looked_at, behind_a_place, joins_are_bounded, a_bound_changes_no_answer,
        the_fields_are_named,
    ]
}

/// 100 things: `n` is 0 to 9 with an index, `f` the same without.
async fn hundred(bench: &Bench<'_>) {
    let things = (0..100_i64).map(|i| {
        thing(&format!("t{i:02}"))
            .with(N, i % 10)
            .with(F, (i % 10) as f64)
            .with(NAME, format!("name {i}"))
            .with(DOC, json(&format!("[{i}]")))
    });
    bench.fill(things).await;
}

/// That a read was refused because it would look at too much.
#[track_caller]
pub(super) fn is_bound(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::BadRequest, "{error:?}");
    assert!(
        error.fields().iter().all(|fault| fault.code == "scan"),
        "{error:?}"
    );
}

async fn refused(ask: Ask<'_>) -> Error {
    let shown = format!("{:?}", ask.select().filter);
    match ask.try_page().await {
        Ok(page) => panic!("{} records of {shown}", page.rows.len()),
        Err(error) => {
            is_bound(&error);
            error
        }
    }
}

async fn what_an_index_decides_is_not_bounded(bench: Bench<'_>) {
    hundred(&bench).await;
    let ask = || bench.select().look_at(0);
    assert_eq!(ask().page().await.rows.len(), 100);
    assert_eq!(
        ask().sort(N, true).limit(5).total().page().await.total,
        Some(100)
    );
    assert_eq!(
        ask()
            .filter(Filter::test(N, Op::Eq, 3))
            .total()
            .page()
            .await
            .total,
        Some(10)
    );
    assert_eq!(
        ask()
            .filter(Filter::test(N, Op::Ge, 8))
            .sort(N, false)
            .ids()
            .await
            .len(),
        20
    );
    assert_eq!(
        ask()
            .filter(Filter::one_of(N, vec![1.into(), 2.into()]))
            .sort(N, false)
            .ids()
            .await
            .len(),
        20
    );
    assert_eq!(
        ask()
            .filter(Filter::test(ID, Op::StartsWith, "t9"))
            .ids()
            .await
            .len(),
        10
    );
    assert_eq!(
        ask()
            .key("t42")
            .filter(Filter::test(F, Op::Eq, 2.0))
            .ids()
            .await,
        ["t42"]
    );
    assert_eq!(
        ask()
            .sort(N, true)
            .after([5.into(), "t05".into()])
            .limit(2)
            .ids()
            .await,
        ["t15", "t25"]
    );
    assert_eq!(
        ask()
            .filter(Filter::test(N, Op::Lt, 5))
            .limit(0)
            .total()
            .page()
            .await
            .total,
        Some(50)
    );
}

async fn scans_are_bounded(bench: Bench<'_>) {
    hundred(&bench).await;
    for filter in [
        Filter::test(F, Op::Eq, 3.0),
        Filter::test(NAME, Op::Contains, "7"),
        Filter::test(N, Op::Ne, 3),
        Filter::Not(Box::new(Filter::test(N, Op::Gt, 3))),
    ] {
        let ask = |bound| bench.select().filter(filter.clone()).look_at(bound).total();
        refused(ask(99).limit(5)).await;
        refused(ask(10)).await;
        refused(ask(99).limit(0)).await;
        let found = ask(100).page().await.total;
        assert_eq!(
            found,
            bench
                .select()
                .filter(filter.clone())
                .total()
                .page()
                .await
                .total
        );
    }
}

async fn an_index_that_narrows_enough(bench: Bench<'_>) {
    hundred(&bench).await;
    let filter = || {
        Filter::and([
            Filter::test(N, Op::Eq, 7),
            Filter::test(NAME, Op::EndsWith, "17"),
        ])
    };
    assert_eq!(
        bench
            .select()
            .filter(filter())
            .look_at(10)
            .total()
            .page()
            .await
            .total,
        Some(1)
    );
    refused(bench.select().filter(filter()).look_at(9).total()).await;
}

/// Several indexes lead to what an *or* asks for, and no more than that is looked at.
async fn an_or_of_ranges(bench: Bench<'_>) {
    hundred(&bench).await;
    let either = || {
        Filter::or([
            Filter::and([
                Filter::test(N, Op::Eq, 3),
                Filter::test(NAME, Op::Contains, "a"),
            ]),
            Filter::test(ID, Op::StartsWith, "t9"),
        ])
    };
    let ask = |bound| bench.select().filter(either()).look_at(bound).total();
    // Ten of each, and one is both.
    assert_eq!(ask(20).page().await.total, Some(19));
    refused(ask(18)).await;
    let open = || Filter::or([either(), Filter::test(F, Op::Eq, 5.0)]);
    refused(bench.select().filter(open()).look_at(99).total()).await;
}

/// Of a rough total it is known whether it is beyond what is wanted; that of all records need only be near.
async fn rough_totals(bench: Bench<'_>) {
    hundred(&bench).await;
    for filter in [
        Filter::test(N, Op::Eq, 3),
        Filter::test(F, Op::Eq, 3.0),
        odd(NAME),
    ] {
        for (most, limit) in [(10, 3), (50, 0), (50, 100)] {
            let ask = bench.select().filter(filter.clone()).limit(limit);
            assert_eq!(ask.roughly(most).page().await.total, Some(10), "{filter}");
        }
        for sort in [N, F] {
            let ask = bench.select().filter(filter.clone()).sort(sort, true);
            let page = ask.limit(2).roughly(4).page().await;
            assert!(page.total.is_some_and(|total| total > 4), "{filter}");
            assert_eq!(page.rows.len(), 2, "{filter}");
        }
    }
    let page = bench.select().limit(5).roughly(4).page().await;
    assert_eq!(page.rows.len(), 5);
    assert!(page.total.is_some());
}

async fn sorting_without_an_index(bench: Bench<'_>) {
    hundred(&bench).await;
    refused(bench.select().sort(F, false).limit(1).look_at(99)).await;
    assert_eq!(
        bench
            .select()
            .sort(F, true)
            .limit(1)
            .look_at(100)
            .ids()
            .await,
        ["t09"]
    );
    let few = || {
        bench
            .select()
            .filter(Filter::test(N, Op::Eq, 7))
            .sort(NAME, false)
    };
    assert_eq!(few().look_at(10).ids().await.len(), 10);
    refused(few().look_at(9)).await;
}

fn odd(field: usize) -> Filter {
    Filter::Test(Test {
        field,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new("7$", Flags::default()).unwrap()),
    })
}

async fn patterns_and_what_is_inside(bench: Bench<'_>) {
    hundred(&bench).await;
    let inside = Filter::Inside(Box::new(Inside {
        field: DOC,
        path: Box::new([]),
        each: true,
        filter: Filter::test(0, Op::Eq, 7),
    }));
    let size = Filter::test(DOC, Op::Size, 1);
    for (filter, found) in [(odd(NAME), 10), (inside, 1), (size, 100)] {
        refused(bench.select().filter(filter.clone()).look_at(99).total()).await;
        let page = bench
            .select()
            .filter(filter)
            .look_at(100)
            .limit(3)
            .total()
            .page()
            .await;
        assert_eq!(page.total, Some(found));
    }
}

async fn groups_are_looked_at(bench: Bench<'_>) {
    hundred(&bench).await;
    refused(bench.select().group(&[N], &[Count]).look_at(99)).await;
    assert_eq!(
        bench
            .select()
            .group(&[N], &[Count])
            .look_at(100)
            .groups()
            .await
            .len(),
        10
    );
    let some = || {
        bench
            .select()
            .filter(Filter::test(N, Op::Eq, 3))
            .group(&[], &[Sum(F)])
    };
    refused(some().look_at(9)).await;
    assert_eq!(some().look_at(10).groups().await, [[Value::F64(30.0)]]);
    refused(
        bench
            .select()
            .filter(odd(NAME))
            .group(&[], &[Count])
            .look_at(99),
    )
    .await;
}

async fn behind_a_place(bench: Bench<'_>) {
    hundred(&bench).await;
    refused(
        bench
            .select()
            .sort(F, false)
            .after([3.0.into(), "t03".into()])
            .limit(1)
            .look_at(99),
    )
    .await;
    let page = bench
        .select()
        .sort(F, false)
        .after([3.0.into(), "t03".into()])
        .limit(1)
        .look_at(100)
        .ids()
        .await;
    assert_eq!(page, ["t13"]);
}

async fn joins_are_bounded(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let title = CODE + 2;
    for (link, least) in [(TAG, 0), (NAME, 7)] {
        let ask = |bound| {
            bench
                .select()
                .join(link, &makers, Filter::True)
                .filter(Filter::test(title, Op::Eq, "Ann"))
                .look_at(bound)
        };
        assert_eq!(ask(7).ids().await, ["b", "c"]);
        if least == 0 {
            assert_eq!(ask(2).ids().await, ["b", "c"], "found from the other side");
        } else {
            refused(ask(least - 1)).await;
        }
        let sorted = bench
            .select()
            .join(link, &makers, Filter::True)
            .sort(title, false);
        refused(sorted.look_at(6)).await;
    }
}

async fn a_bound_changes_no_answer(bench: Bench<'_>) {
    hundred(&bench).await;
    for filter in [
        Filter::True,
        Filter::test(F, Op::Lt, 4.0),
        odd(NAME),
        Filter::and([odd(NAME), Filter::test(N, Op::Eq, 7)]),
    ] {
        for sort in [N, F] {
            let ask = || {
                bench
                    .select()
                    .filter(filter.clone())
                    .sort(sort, true)
                    .skip(2)
                    .limit(6)
                    .total()
            };
            let (free, bound) = (ask().page().await, ask().look_at(100).page().await);
            assert_eq!(
                (keys(&free), free.total),
                (keys(&bound), bound.total),
                "{filter} {sort}"
            );
        }
    }
}

async fn the_fields_are_named(bench: Bench<'_>) {
    hundred(&bench).await;
    let named = |error: Error| -> Vec<String> {
        error
            .fields()
            .iter()
            .map(|fault| fault.field.clone())
            .collect()
    };
    let both = Filter::and([
        Filter::test(N, Op::Eq, 1),
        Filter::test(NAME, Op::Contains, "7"),
        Filter::test(F, Op::Gt, 1.0),
    ]);
    let error = refused(bench.select().filter(both).look_at(3).total()).await;
    assert!(
        !error.message().contains("name"),
        "a rule's own fields may be server-only: {error:?}"
    );
    assert_eq!(named(error), ["f", "name"]);
    assert_eq!(
        named(refused(bench.select().sort(F, false).look_at(3)).await),
        ["f"]
    );
    assert_eq!(
        named(refused(bench.select().group(&[TAG], &[]).look_at(3)).await),
        ["tag"]
    );
}
