//! Going on behind a place in an order.

use larder_core::store::Aggregate;
use larder_core::{ErrorKind, Row};
use larder_query::{Bound, Filter, Flags, Op, Pattern, Test, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, keys};
use crate::things::{AT, BIG, DAY, DOC, F, ID, N, NAME, OK, RAW, TAG, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        pages_by_places_are_complete, in_the_order_of_keys, nulls_on_the_way, a_place_that_is_gone, ties_across_pages,
        the_total_counts_what_was_before, with_filters, every_kind_is_a_place, the_key_among_the_sort_keys, a_field_named_twice,
        a_place_out_of_the_filter, a_single_record_that_has_moved, skip_behind_a_place, a_place_of_another_order_is_refused,
    ]
}

/// 60 things: `n` is 0 to 6 or null, `tag` one of three or null, `f` another number, some nulls in each.
async fn sixty(bench: &Bench<'_>) {
    let or_null = |null: bool, value: Value| if null { Value::Null } else { value };
    let things = (0..60_i64).map(|i| {
        let mixed = i * 37 % 60;
        thing(&format!("t{mixed:02}"))
            .with(N, or_null(mixed % 9 == 0, (mixed % 7).into()))
            .with(
                TAG,
                or_null(
                    mixed % 5 == 0,
                    ["red", "green", "blue"][(mixed % 3) as usize].into(),
                ),
            )
            .with(
                F,
                or_null(mixed % 11 == 0, Value::F64((mixed % 4) as f64 / 2.0)),
            )
            .with(
                DOC,
                or_null(
                    mixed % 4 == 0,
                    json(if mixed % 2 == 0 { "[1]" } else { "\"x\"" }),
                ),
            )
    });
    bench.fill(things).await;
}

type Sort<'s> = &'s [(usize, bool)];

const SORTS: [Sort<'static>; 14] = [
    &[],
    &[(ID, true)],
    &[(N, false)],
    &[(N, true)],
    &[(F, false)],
    &[(F, true)],
    &[(DOC, false)],
    &[(DOC, true)],
    &[(TAG, false), (N, false)],
    &[(TAG, true), (N, true)],
    &[(TAG, true), (N, false)],
    &[(TAG, false), (N, true), (ID, true)],
    &[(N, false), (F, true)],
    &[(F, false), (TAG, true)],
];

/// Walks all pages by the place of the last record of each.
async fn walked(bench: &Bench<'_>, sort: Sort<'_>, filter: &Filter, size: u64) -> Vec<String> {
    let mut seen = Vec::new();
    let mut behind: Option<Row> = None;
    loop {
        let mut ask = bench.select().filter(filter.clone()).limit(size);
        for (field, descending) in sort {
            ask = ask.sort(*field, *descending);
        }
        if let Some(last) = behind.take() {
            ask = ask.behind(&last);
        }
        let page = ask.page().await;
        let Some(last) = page.rows.last() else {
            return seen;
        };
        behind = Some(last.clone());
        seen.extend(keys(&page));
        assert!(seen.len() <= 60, "{sort:?}: a record came again");
    }
}

async fn whole(bench: &Bench<'_>, sort: Sort<'_>, filter: &Filter) -> Vec<String> {
    let mut ask = bench.select().filter(filter.clone());
    for (field, descending) in sort {
        ask = ask.sort(*field, *descending);
    }
    ask.ids().await
}

async fn pages_by_places_are_complete(bench: Bench<'_>) {
    sixty(&bench).await;
    for sort in SORTS {
        let all = whole(&bench, sort, &Filter::True).await;
        assert_eq!(all.len(), 60);
        for size in [1, 7, 60] {
            assert_eq!(
                walked(&bench, sort, &Filter::True, size).await,
                all,
                "{sort:?} by {size}"
            );
        }
    }
}

async fn in_the_order_of_keys(bench: Bench<'_>) {
    bench.fill(["b", "a", "c", "", "é"].map(thing)).await;
    let after = |key: &'static str| bench.select().after([key.into()]).ids();
    assert_eq!(after("").await, ["a", "b", "c", "é"]);
    assert_eq!(after("b").await, ["c", "é"]);
    assert_eq!(after("bb").await, ["c", "é"]);
    assert_eq!(after("é").await, [""; 0]);
    let down = bench
        .select()
        .sort(ID, true)
        .after(["b".into()])
        .ids()
        .await;
    assert_eq!(down, ["a", ""]);
}

