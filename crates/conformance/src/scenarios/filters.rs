//! Filters: every operator, and what null means to it.

use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::Bench;
use crate::things::{AT, BIG, DAY, DOC, F, ID, N, NAME, OK, RAW, TAG, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        equal_and_not, order_operators, in_and_out, and_or_not, null_is_equal_to_null, null_has_no_order, null_in_lists,
        not_is_the_exact_complement, constants, ranges_meet, other_families_do_not_match, every_kind_compares, arrays_contain,
        documents_compare_by_content, filters_on_the_key,
    ]
}

fn test(field: usize, op: Op, value: impl Into<Value>) -> Filter {
    Filter::test(field, op, value)
}

/// `n` of a to d is 1, 2, 2, 3; e has none. `f` is the same, without an index.
async fn five(bench: &Bench<'_>) {
    let of = |id: &str, n: i64| thing(id).with(N, n).with(F, n as f64).with(OK, n == 2);
    bench
        .fill([of("a", 1), of("b", 2), of("c", 2), of("d", 3), thing("e")])
        .await;
}

async fn equal_and_not(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F] {
        assert_eq!(bench.ids(test(field, Op::Eq, 2)).await, ["b", "c"]);
        assert_eq!(bench.ids(test(field, Op::Eq, 9)).await, [""; 0]);
        assert_eq!(
            bench.ids(test(field, Op::Ne, 2)).await,
            ["a", "d", "e"],
            "`ne` is true of null"
        );
        assert_eq!(
            bench.ids(test(field, Op::Eq, Value::F64(2.0))).await,
            ["b", "c"],
            "numbers compare across types"
        );
        assert_eq!(
            bench.ids(test(field, Op::Eq, Value::F64(2.5))).await,
            [""; 0]
        );
    }
    assert_eq!(bench.ids(test(OK, Op::Eq, true)).await, ["b", "c"]);
    assert_eq!(bench.ids(test(OK, Op::Ne, true)).await, ["a", "d", "e"]);
}

async fn order_operators(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F] {
        assert_eq!(bench.ids(test(field, Op::Lt, 2)).await, ["a"]);
        assert_eq!(bench.ids(test(field, Op::Le, 2)).await, ["a", "b", "c"]);
        assert_eq!(bench.ids(test(field, Op::Gt, 2)).await, ["d"]);
        assert_eq!(bench.ids(test(field, Op::Ge, 2)).await, ["b", "c", "d"]);
        assert_eq!(
            bench.ids(test(field, Op::Gt, Value::F64(1.5))).await,
            ["b", "c", "d"],
            "a fraction between"
        );
        assert_eq!(
            bench.ids(test(field, Op::Le, Value::F64(2.5))).await,
            ["a", "b", "c"]
        );
    }
}

async fn in_and_out(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F] {
        let list = |op, values: Vec<Value>| {
            let one = Filter::one_of(field, values);
            if op == Op::In { one } else { Filter::not(one) }
        };
        assert_eq!(
            bench
                .ids(list(Op::In, vec![3.into(), 1.into(), 3.into(), 7.into()]))
                .await,
            ["a", "d"]
        );
        assert_eq!(
            bench.ids(list(Op::Out, vec![3.into(), 1.into()])).await,
            ["b", "c", "e"],
            "`out` is true of null"
        );
        assert_eq!(bench.ids(list(Op::In, vec![])).await, [""; 0]);
        assert_eq!(
            bench.ids(list(Op::Out, vec![])).await,
            ["a", "b", "c", "d", "e"]
        );
    }
}

async fn and_or_not(bench: Bench<'_>) {
    five(&bench).await;
    let small = || test(N, Op::Lt, 3);
    let marked = || test(OK, Op::Eq, true);
    assert_eq!(
        bench.ids(Filter::and([small(), marked()])).await,
        ["b", "c"]
    );
    assert_eq!(
        bench
            .ids(Filter::and([small(), Filter::not(marked())]))
            .await,
        ["a"]
    );
    assert_eq!(
        bench
            .ids(Filter::or([test(N, Op::Eq, 3), test(ID, Op::Eq, "b")]))
            .await,
        ["b", "d"]
    );
    let nested = Filter::or([
        Filter::and([small(), Filter::or([test(ID, Op::Eq, "a"), marked()])]),
        test(N, Op::Eq, Value::Null),
    ]);
    assert_eq!(bench.ids(nested.clone()).await, ["a", "b", "c", "e"]);
    assert_eq!(bench.ids(Filter::not(nested)).await, ["d"]);
}

async fn null_is_equal_to_null(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F, OK] {
        assert_eq!(bench.ids(test(field, Op::Eq, Value::Null)).await, ["e"]);
        assert_eq!(
            bench.ids(test(field, Op::Ne, Value::Null)).await,
            ["a", "b", "c", "d"]
        );
    }
    assert_eq!(
        bench.ids(test(NAME, Op::Eq, Value::Null)).await,
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(
        bench.ids(test(DOC, Op::Eq, Value::Null)).await,
        ["a", "b", "c", "d", "e"]
    );
}

