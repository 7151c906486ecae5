//! Operators that no index helps: patterns, remainders, sizes of arrays, areas.

use larder_query::{Area, Bound, Filter, Flags, Op, Pattern, Point, Test, Value};

use super::{Scenario, rows};
use crate::bench::Bench;
use crate::things::{BIG, DOC, F, ID, N, NAME, OK, TAG, UUID, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        patterns, patterns_with_a_prefix, patterns_of_other_kinds, patterns_in_documents, remainders, remainders_at_the_limits,
        remainders_of_other_kinds, sizes, sizes_of_other_kinds, circles_boxes_and_polygons, points_that_are_none,
        negated, alternatives, paged_and_counted,
    ]
}

fn matches(field: usize, source: &str) -> Filter {
    with_flags(field, source, Flags::default())
}

fn with_flags(field: usize, source: &str, flags: Flags) -> Filter {
    Filter::Test(Test {
        field,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new(source, flags).unwrap()),
    })
}

fn remainder(field: usize, divisor: impl Into<Value>, rest: impl Into<Value>) -> Filter {
    Filter::Test(Test {
        field,
        op: Op::Mod,
        operand: Bound::Many(vec![divisor.into(), rest.into()]),
    })
}

fn within(area: Area) -> Filter {
    Filter::Test(Test {
        field: DOC,
        op: Op::Within,
        operand: Bound::Area(area),
    })
}

/// The opposite of a condition, whole.
fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

async fn names(bench: &Bench<'_>) {
    let names = [
        "", "ann", "Ann", "anna", "joanna", "Élan", "élan", "a\nb", "a.b", "a%",
    ];
    let things = names
        .iter()
        .enumerate()
        .map(|(at, name)| thing(&format!("t{at}")).with(NAME, *name).with(TAG, *name));
    bench.fill(things.chain([thing("null")])).await;
}

async fn patterns(bench: Bench<'_>) {
    names(&bench).await;
    let ids = |source: &'static str| bench.ids(matches(NAME, source));
    assert_eq!(
        ids("ann").await,
        ["t1", "t3", "t4"],
        "anywhere, in its case"
    );
    assert_eq!(ids("a$").await, ["t3", "t4"]);
    assert_eq!(ids("^$").await, ["t0"], "empty text is text");
    assert_eq!(ids(".").await.len(), 9, "null is none");
    assert_eq!(ids("").await.len(), 10);
    assert_eq!(ids("[éÉ]l").await, ["t5", "t6"]);
    let ignoring = Flags {
        ignore_case: true,
        ..Flags::default()
    };
    assert_eq!(
        bench.ids(with_flags(NAME, "^ANN$", ignoring)).await,
        ["t1", "t2"]
    );
    assert_eq!(
        bench.ids(with_flags(NAME, "^élan", ignoring)).await,
        ["t5", "t6"],
        "letters beyond ASCII too"
    );
    let lines = Flags {
        multi_line: true,
        ..Flags::default()
    };
    assert_eq!(bench.ids(with_flags(NAME, "^b", lines)).await, ["t7"]);
    assert_eq!(ids("^b").await, [""; 0]);
}

async fn patterns_with_a_prefix(bench: Bench<'_>) {
    names(&bench).await;
    // With an index and without one.
    for field in [NAME, TAG] {
        let ids = |source: &'static str| bench.ids(matches(field, source));
        assert_eq!(ids("^ann").await, ["t1", "t3"]);
        assert_eq!(ids("^ann$").await, ["t1"]);
        assert_eq!(ids("^an*$").await, ["t1"]);
        assert_eq!(ids("^ann?a?$").await, ["t1", "t3"]);
        assert_eq!(ids("^ann|^jo").await, ["t1", "t3", "t4"]);
        assert_eq!(ids(r"^a\.").await, ["t8"]);
        assert_eq!(ids(r"^a\b").await, ["t7", "t8", "t9"]);
        assert_eq!(ids("^a%").await, ["t9"], "no wildcard of the database");
        assert_eq!(ids("^Él").await, ["t5"]);
        let both = Filter::and([matches(field, "^a"), Filter::test(field, Op::Gt, "ann")]);
        assert_eq!(bench.ids(both).await, ["t3"]);
    }
}