async fn nulls_on_the_way(bench: Bench<'_>) {
    let of = |id: &str, n: Option<i64>| thing(id).with(N, n).with(F, n.map(|n| n as f64));
    bench
        .fill([
            of("a", None),
            of("b", Some(1)),
            of("c", None),
            of("d", Some(-1)),
            of("e", Some(1)),
        ])
        .await;
    for field in [N, F] {
        let after = |descending, value: Value, key: &'static str| {
            bench
                .select()
                .sort(field, descending)
                .after([value, key.into()])
                .ids()
        };
        assert_eq!(after(false, Value::Null, "a").await, ["c", "d", "b", "e"]);
        assert_eq!(after(false, Value::Null, "c").await, ["d", "b", "e"]);
        assert_eq!(after(false, (-1).into(), "d").await, ["b", "e"]);
        assert_eq!(after(false, 1.into(), "e").await, [""; 0]);
        assert_eq!(after(true, 1.into(), "b").await, ["e", "d", "a", "c"]);
        assert_eq!(
            after(true, (-1).into(), "d").await,
            ["a", "c"],
            "nulls come last descending"
        );
        assert_eq!(after(true, Value::Null, "a").await, ["c"]);
        assert_eq!(after(true, Value::Null, "c").await, [""; 0]);
    }
}

async fn a_place_that_is_gone(bench: Bench<'_>) {
    sixty(&bench).await;
    for sort in SORTS {
        let all = whole(&bench, sort, &Filter::True).await;
        let half = Filter::test(N, Op::Ne, 3);
        let kept = whole(&bench, sort, &half).await;
        // Behind a record that the filter does not let pass come those that come behind it without the filter.
        for at in [5, 30, 55] {
            let last = bench.get(&all[at]).await.unwrap();
            let mut ask = bench.select().filter(half.clone());
            for (field, descending) in sort {
                ask = ask.sort(*field, *descending);
            }
            ask = ask.behind(&last);
            let wanted: Vec<String> = all[at + 1..]
                .iter()
                .filter(|id| kept.contains(id))
                .cloned()
                .collect();
            assert_eq!(ask.ids().await, wanted, "{sort:?} behind {at}");
        }
    }
}

async fn ties_across_pages(bench: Bench<'_>) {
    bench
        .fill((0..20_i64).map(|i| thing(&format!("t{i:02}")).with(N, i / 10).with(F, 1.0)))
        .await;
    for sort in [
        &[(N, false)][..],
        &[(N, true)],
        &[(F, true)],
        &[(F, false), (N, true)],
    ] {
        let all = whole(&bench, sort, &Filter::True).await;
        assert_eq!(
            walked(&bench, sort, &Filter::True, 3).await,
            all,
            "{sort:?}"
        );
    }
}

async fn the_total_counts_what_was_before(bench: Bench<'_>) {
    sixty(&bench).await;
    for filter in [
        Filter::True,
        Filter::test(N, Op::Lt, 4),
        Filter::test(F, Op::Eq, 0.5),
        odd(),
    ] {
        let all = bench
            .select()
            .filter(filter.clone())
            .total()
            .page()
            .await
            .total;
        for (sort, value, key) in [
            (N, Value::from(3), "t31"),
            (F, Value::F64(0.5), "t31"),
            (N, 99.into(), "t99"),
        ] {
            let ask = || {
                bench
                    .select()
                    .filter(filter.clone())
                    .sort(sort, false)
                    .after([value.clone(), key.into()])
                    .total()
            };
            assert_eq!(ask().limit(2).page().await.total, all, "{filter}");
            assert_eq!(ask().page().await.total, all, "{filter}, without a limit");
            assert_eq!(ask().limit(0).page().await.total, all, "{filter}, alone");
        }
    }
}

/// What no database decides by itself.
fn odd() -> Filter {
    Filter::Test(Test {
        field: TAG,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new("e{2}|^b", Flags::default()).unwrap()),
    })
}

async fn with_filters(bench: Bench<'_>) {
    sixty(&bench).await;
    let filters = [
        Filter::test(TAG, Op::Eq, "red"),
        Filter::one_of(TAG, vec!["blue".into(), "red".into(), Value::Null]),
        Filter::and([Filter::test(N, Op::Ge, 1), Filter::test(N, Op::Le, 4)]),
        Filter::test(F, Op::Gt, 0.0),
        Filter::test(TAG, Op::Eq, Value::Null),
        odd(),
        Filter::and([odd(), Filter::test(N, Op::Ne, 2)]),
        Filter::False,
    ];
    for filter in &filters {
        for sort in SORTS {
            let all = whole(&bench, sort, filter).await;
            assert_eq!(
                walked(&bench, sort, filter, 4).await,
                all,
                "{filter} {sort:?}"
            );
        }
    }
}