async fn null_has_no_order(bench: Bench<'_>) {
    five(&bench).await;
    for op in [Op::Lt, Op::Le, Op::Gt, Op::Ge] {
        for field in [N, F] {
            assert_eq!(
                bench.ids(test(field, op, Value::Null)).await,
                [""; 0],
                "{op:?}"
            );
            let everything = if matches!(op, Op::Lt | Op::Le) {
                1_000
            } else {
                -1_000
            };
            assert_eq!(
                bench.ids(test(field, op, everything)).await,
                ["a", "b", "c", "d"],
                "{op:?} never matches null"
            );
        }
    }
    for op in [Op::Contains, Op::StartsWith, Op::EndsWith, Op::EqIgnoreCase] {
        assert_eq!(
            bench.ids(test(NAME, op, "")).await,
            [""; 0],
            "{op:?} never matches null"
        );
    }
}

async fn null_in_lists(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F] {
        let list = || Filter::one_of(field, vec![Value::Null, 3.into()]);
        assert_eq!(bench.ids(list()).await, ["d", "e"]);
        assert_eq!(bench.ids(Filter::not(list())).await, ["a", "b", "c"]);
    }
}

async fn not_is_the_exact_complement(bench: Bench<'_>) {
    five(&bench).await;
    for field in [N, F] {
        for op in [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge] {
            for value in [Value::from(2), Value::Null, Value::F64(1.5)] {
                let filter = test(field, op, value);
                let mut both = bench.ids(filter.clone()).await;
                both.extend(bench.ids(Filter::Not(Box::new(filter.clone()))).await);
                both.sort();
                assert_eq!(both, ["a", "b", "c", "d", "e"], "{filter}");
            }
        }
    }
    let contains = Filter::Not(Box::new(test(NAME, Op::Contains, "x")));
    assert_eq!(
        bench.ids(contains).await.len(),
        5,
        "what is not contained in null"
    );
}

async fn constants(bench: Bench<'_>) {
    five(&bench).await;
    assert_eq!(bench.ids(Filter::True).await.len(), 5);
    assert_eq!(bench.ids(Filter::False).await.len(), 0);
    assert_eq!(
        bench.ids(Filter::Not(Box::new(Filter::False))).await.len(),
        5
    );
    assert_eq!(
        bench.ids(Filter::And(vec![])).await.len(),
        5,
        "an empty `and` holds"
    );
    assert_eq!(
        bench.ids(Filter::Or(vec![])).await.len(),
        0,
        "an empty `or` does not"
    );
    assert_eq!(
        bench
            .ids(Filter::And(vec![Filter::True, Filter::False]))
            .await
            .len(),
        0
    );
    assert_eq!(
        bench
            .ids(Filter::Or(vec![Filter::False, test(N, Op::Eq, 1)]))
            .await,
        ["a"]
    );
}

async fn ranges_meet(bench: Bench<'_>) {
    bench
        .fill((0..20_i64).map(|n| {
            thing(&format!("t{n:02}"))
                .with(N, n)
                .with(TAG, if n % 2 == 0 { "even" } else { "odd" })
        }))
        .await;
    let between = |low: i64, high: i64| Filter::and([test(N, Op::Ge, low), test(N, Op::Le, high)]);
    assert_eq!(
        bench.ids(between(5, 7)).await,
        ["t05", "t06", "t07"],
        "closed at both ends"
    );
    assert_eq!(bench.ids(between(7, 5)).await, [""; 0]);
    let even = Filter::and([test(TAG, Op::Eq, "even"), between(5, 9)]);
    let page = bench
        .select()
        .filter(even)
        .sort(N, true)
        .limit(1)
        .total()
        .page()
        .await;
    assert_eq!(
        (crate::bench::keys(&page), page.total),
        (vec!["t08".to_owned()], Some(2))
    );
    let holes = Filter::and([between(0, 19), Filter::not(between(1, 18))]);
    assert_eq!(bench.ids(holes).await, ["t00", "t19"]);
}

async fn other_families_do_not_match(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(NAME, "1").with(OK, true)])
        .await;
    for op in [Op::Eq, Op::Lt, Op::Le, Op::Gt, Op::Ge] {
        assert_eq!(
            bench.ids(test(N, op, "1")).await,
            [""; 0],
            "{op:?}: a number and text"
        );
        assert_eq!(
            bench.ids(test(NAME, op, 1)).await,
            [""; 0],
            "{op:?}: text and a number"
        );
        assert_eq!(
            bench.ids(test(OK, op, 1)).await,
            [""; 0],
            "{op:?}: a truth value and a number"
        );
        assert_eq!(
            bench.ids(test(N, op, true)).await,
            [""; 0],
            "{op:?}: a number and a truth value"
        );
    }
    assert_eq!(bench.ids(test(N, Op::Ne, "1")).await, ["a"]);
    for op in [Op::Contains, Op::StartsWith, Op::EndsWith, Op::EqIgnoreCase] {
        assert_eq!(
            bench.ids(test(N, op, "1")).await,
            [""; 0],
            "{op:?}: only text has parts"
        );
    }
}