async fn patterns_of_other_kinds(bench: Bench<'_>) {
    let uuid = uuid::Uuid::from_u128(7);
    bench
        .fill([thing("1")
            .with(N, 1)
            .with(F, 1.0)
            .with(OK, true)
            .with(UUID, uuid)
            .with(CODE_LIKE, "1")])
        .await;
    for field in [N, F, OK, UUID, DOC] {
        assert_eq!(bench.ids(matches(field, "")).await, [""; 0], "{field}");
        assert_eq!(bench.ids(not(matches(field, "^1"))).await, ["1"], "{field}");
    }
    assert_eq!(bench.ids(matches(ID, "^1$")).await, ["1"]);
}

const CODE_LIKE: usize = crate::things::CODE;

async fn patterns_in_documents(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(DOC, "text"),
            thing("b").with(DOC, json(r#"["text"]"#)),
            thing("c").with(DOC, 7),
            thing("d"),
        ])
        .await;
    assert_eq!(
        bench.ids(matches(DOC, "^t.xt$")).await,
        ["a"],
        "text by itself only"
    );
    assert_eq!(bench.ids(matches(DOC, "^te")).await, ["a"]);
    assert_eq!(bench.ids(not(matches(DOC, "x"))).await, ["b", "c", "d"]);
}

async fn remainders(bench: Bench<'_>) {
    let things = [-3_i64, -2, -1, 0, 1, 2, 3]
        .map(|n| thing(&format!("{}", n + 3)).with(N, n).with(F, n as f64));
    bench.fill(things.into_iter().chain([thing("null")])).await;
    for field in [N, F] {
        let ids = |divisor: i64, rest: i64| bench.ids(remainder(field, divisor, rest));
        assert_eq!(ids(2, 0).await, ["1", "3", "5"]);
        assert_eq!(
            ids(2, 1).await,
            ["4", "6"],
            "the remainder has the sign of the dividend"
        );
        assert_eq!(ids(2, -1).await, ["0", "2"]);
        assert_eq!(ids(-2, 1).await, ["4", "6"], "not that of the divisor");
        assert_eq!(ids(3, 0).await, ["0", "3", "6"]);
        assert_eq!(ids(1, 0).await.len(), 7);
        assert_eq!(ids(0, 0).await, [""; 0], "by zero nothing has a remainder");
        assert_eq!(
            bench.ids(remainder(field, 2.0, 0)).await.len(),
            3,
            "a whole float is a whole number"
        );
        assert_eq!(bench.ids(remainder(field, 2.5, 0)).await, [""; 0]);
        assert_eq!(bench.ids(remainder(field, 2, 0.5)).await, [""; 0]);
        assert_eq!(bench.ids(remainder(field, "2", 0)).await, [""; 0]);
        assert_eq!(bench.ids(remainder(field, Value::Null, 0)).await, [""; 0]);
        assert_eq!(
            bench.ids(not(remainder(field, 2, 0))).await,
            ["0", "2", "4", "6", "null"]
        );
    }
    let short = Filter::Test(Test {
        field: N,
        op: Op::Mod,
        operand: Bound::Many(vec![2.into()]),
    });
    assert_eq!(
        bench.ids(short).await,
        [""; 0],
        "a divisor alone asks for nothing"
    );
}

async fn remainders_at_the_limits(bench: Bench<'_>) {
    bench
        .fill([
            thing("max")
                .with(N, i64::MAX)
                .with(BIG, u64::MAX)
                .with(F, 9_223_372_036_854_776_000.0),
            thing("min")
                .with(N, i64::MIN)
                .with(BIG, 0)
                .with(F, -9_223_372_036_854_776_000.0),
            thing("some").with(N, 10).with(BIG, i64::MAX).with(F, 10.5),
        ])
        .await;
    assert_eq!(bench.ids(remainder(N, 2, 0)).await, ["min", "some"]);
    assert_eq!(bench.ids(remainder(N, -1, 0)).await, ["max", "min", "some"]);
    assert_eq!(bench.ids(remainder(N, i64::MIN, 0)).await, ["min"]);
    assert_eq!(bench.ids(remainder(N, i64::MAX, 0)).await, ["max"]);
    assert_eq!(
        bench.ids(remainder(BIG, 1, 0)).await,
        ["min", "some"],
        "beyond 63 bits there is none"
    );
    assert_eq!(
        bench.ids(remainder(F, 1, 0)).await,
        ["min"],
        "nor of what is not whole"
    );
}

