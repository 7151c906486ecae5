//! Conditions inside fields: at a path, and on some element of an array.

use larder_query::{Bound, CompactString, Filter, Flags, Inside, Op, Pattern, Test, Value};

use super::{Scenario, rows};
use crate::bench::Bench;
use crate::things::{DOC, N, NAME, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        at_a_path, missing_is_null, numbers_name_members_and_elements, odd_names, some_element, elements_of_what_is_no_array,
        elements_of_elements, every_operator_inside, negated, outside_of_documents, numbers_inside_are_exact, paged, passed_over,
    ]
}

fn inside(field: usize, path: &[&str], each: bool, filter: Filter) -> Filter {
    let path: Vec<CompactString> = path.iter().map(|step| (*step).into()).collect();
    Filter::Inside(Box::new(Inside {
        field,
        path: path.into(),
        each,
        filter,
    }))
}

fn at(path: &[&str], op: Op, value: impl Into<Value>) -> Filter {
    inside(DOC, path, false, Filter::test(0, op, value))
}

fn each(path: &[&str], op: Op, value: impl Into<Value>) -> Filter {
    inside(DOC, path, true, Filter::test(0, op, value))
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

async fn documents(bench: &Bench<'_>, texts: &[&str]) {
    let things = texts
        .iter()
        .enumerate()
        .map(|(at, text)| thing(&format!("t{at}")).with(DOC, json(text)));
    bench.fill(things.chain([thing("null")])).await;
}

async fn at_a_path(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            r#"{"a": {"b": 1}}"#,
            r#"{"a": {"b": "1"}}"#,
            r#"{"a": {"b": 2, "c": 1}}"#,
            r#"{"b": 1}"#,
        ],
    )
    .await;
    assert_eq!(bench.ids(at(&["a", "b"], Op::Eq, 1)).await, ["t0"]);
    assert_eq!(bench.ids(at(&["a", "b"], Op::Eq, 1.0)).await, ["t0"]);
    assert_eq!(
        bench.ids(at(&["a", "b"], Op::Gt, 0)).await,
        ["t0", "t2"],
        "a number only with numbers"
    );
    assert_eq!(
        bench.ids(at(&["a", "b"], Op::StartsWith, "1")).await,
        ["t1"]
    );
    assert_eq!(
        bench
            .ids(at(&["a"], Op::Eq, json(r#"{"c": 1, "b": 2.0}"#)))
            .await,
        ["t2"]
    );
    assert_eq!(
        bench.ids(at(&[], Op::Eq, json(r#"{"b": 1}"#))).await,
        ["t3"],
        "without a path the value itself"
    );
    assert_eq!(
        bench.ids(at(&["a", "b", "c"], Op::Ne, Value::Null)).await,
        [""; 0]
    );
}

async fn missing_is_null(bench: Bench<'_>) {
    documents(
        &bench,
        &[r#"{"a": null}"#, r#"{"a": 0}"#, "{}", "[]", "\"a\""],
    )
    .await;
    assert_eq!(
        bench.ids(at(&["a"], Op::Eq, Value::Null)).await,
        ["null", "t0", "t2", "t3", "t4"]
    );
    assert_eq!(bench.ids(at(&["a"], Op::Ne, Value::Null)).await, ["t1"]);
    assert_eq!(
        bench.ids(at(&["a"], Op::Ne, 0)).await,
        ["null", "t0", "t2", "t3", "t4"]
    );
    let list = Filter::one_of(0, vec![Value::Null, 0.into()]);
    assert_eq!(bench.ids(inside(DOC, &["a"], false, list)).await.len(), 6);
    for op in [Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Contains] {
        assert_eq!(
            bench.ids(at(&["a"], op, Value::Null)).await,
            [""; 0],
            "{op}"
        );
    }
}

async fn numbers_name_members_and_elements(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            r#"{"l": [5, 6]}"#,
            r#"{"l": {"0": 5, "1": 6}}"#,
            r#"{"l": [[5]]}"#,
            "[5]",
        ],
    )
    .await;
    assert_eq!(bench.ids(at(&["l", "0"], Op::Eq, 5)).await, ["t0", "t1"]);
    assert_eq!(bench.ids(at(&["l", "1"], Op::Eq, 6)).await, ["t0", "t1"]);
    assert_eq!(bench.ids(at(&["l", "0", "0"], Op::Eq, 5)).await, ["t2"]);
    assert_eq!(bench.ids(at(&["0"], Op::Eq, 5)).await, ["t3"]);
    assert_eq!(
        bench.ids(at(&["l", "-1"], Op::Ne, Value::Null)).await,
        [""; 0]
    );
    assert_eq!(
        bench
            .ids(at(&["l", "4294967296"], Op::Ne, Value::Null))
            .await,
        [""; 0]
    );
}

async fn odd_names(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            r#"{"a.b": 1}"#,
            r#"{"a": {"b": 2}}"#,
            r#"{"x\"y": 3}"#,
            r#"{"x\\y": 4}"#,
            r#"{"é": 5}"#,
            r#"{"": 6}"#,
            r#"{"$": 7}"#,
            r#"{"a[0]": 8}"#,
            "{\"\\n\": 9}",
        ],
    )
    .await;
    let names = ["a.b", "x\"y", "x\\y", "é", "", "$", "a[0]", "\n"];
    let found = [1, 3, 4, 5, 6, 7, 8, 9];
    for (name, value) in names.into_iter().zip(found) {
        let ids = bench.ids(at(&[name], Op::Ne, Value::Null)).await;
        assert_eq!(ids, [format!("t{}", value - 1)], "{name:?}");
        assert_eq!(bench.ids(at(&[name], Op::Eq, value)).await, ids, "{name:?}");
        assert_eq!(
            bench.ids(not(at(&[name], Op::Eq, value))).await.len(),
            9,
            "{name:?}"
        );
    }
}

async fn some_element(bench: Bench<'_>) {
    documents(
        &bench,
        &["[1, 5]", "[2, 3, 4]", "[]", "[null]", r#"["1", 9]"#],
    )
    .await;
    assert_eq!(bench.ids(each(&[], Op::Eq, 1)).await, ["t0"]);
    assert_eq!(bench.ids(each(&[], Op::Gt, 4)).await, ["t0", "t4"]);
    assert_eq!(
        bench.ids(each(&[], Op::Eq, Value::Null)).await,
        ["t3"],
        "no element is not a null one"
    );
    assert_eq!(
        bench.ids(each(&[], Op::Ne, 1)).await,
        ["t0", "t1", "t3", "t4"],
        "some element, not all"
    );
    let between = Filter::and([Filter::test(0, Op::Gt, 1), Filter::test(0, Op::Lt, 3)]);
    assert_eq!(
        bench.ids(inside(DOC, &[], true, between)).await,
        ["t1"],
        "one element passes both"
    );
    assert_eq!(
        bench.ids(inside(DOC, &[], true, Filter::True)).await,
        ["t0", "t1", "t3", "t4"]
    );
    assert_eq!(
        bench.ids(inside(DOC, &[], true, Filter::False)).await,
        [""; 0]
    );
}

async fn elements_of_what_is_no_array(bench: Bench<'_>) {
    documents(
        &bench,
        &[r#"{"a": 1}"#, "1", "\"[1]\"", "true", r#"{"0": 1}"#],
    )
    .await;
    assert_eq!(
        bench.ids(inside(DOC, &[], true, Filter::True)).await,
        [""; 0]
    );
    assert_eq!(bench.ids(each(&["a"], Op::Eq, 1)).await, [""; 0]);
    assert_eq!(bench.ids(not(each(&["a"], Op::Eq, 1))).await.len(), 6);
}

async fn elements_of_elements(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            r#"{"lines": [{"sku": 7, "tags": ["a", "b"]}, {"sku": 8, "tags": []}]}"#,
            r#"{"lines": [{"sku": 7, "tags": ["c"]}, {"sku": 8, "tags": ["a"]}]}"#,
            r#"{"lines": {"sku": 7, "tags": ["a"]}}"#,
            r#"{"lines": [[{"sku": 7}]]}"#,
        ],
    )
    .await;
    let sku = inside(0, &["sku"], false, Filter::test(0, Op::Eq, 7));
    let tagged = inside(0, &["tags"], true, Filter::test(0, Op::Eq, "a"));
    let line = |filter| inside(DOC, &["lines"], true, filter);
    assert_eq!(bench.ids(line(sku.clone())).await, ["t0", "t1"]);
    assert_eq!(
        bench
            .ids(line(Filter::and([sku.clone(), tagged.clone()])))
            .await,
        ["t0"],
        "the same element"
    );
    let apart = Filter::and([line(sku.clone()), line(tagged)]);
    assert_eq!(bench.ids(apart).await, ["t0", "t1"], "perhaps two elements");
    assert_eq!(bench.ids(line(inside(0, &[], true, sku))).await, ["t3"]);
}

async fn every_operator_inside(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            r#"{"v": "Anna"}"#,
            r#"{"v": ["Anna"]}"#,
            r#"{"v": 6}"#,
            r#"{"v": [1.5, 2]}"#,
            r#"{"v": true}"#,
        ],
    )
    .await;
    let v = |op, operand| {
        let test = Filter::Test(Test {
            field: 0,
            op,
            operand,
        });
        bench.ids(inside(DOC, &["v"], false, test))
    };
    let one = |value: Value| Bound::One(value);
    assert_eq!(v(Op::Contains, one("nn".into())).await, ["t0"]);
    assert_eq!(v(Op::Contains, one("Anna".into())).await, ["t0", "t1"]);
    assert_eq!(v(Op::EndsWith, one("a".into())).await, ["t0"]);
    assert_eq!(v(Op::EqIgnoreCase, one("ANNA".into())).await, ["t0"]);
    assert_eq!(
        v(Op::In, Bound::Many(vec![6.into(), true.into()])).await,
        ["t2", "t4"]
    );
    assert_eq!(
        v(Op::Out, Bound::Many(vec![6.into(), Value::Null])).await,
        ["t0", "t1", "t3", "t4"]
    );
    assert_eq!(v(Op::Size, one(2.into())).await, ["t3"]);
    assert_eq!(
        v(Op::Mod, Bound::Many(vec![4.into(), 2.into()])).await,
        ["t2"]
    );
    let pattern = |source| Bound::Pattern(Pattern::new(source, Flags::default()).unwrap());
    assert_eq!(v(Op::Match, pattern("n{2}")).await, ["t0"]);
    assert_eq!(v(Op::Match, pattern("^An")).await, ["t0"]);
    let area = larder_query::Area::Box {
        lower: larder_query::Point { lon: 1.0, lat: 1.0 },
        upper: larder_query::Point { lon: 2.0, lat: 2.0 },
    };
    assert_eq!(v(Op::Within, Bound::Area(area.clone())).await, ["t3"]);
    let points = Filter::Test(Test {
        field: 0,
        op: Op::Within,
        operand: Bound::Area(area),
    });
    assert_eq!(bench.ids(inside(DOC, &["v"], true, points)).await, [""; 0]);
    let element = Filter::Test(Test {
        field: 0,
        op: Op::Match,
        operand: pattern("a$"),
    });
    assert_eq!(bench.ids(inside(DOC, &["v"], true, element)).await, ["t1"]);
}