async fn every_kind_compares(bench: Bench<'_>) {
    let kinds: [(usize, [Value; 3]); 7] = [
        (BIG, [1_u64.into(), 2_u64.into(), u64::MAX.into()]),
        (F, [Value::F64(-1.5), Value::F64(0.0), Value::F64(1e9)]),
        (OK, [false.into(), true.into(), true.into()]),
        (
            AT,
            [
                "2024-01-01T00:00:00Z",
                "2024-01-01T00:00:00.000001Z",
                "2024-01-02T00:00:00Z",
            ]
            .map(instant),
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
    let mut things = [thing("a"), thing("b"), thing("c")];
    for (field, values) in &kinds {
        things = std::array::from_fn(|i| things[i].clone().with(*field, values[i].clone()));
    }
    bench.fill(things).await;
    for (field, [_, middle, last]) in kinds {
        let same: &[&str] = if field == OK { &["b", "c"] } else { &["b"] };
        assert_eq!(
            bench.ids(test(field, Op::Eq, middle.clone())).await,
            same,
            "field {field}"
        );
        assert_eq!(
            bench.ids(test(field, Op::Lt, middle.clone())).await,
            ["a"],
            "field {field}"
        );
        assert_eq!(
            bench.ids(test(field, Op::Ge, middle.clone())).await,
            ["b", "c"],
            "field {field}"
        );
        assert_eq!(
            bench
                .ids(Filter::one_of(field, vec![last]))
                .await
                .last()
                .unwrap(),
            "c",
            "field {field}"
        );
        assert_eq!(
            bench.select().sort(field, false).ids().await,
            ["a", "b", "c"],
            "field {field}"
        );
    }
}

fn instant(text: &str) -> Value {
    Value::Instant(text.parse().unwrap())
}

async fn arrays_contain(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(DOC, json(r#"["x", "y", 1, 2.5, null]"#)),
            thing("b").with(DOC, json(r#"["xy"]"#)),
            thing("c").with(DOC, json("[]")),
            thing("d").with(DOC, "x"),
            thing("e").with(DOC, json(r#"{"x": 1}"#)),
            thing("f"),
        ])
        .await;
    assert_eq!(
        bench.ids(test(DOC, Op::Contains, "x")).await,
        ["a", "d"],
        "an element, or a part of text"
    );
    assert_eq!(bench.ids(test(DOC, Op::Contains, 1)).await, ["a"]);
    assert_eq!(
        bench.ids(test(DOC, Op::Contains, Value::F64(1.0))).await,
        ["a"]
    );
    assert_eq!(bench.ids(test(DOC, Op::Contains, 2)).await, [""; 0]);
    assert_eq!(bench.ids(test(DOC, Op::Contains, "1")).await, [""; 0]);
}

async fn documents_compare_by_content(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(DOC, json(r#"{"x": 1, "y": [true]}"#)),
            thing("b").with(DOC, json(r#"{"y": [true], "x": 1}"#)),
            thing("c").with(DOC, json(r#"{"x": 1}"#)),
            thing("d").with(DOC, json("[1, 2]")),
            thing("e").with(DOC, 5),
            thing("f").with(DOC, "5"),
        ])
        .await;
    let eq = |text: &str| test(DOC, Op::Eq, json(text));
    assert_eq!(
        bench.ids(eq(r#"{"x": 1, "y": [true]}"#)).await,
        ["a", "b"],
        "the order of names does not matter"
    );
    assert_eq!(bench.ids(eq("[1, 2]")).await, ["d"]);
    assert_eq!(bench.ids(eq("[2, 1]")).await, [""; 0]);
    assert_eq!(bench.ids(eq("5")).await, ["e"]);
    assert_eq!(bench.ids(eq("\"5\"")).await, ["f"]);
    assert_eq!(
        bench.ids(test(DOC, Op::Gt, 4)).await,
        ["e"],
        "only numbers compare with numbers"
    );
}

async fn filters_on_the_key(bench: Bench<'_>) {
    bench.fill(["a", "b", "ba", "c"].map(thing)).await;
    assert_eq!(bench.ids(test(ID, Op::Eq, "b")).await, ["b"]);
    assert_eq!(bench.ids(test(ID, Op::Gt, "b")).await, ["ba", "c"]);
    assert_eq!(bench.ids(test(ID, Op::StartsWith, "b")).await, ["b", "ba"]);
    assert_eq!(
        bench
            .ids(Filter::one_of(ID, vec!["c".into(), "a".into()]))
            .await,
        ["a", "c"]
    );
    assert_eq!(bench.ids(test(ID, Op::Ne, "b")).await, ["a", "ba", "c"]);
}