async fn remainders_of_other_kinds(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(NAME, "4").with(DOC, 4).with(OK, true),
            thing("b").with(DOC, 4.0),
            thing("c").with(DOC, "4"),
            thing("d").with(DOC, json("[4]")),
            thing("e").with(DOC, json("4.5")),
            thing("f").with(DOC, u64::MAX),
        ])
        .await;
    assert_eq!(bench.ids(remainder(NAME, 2, 0)).await, [""; 0]);
    assert_eq!(bench.ids(remainder(OK, 1, 0)).await, [""; 0]);
    assert_eq!(bench.ids(remainder(DOC, 2, 0)).await, ["a", "b"]);
    assert_eq!(bench.ids(remainder(DOC, 1, 0)).await, ["a", "b"]);
}

fn size(value: impl Into<Value>) -> Filter {
    Filter::test(DOC, Op::Size, value)
}

async fn sizes(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(DOC, json("[]")),
            thing("b").with(DOC, json("[null]")),
            thing("c").with(DOC, json("[1, [2, 3]]")),
            thing("d").with(DOC, json(r#"{"x": 1}"#)),
            thing("e").with(DOC, "ab"),
            thing("f"),
        ])
        .await;
    assert_eq!(
        bench.ids(size(0)).await,
        ["a"],
        "what is missing has no size"
    );
    assert_eq!(
        bench.ids(size(1)).await,
        ["b"],
        "null is an element, an object's members are none"
    );
    assert_eq!(bench.ids(size(2)).await, ["c"]);
    assert_eq!(bench.ids(size(2.0)).await, ["c"]);
    for other in [
        Value::from(-1),
        1.5.into(),
        "1".into(),
        Value::Null,
        u64::MAX.into(),
    ] {
        assert_eq!(bench.ids(size(other.clone())).await, [""; 0], "{other:?}");
    }
    assert_eq!(bench.ids(not(size(0))).await, ["b", "c", "d", "e", "f"]);
}

async fn sizes_of_other_kinds(bench: Bench<'_>) {
    bench.fill([thing("a").with(NAME, "x").with(N, 1)]).await;
    for field in [NAME, N, ID, TAG] {
        assert_eq!(
            bench.ids(Filter::test(field, Op::Size, 1)).await,
            [""; 0],
            "{field}"
        );
    }
}

fn at(lon: f64, lat: f64) -> Point {
    Point { lon, lat }
}

async fn circles_boxes_and_polygons(bench: Bench<'_>) {
    let places = [
        ("berlin", "[13.4, 52.52]"),
        ("hamburg", "[10, 53.55]"),
        ("suva", "[178.44, -18.14]"),
        ("apia", "[-171.77, -13.83]"),
        ("pole", "[0, 90]"),
    ];
    bench
        .fill(places.map(|(id, point)| thing(id).with(DOC, json(point))))
        .await;
    let near = |metres| {
        within(Area::Circle {
            center: at(13.4, 52.5),
            metres,
        })
    };
    assert_eq!(bench.ids(near(3_000.0)).await, ["berlin"]);
    assert_eq!(bench.ids(near(300_000.0)).await, ["berlin", "hamburg"]);
    assert_eq!(bench.ids(near(f64::INFINITY)).await.len(), 5);
    assert_eq!(bench.ids(near(0.0)).await, [""; 0]);
    let here = Area::Circle {
        center: at(13.4, 52.52),
        metres: 0.0,
    };
    assert_eq!(
        bench.ids(within(here)).await,
        ["berlin"],
        "the rim is inside"
    );
    let arctic = Area::Circle {
        center: at(90.0, 89.0),
        metres: 200_000.0,
    };
    assert_eq!(
        bench.ids(within(arctic)).await,
        ["pole"],
        "around a pole every longitude is near"
    );
    let line = Area::Circle {
        center: at(180.0, -16.0),
        metres: 1_000_000.0,
    };
    assert_eq!(
        bench.ids(within(line)).await,
        ["apia", "suva"],
        "over the date line"
    );
    let over = Area::Box {
        lower: at(170.0, -20.0),
        upper: at(-170.0, 0.0),
    };
    assert_eq!(bench.ids(within(over)).await, ["apia", "suva"]);
    let exact = Area::Box {
        lower: at(10.0, 52.52),
        upper: at(13.4, 53.55),
    };
    assert_eq!(
        bench.ids(within(exact)).await,
        ["berlin", "hamburg"],
        "corners are inside"
    );
    let triangle = Area::Polygon(vec![at(9.0, 53.0), at(11.0, 53.0), at(10.0, 55.0)]);
    assert_eq!(bench.ids(within(triangle)).await, ["hamburg"]);
    assert_eq!(bench.ids(within(Area::Polygon(vec![]))).await, [""; 0]);
}