async fn negated(bench: Bench<'_>) {
    documents(&bench, &["[1, 2]", "[2]", "[]"]).await;
    assert_eq!(
        bench.ids(not(each(&[], Op::Eq, 1))).await,
        ["null", "t1", "t2"],
        "no element does"
    );
    let all = not(inside(DOC, &[], true, not(Filter::test(0, Op::Eq, 2))));
    assert_eq!(
        bench.ids(all).await,
        ["null", "t1", "t2"],
        "all elements do"
    );
    let pattern = Bound::Pattern(Pattern::new("x", Flags::default()).unwrap());
    let odd = Filter::Test(Test {
        field: 0,
        op: Op::Match,
        operand: pattern,
    });
    assert_eq!(
        bench
            .ids(not(inside(DOC, &[], true, odd.clone())))
            .await
            .len(),
        4
    );
    assert_eq!(
        bench.ids(inside(DOC, &[], true, not(odd))).await,
        ["t0", "t1"]
    );
}

async fn outside_of_documents(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(NAME, "x").with(N, 1), thing("b")])
        .await;
    let x = || Filter::test(0, Op::Eq, "x");
    assert_eq!(bench.ids(inside(NAME, &[], false, x())).await, ["a"]);
    assert_eq!(bench.ids(inside(NAME, &["0"], false, x())).await, [""; 0]);
    assert_eq!(
        bench
            .ids(inside(
                NAME,
                &["a"],
                false,
                Filter::test(0, Op::Eq, Value::Null)
            ))
            .await,
        ["a", "b"]
    );
    assert_eq!(
        bench.ids(inside(NAME, &[], true, Filter::True)).await,
        [""; 0]
    );
    assert_eq!(
        bench
            .ids(inside(N, &[], false, Filter::test(0, Op::Gt, 0)))
            .await,
        ["a"]
    );
    assert_eq!(
        bench
            .ids(inside(
                999,
                &["a"],
                false,
                Filter::test(0, Op::Eq, Value::Null)
            ))
            .await,
        ["a", "b"]
    );
    let beyond = Filter::test(1, Op::Eq, Value::Null);
    assert_eq!(
        bench.ids(inside(NAME, &[], false, beyond.clone())).await,
        ["a", "b"],
        "inside there is one field"
    );
    assert_eq!(
        bench.ids(inside(DOC, &["a"], false, beyond)).await,
        ["a", "b"]
    );
}

