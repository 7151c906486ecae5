//! Lists: what is put behind them, taken out of them, or changed at a place.

use larder_core::store::{Condition, FieldChange};
use larder_query::{Filter, Inside, Op, Value};

use super::{change, elements, pull, push};
use crate::bench::{Bench, missed, set, updated};
use crate::harness::Need;
use crate::scenarios::{Scenario, rows};
use crate::things::{DOC, NAME, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        push_keeps_order_and_content, push_to_nothing, items_by_place, pull_takes_out_all_that_are_the_same, pull_from_nothing,
        what_is_no_list, many_elements,
    ];
    all.extend(rows![&[Need::NulInText]; a_zero_in_an_element]);
    all
}

async fn a_zero_in_an_element(bench: Bench<'_>) {
    bench.fill([thing("a").with(DOC, json("[\"x\"]"))]).await;
    let all = bench.made(DOC, push("[\"\\u0000y\", \"\\u0000\"]")).await;
    assert_eq!(all, json("[\"x\", \"\\u0000y\", \"\\u0000\"]"));
    let left = bench.made(DOC, pull("[\"\\u0000\"]")).await;
    assert_eq!(left, json("[\"x\", \"\\u0000y\"]"));
}

async fn push_keeps_order_and_content(bench: Bench<'_>) {
    bench.fill([thing("a").with(DOC, json("[3, \"x\"]"))]).await;
    assert_eq!(bench.made(DOC, push("[1]")).await, json("[3, \"x\", 1]"));
    let odd = "[18446744073709551615, -9223372036854775808, 9007199254740993, 0.1, 1e300, \"\", \"\\u0001'\\\"\\\\$[#]é𝄞\", null, \
               true, [], {}, [[null]], {\"$each\": [1], \"a.b\": {\"\": 2}}]";
    let all = bench.made(DOC, push(odd)).await;
    let wanted = elements("[3, \"x\", 1]")
        .into_iter()
        .chain(elements(odd))
        .collect();
    assert!(all.same(&Value::Array(wanted)), "{all:?}");
    let twice = bench.made(DOC, push("[[3, \"x\"], 3, 3]")).await;
    let list = twice.as_array().unwrap();
    assert_eq!(
        list.len(),
        19,
        "a list is one element, and an element may be there twice"
    );
    assert_eq!(list[16..], elements("[[3, \"x\"], 3, 3]"));
}

async fn push_to_nothing(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    assert_eq!(
        bench.made(DOC, push("[{\"k\": 1}, null]")).await,
        json("[{\"k\": 1}, null]")
    );
    bench.one(set("a", DOC, json("[]"))).await.unwrap();
    assert_eq!(bench.made(DOC, push("[2]")).await, json("[2]"));
}

async fn items_by_place(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(DOC, json("[1, {\"k\": 2}, 3]"))])
        .await;
    assert_eq!(
        bench.made(DOC, FieldChange::SetItem(2, json("[]"))).await,
        json("[1, {\"k\": 2}, []]")
    );
    for one in [
        FieldChange::SetItem(3, 4.into()),
        FieldChange::RemoveItem(3),
        FieldChange::RemoveItem(usize::MAX),
    ] {
        bench.not_made(DOC, one, "doc", "range").await;
    }
    let inside = |value: i64| {
        Condition::filter(Filter::Inside(Box::new(Inside {
            field: DOC,
            path: Box::new(["1".into(), "k".into()]),
            each: false,
            filter: Filter::test(0, Op::Eq, value),
        })))
    };
    missed(
        &bench
            .write(vec![change(
                "a",
                vec![(DOC, FieldChange::RemoveItem(1))],
                inside(3),
            )])
            .await,
    );
    updated(
        bench
            .one(change(
                "a",
                vec![(DOC, FieldChange::RemoveItem(1))],
                inside(2),
            ))
            .await
            .unwrap(),
    );
    assert_eq!(bench.value("a", DOC).await, json("[1, []]"));
    bench.one(set("a", DOC, Value::Null)).await.unwrap();
    bench
        .not_made(DOC, FieldChange::SetItem(0, 1.into()), "doc", "range")
        .await;
}

async fn pull_takes_out_all_that_are_the_same(bench: Bench<'_>) {
    let list = "[1, \"1\", {\"a\": [1], \"b\": 2}, null, 1.0, [1], {\"a\": [1]}, 1, true, \"\", 9007199254740993]";
    bench.fill([thing("a").with(DOC, json(list))]).await;
    let left = bench.made(DOC, pull("[1]")).await;
    let wanted =
        "[\"1\", {\"a\": [1], \"b\": 2}, null, [1], {\"a\": [1]}, true, \"\", 9007199254740993]";
    assert!(left.same(&json(wanted)), "{left:?}");
    let left = bench
        .made(DOC, pull("[{\"b\": 2.0, \"a\": [1.0]}, null, \"\"]"))
        .await;
    assert!(
        left.same(&json("[\"1\", [1], {\"a\": [1]}, true, 9007199254740993]")),
        "{left:?}"
    );
    let left = bench
        .made(DOC, pull("[9007199254740992, 1, \"true\", [], {}, \"a\"]"))
        .await;
    assert!(
        left.same(&json("[\"1\", [1], {\"a\": [1]}, true, 9007199254740993]")),
        "{left:?}: nothing is the same"
    );
    let left = bench
        .made(
            DOC,
            pull("[[1], \"1\", {\"a\": [1]}, true, 9007199254740993]"),
        )
        .await;
    assert_eq!(left, json("[]"));
}

async fn pull_from_nothing(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    assert_eq!(bench.made(DOC, pull("[1, null]")).await, Value::Null);
    bench.one(set("a", DOC, json("[]"))).await.unwrap();
    assert_eq!(bench.made(DOC, pull("[1]")).await, json("[]"));
}

async fn what_is_no_list(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    for other in ["{\"0\": 1}", "\"[]\"", "0", "true"] {
        bench.one(set("a", DOC, json(other))).await.unwrap();
        bench.not_made(DOC, push("[1]"), "doc", "type").await;
        bench.not_made(DOC, pull("[1]"), "doc", "type").await;
    }
    bench.one(set("a", NAME, "[]")).await.unwrap();
    bench.not_made(NAME, push("[1]"), "name", "type").await;
}

async fn many_elements(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let all: Vec<Value> = (0..1000_i64).map(Value::from).collect();
    let pushed = bench.made(DOC, FieldChange::Push(all.clone())).await;
    assert_eq!(pushed, Value::Array(all.clone().into()));
    let (even, odd): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|one| one.as_i64().is_some_and(|n| n % 2 == 0));
    assert_eq!(
        bench.made(DOC, FieldChange::Pull(odd)).await,
        Value::Array(even.into())
    );
}