async fn points_that_are_none(bench: Bench<'_>) {
    let others = [
        "[]",
        "[1]",
        "[1, 1, 1]",
        r#"["1", 1]"#,
        "[null, 1]",
        r#"{"0": 1, "1": 1}"#,
        "\"1,1\"",
        "[200, 1]",
        "[1, 91]",
        "[[1, 1]]",
    ];
    let things = others
        .iter()
        .enumerate()
        .map(|(at, text)| thing(&format!("t{at}")).with(DOC, json(text)));
    bench
        .fill(things.chain([
            thing("null"),
            thing("yes").with(DOC, json("[1, 1.0]")).with(NAME, "x"),
        ]))
        .await;
    let world = Area::Box {
        lower: at(-180.0, -90.0),
        upper: at(180.0, 90.0),
    };
    assert_eq!(bench.ids(within(world.clone())).await, ["yes"]);
    let of_text = Filter::Test(Test {
        field: NAME,
        op: Op::Within,
        operand: Bound::Area(world.clone()),
    });
    assert_eq!(bench.ids(of_text).await, [""; 0]);
    assert_eq!(bench.ids(not(within(world))).await.len(), 11);
}

/// What a store does not decide by itself must not be decided the wrong way round under a *not*.
async fn negated(bench: Bench<'_>) {
    names(&bench).await;
    let odd = |source: &str| matches(NAME, source);
    assert_eq!(bench.ids(not(odd("^ann$"))).await.len(), 10);
    let both = Filter::And(vec![odd("^a"), Filter::test(NAME, Op::Ne, "ann")]);
    assert_eq!(
        bench.ids(not(both.clone())).await,
        ["null", "t0", "t1", "t2", "t4", "t5", "t6"]
    );
    assert_eq!(bench.ids(not(not(both))).await, ["t3", "t7", "t8", "t9"]);
    let either = Filter::Or(vec![odd("nn"), Filter::test(NAME, Op::Eq, Value::Null)]);
    assert_eq!(
        bench.ids(not(either)).await,
        ["t0", "t5", "t6", "t7", "t8", "t9"]
    );
}

async fn alternatives(bench: Bench<'_>) {
    names(&bench).await;
    let first = Filter::and([matches(NAME, "n$"), Filter::test(NAME, Op::Gt, "B")]);
    let filter = Filter::or([
        first,
        Filter::test(ID, Op::Eq, "t0"),
        matches(TAG, "^a[.%]"),
    ]);
    assert_eq!(
        bench.ids(filter).await,
        ["t0", "t1", "t5", "t6", "t8", "t9"]
    );
}

async fn paged_and_counted(bench: Bench<'_>) {
    let things = (0..40_i64).map(|n| {
        thing(&format!("t{n:02}"))
            .with(N, n % 8)
            .with(NAME, format!("name {n}"))
    });
    bench.fill(things).await;
    let odd = || matches(NAME, "[13579]$");
    for (skip, limit) in [(0, 3), (5, 4), (18, 5), (20, 2)] {
        let page = bench
            .select()
            .filter(odd())
            .sort(N, true)
            .skip(skip)
            .limit(limit)
            .total()
            .page()
            .await;
        assert_eq!(page.total, Some(20));
        let all = bench.select().filter(odd()).sort(N, true).ids().await;
        let wanted: Vec<String> = all
            .into_iter()
            .skip(skip as usize)
            .take(limit as usize)
            .collect();
        assert_eq!(crate::bench::keys(&page), wanted);
    }
    let count = bench.select().filter(odd()).limit(0).total().page().await;
    assert_eq!((count.rows.len(), count.total), (0, Some(20)));
    let page = bench
        .select()
        .filter(odd())
        .sort(F, false)
        .limit(2)
        .ids()
        .await;
    assert_eq!(page, ["t01", "t03"]);
    assert_eq!(bench.select().filter(odd()).key("t03").ids().await, ["t03"]);
    assert_eq!(bench.select().filter(odd()).key("t02").ids().await, [""; 0]);
}