async fn numbers_inside_are_exact(bench: Bench<'_>) {
    documents(
        &bench,
        &[
            "[9007199254740993]",
            "[9007199254740992]",
            "[18446744073709551615]",
            "[18446744073709551614]",
            "[1e300]",
        ],
    )
    .await;
    assert_eq!(
        bench
            .ids(each(&[], Op::Eq, 9_007_199_254_740_993_i64))
            .await,
        ["t0"]
    );
    assert_eq!(bench.ids(each(&[], Op::Eq, u64::MAX)).await, ["t2"]);
    assert_eq!(
        bench.ids(each(&[], Op::Gt, u64::MAX - 1)).await,
        ["t2", "t4"]
    );
    assert_eq!(
        bench
            .ids(at(&["0"], Op::Lt, 9_007_199_254_740_993_i64))
            .await,
        ["t1"]
    );
}

async fn paged(bench: Bench<'_>) {
    let things = (0..30_i64).map(|n| {
        thing(&format!("t{n:02}")).with(N, n % 3).with(
            DOC,
            json(&format!(r#"{{"n": {n}, "l": [{}, {n}]}}"#, n % 5)),
        )
    });
    bench.fill(things).await;
    let filter = Filter::and([
        at(&["n"], Op::Ge, 10),
        each(&["l"], Op::Eq, 3),
        Filter::test(N, Op::Lt, 2),
    ]);
    let page = bench
        .select()
        .filter(filter)
        .sort(N, true)
        .skip(1)
        .limit(2)
        .total()
        .page()
        .await;
    assert_eq!(page.total, Some(3));
    assert_eq!(crate::bench::keys(&page), ["t28", "t18"]);
}

/// A record is passed over once, however many of its elements match.
async fn passed_over(bench: Bench<'_>) {
    documents(&bench, &["[1, 1, 1]", "[1, 2, 1]", "[1]", "[2]"]).await;
    let any = Filter::or([Filter::test(0, Op::Eq, 1), Filter::test(0, Op::Gt, 7)]);
    for filter in [each(&[], Op::Eq, 1), inside(DOC, &[], true, any)] {
        for (skip, left) in [(1, &["t1", "t2"][..]), (2, &["t2"]), (3, &[])] {
            let page = bench
                .select()
                .filter(filter.clone())
                .skip(skip)
                .limit(5)
                .total()
                .page()
                .await;
            assert_eq!(crate::bench::keys(&page), left, "{filter:?} skip {skip}");
            assert_eq!(page.total, Some(3));
        }
    }
}