async fn every_kind_is_a_place(bench: Bench<'_>) {
    let instant = |text: &str| Value::Instant(text.parse().unwrap());
    let kinds: [(usize, [Value; 3]); 8] = [
        (NAME, ["", "é", "\u{10ffff}"].map(Value::from)),
        (BIG, [0_u64.into(), (1_u64 << 63).into(), u64::MAX.into()]),
        (F, [Value::F64(-1e300), Value::F64(0.1), Value::F64(1e300)]),
        (OK, [false.into(), true.into(), true.into()]),
        (
            AT,
            [
                instant("1969-01-01T00:00:00.000001Z"),
                instant("2024-01-01T00:00:00Z"),
                instant("2024-01-01T00:00:00.000001Z"),
            ],
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
                Value::bytes([255_u8]),
            ],
        ),
        (
            UUID,
            [1_u128, 2, u128::MAX].map(|n| Value::Uuid(uuid::Uuid::from_u128(n))),
        ),
    ];
    let mut things = [thing("a"), thing("b"), thing("c")];
    for (field, values) in &kinds {
        things = std::array::from_fn(|i| things[i].clone().with(*field, values[i].clone()));
    }
    bench.fill(things).await;
    for (field, [_, middle, _]) in kinds {
        let after = |descending| {
            bench
                .select()
                .sort(field, descending)
                .after([middle.clone(), "b".into()])
                .ids()
        };
        assert_eq!(after(false).await, ["c"], "{field}");
        let down: &[&str] = if field == OK { &["c", "a"] } else { &["a"] };
        assert_eq!(after(true).await, down, "{field}");
    }
}

async fn the_key_among_the_sort_keys(bench: Bench<'_>) {
    sixty(&bench).await;
    for sort in [
        &[(TAG, false), (ID, true)][..],
        &[(TAG, true), (ID, true), (N, false)],
        &[(ID, false), (N, true)],
        &[(N, true), (ID, false)],
    ] {
        let all = whole(&bench, sort, &Filter::True).await;
        assert_eq!(
            walked(&bench, sort, &Filter::True, 7).await,
            all,
            "{sort:?}"
        );
    }
}

async fn a_field_named_twice(bench: Bench<'_>) {
    sixty(&bench).await;
    let sort = &[(TAG, false), (N, true), (TAG, true)];
    let all = whole(&bench, sort, &Filter::True).await;
    assert_eq!(walked(&bench, sort, &Filter::True, 7).await, all);
}

/// The place of a cursor need not lie where the filter holds.
async fn a_place_out_of_the_filter(bench: Bench<'_>) {
    sixty(&bench).await;
    let green = || Filter::test(TAG, Op::Eq, "green");
    let all = whole(&bench, &[(TAG, false), (N, false)], &green()).await;
    let after = |tag: &'static str, descending| {
        let ask = bench
            .select()
            .filter(green())
            .sort(TAG, descending)
            .sort(N, false);
        ask.after([tag.into(), 3.into(), "t00".into()]).ids()
    };
    assert_eq!(after("blue", false).await, all, "all of it is behind");
    assert_eq!(after("red", false).await, [""; 0], "none of it is");
    assert_eq!(after("red", true).await, all);
    assert_eq!(after("blue", true).await, [""; 0]);
}

/// What the place was made of may have changed since.
async fn a_single_record_that_has_moved(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 3), thing("b")]).await;
    for (id, descending, value, found) in [
        ("a", false, Value::from(1), true),
        ("a", false, 3.into(), false),
        ("a", false, 5.into(), false),
        ("a", true, 5.into(), true),
        ("a", true, 1.into(), false),
        ("b", true, 1.into(), true),
        ("b", true, Value::Null, false),
        ("b", false, 1.into(), false),
    ] {
        let ask = || {
            let ask = bench.select().sort(N, descending);
            ask.after([value.clone(), id.into()])
        };
        let expected: &[&str] = if found { &[id] } else { &[] };
        let one = ask().filter(Filter::test(ID, Op::Eq, id));
        assert_eq!(one.ids().await, expected, "{id} behind {value:?}");
        assert_eq!(ask().key(id).ids().await, expected, "{id} behind {value:?}");
    }
}

async fn skip_behind_a_place(bench: Bench<'_>) {
    sixty(&bench).await;
    for sort in SORTS {
        let all = whole(&bench, sort, &Filter::True).await;
        let last = bench.get(&all[20]).await.unwrap();
        let mut ask = bench.select().skip(5).limit(4);
        for (field, descending) in sort {
            ask = ask.sort(*field, *descending);
        }
        ask = ask.behind(&last);
        assert_eq!(ask.ids().await, all[26..30], "{sort:?}");
    }
}

async fn a_place_of_another_order_is_refused(bench: Bench<'_>) {
    sixty(&bench).await;
    let refused = async |ask: crate::bench::Ask<'_>| ask.try_page().await.unwrap_err().kind();
    let ask = || bench.select().sort(N, false);
    assert_eq!(
        refused(ask().after(["t01".into()])).await,
        ErrorKind::BadRequest,
        "a value short"
    );
    assert_eq!(
        refused(ask().after([1.into(), 2.into(), "t01".into()])).await,
        ErrorKind::BadRequest,
        "one too many"
    );
    assert_eq!(
        refused(ask().after(["1".into(), "t01".into()])).await,
        ErrorKind::BadRequest,
        "another kind"
    );
    assert_eq!(
        refused(ask().after([1.into(), 7.into()])).await,
        ErrorKind::BadRequest,
        "no key"
    );
    let groups = bench
        .select()
        .group(&[N], &[Aggregate::Count])
        .after(["t01".into()]);
    assert_eq!(refused(groups).await, ErrorKind::Unsupported);
}
