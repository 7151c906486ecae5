//! Updates that depend on the old value: sums and lists, each in one step with looking at it.

use std::sync::Arc;

use futures_util::future::join_all;
use larder_core::store::{Condition, FieldChange, Outcome, Write};
use larder_core::{Error, ErrorKind, Kind, Layout, Result, Version};
use larder_query::{Filter, Inside, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, Tx, delete, duplicate, insert, missed, set, updated};
use crate::harness::Need;
use crate::things::{BIG, CODE, DOC, F, ID, N, NAME, TAG, V1, json, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        add_to_whole_numbers, add_to_unsigned_numbers, add_to_floats, add_to_decimals, add_to_nothing, whole_numbers_overflow,
        unsigned_numbers_overflow, floats_overflow, decimals_overflow, add_to_what_is_no_number, push_keeps_order_and_content,
        push_to_nothing, items_by_place, pull_takes_out_all_that_are_the_same, pull_from_nothing, what_is_no_list, many_elements, several_at_once,
        indexes_follow, of_a_missing_record, a_condition_that_fails, a_condition_on_the_field_itself,
        a_condition_comes_before_an_overflow, a_version_that_is_wrong, a_batch_of_changes, an_overflow_undoes_the_batch,
        no_increment_is_lost, no_element_is_lost, a_stock_never_falls_below_none,
    ];
    all.extend(rows![&[Need::Unique]; a_unique_field]);
    all.extend(rows![&[Need::Transactions]; in_a_transaction, a_refused_change_leaves_a_transaction, two_transactions_add]);
    all
}

fn change(id: &str, changes: Vec<(usize, FieldChange)>, when: Condition) -> Write {
    Write::Update {
        key: id.into(),
        changes,
        when,
    }
}

fn add(amount: impl Into<Value>) -> FieldChange {
    FieldChange::Add(amount.into())
}

fn push(items: &str) -> FieldChange {
    FieldChange::Push(elements(items))
}

fn pull(items: &str) -> FieldChange {
    FieldChange::Pull(elements(items))
}

fn elements(text: &str) -> Vec<Value> {
    match json(text) {
        Value::Array(items) => items.into_vec(),
        other => panic!("{other:?} is no list"),
    }
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap_or_else(|_| panic!("{text}")))
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, field: &str, code: &str) {
    let error: Error = result.expect_err("the change can't be made");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    let found: Vec<_> = error
        .fields()
        .iter()
        .map(|fault| (fault.field.as_str(), fault.pointer.as_str(), fault.code))
        .collect();
    assert_eq!(
        found,
        [(field, format!("/{field}").as_str(), code)],
        "{error:?}"
    );
}

impl Bench<'_> {
    /// Changes one field of `a`, and gives what it then is: in the answer and in the store.
    async fn made(&self, field: usize, change: FieldChange) -> Value {
        let before = self.get("a").await.expect("`a` is there").version;
        let write = self::change("a", vec![(field, change)], Condition::default());
        let row = updated(self.one(write).await.unwrap());
        assert_eq!(row.version, before.next());
        assert_eq!(
            self.get("a").await.as_ref(),
            Some(&row),
            "what was answered is what is stored"
        );
        row.get(field).clone()
    }

    /// Tries to change one field of `a`, and another with it; neither may change.
    async fn not_made(&self, field: usize, change: FieldChange, name: &str, code: &str) {
        let before = self.get("a").await;
        let changes = vec![(TAG, "changed".into()), (field, change)];
        refused(
            self.one(self::change("a", changes, Condition::default()))
                .await,
            name,
            code,
        );
        assert_eq!(self.get("a").await, before, "nothing is written");
    }
}

/// The things with other kinds of `n` and `code`; `code` is unique.
async fn open(bench: &mut Bench<'_>, kind: Kind) {
    let mut layout: Layout = layout();
    layout.collection = format!("changed_{kind:?}").to_lowercase();
    layout.fields[N].kind = kind;
    layout.fields[CODE].kind = kind;
    bench.layout = Arc::new(layout);
    bench.prepare(&bench.layout).await.unwrap();
}

async fn add_to_whole_numbers(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 40), thing("b").with(N, 1)])
        .await;
    assert_eq!(bench.made(N, add(2)).await, Value::I64(42));
    assert_eq!(bench.made(N, add(-50)).await, Value::I64(-8));
    assert_eq!(bench.made(N, add(0)).await, Value::I64(-8));
    assert_eq!(
        bench.made(N, add(9_007_199_254_740_993_i64)).await,
        Value::I64(9_007_199_254_740_985)
    );
    assert_eq!(
        bench.value("b", N).await,
        Value::I64(1),
        "other records stay"
    );
}

async fn add_to_unsigned_numbers(bench: Bench<'_>) {
    bench.fill([thing("a").with(BIG, 5)]).await;
    assert_eq!(bench.made(BIG, add(-5)).await, Value::I64(0));
    assert_eq!(bench.made(BIG, add(i64::MAX)).await, Value::I64(i64::MAX));
    assert_eq!(
        bench.made(BIG, add(1)).await,
        Value::U64(1 << 63),
        "beyond what has a sign"
    );
    assert_eq!(bench.made(BIG, add(7)).await, Value::U64((1 << 63) + 7));
    assert_eq!(
        bench.made(BIG, add(-8)).await,
        Value::I64(i64::MAX),
        "and back"
    );
    assert_eq!(
        bench.made(BIG, add(1_u64 << 63)).await,
        Value::U64(u64::MAX)
    );
    assert_eq!(bench.made(BIG, add(-1)).await, Value::U64(u64::MAX - 1));
}

async fn add_to_floats(bench: Bench<'_>) {
    bench.fill([thing("a").with(F, 0.1)]).await;
    assert_eq!(bench.made(F, add(0.2)).await, Value::F64(0.1 + 0.2));
    assert_eq!(bench.made(F, add(-1.0)).await, Value::F64(0.1 + 0.2 - 1.0));
    assert_eq!(bench.made(F, add(1e300)).await, Value::F64(1e300));
    assert!(bench.made(F, add(-1e300)).await.same(&Value::F64(0.0)));
    assert!(
        bench.made(F, add(3)).await.same(&Value::F64(3.0)),
        "a whole number is a float here"
    );
}

async fn add_to_decimals(mut bench: Bench<'_>) {
    open(&mut bench, Kind::Decimal).await;
    bench.fill([thing("a").with(N, decimal("0.1"))]).await;
    assert_eq!(bench.made(N, add(decimal("0.2"))).await, decimal("0.3"));
    assert_eq!(
        bench.made(N, add(decimal("-1.305"))).await,
        decimal("-1.005")
    );
    assert_eq!(
        bench
            .made(N, add(decimal("100000000000000000000000000000000000")))
            .await,
        decimal("99999999999999999999999999999999998.995"),
    );
}

async fn add_to_nothing(mut bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    assert_eq!(bench.made(N, add(-3)).await, Value::I64(-3));
    assert_eq!(bench.made(BIG, add(u64::MAX)).await, Value::U64(u64::MAX));
    assert_eq!(bench.made(F, add(0.5)).await, Value::F64(0.5));
    open(&mut bench, Kind::Decimal).await;
    bench.fill([thing("a")]).await;
    assert_eq!(bench.made(N, add(decimal("1.50"))).await, decimal("1.5"));
}

async fn whole_numbers_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, i64::MAX - 1)]).await;
    bench.not_made(N, add(2), "n", "overflow").await;
    assert_eq!(
        bench.made(N, add(1)).await,
        Value::I64(i64::MAX),
        "the last one fits"
    );
    bench.not_made(N, add(1), "n", "overflow").await;
    bench.not_made(N, add(u64::MAX), "n", "overflow").await;
    bench.one(set("a", N, i64::MIN + 1)).await.unwrap();
    assert_eq!(bench.made(N, add(-1)).await, Value::I64(i64::MIN));
    bench.not_made(N, add(-1), "n", "overflow").await;
    bench.not_made(N, add(i64::MIN), "n", "overflow").await;
}

async fn unsigned_numbers_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(BIG, u64::MAX - 1)]).await;
    bench.not_made(BIG, add(2), "big", "overflow").await;
    assert_eq!(bench.made(BIG, add(1)).await, Value::U64(u64::MAX));
    bench.one(set("a", BIG, 1)).await.unwrap();
    bench.not_made(BIG, add(-2), "big", "overflow").await;
    bench.not_made(BIG, add(i64::MIN), "big", "overflow").await;
    bench.not_made(BIG, add(u64::MAX), "big", "overflow").await;
    assert_eq!(bench.made(BIG, add(-1)).await, Value::I64(0));
    bench.not_made(BIG, add(-1), "big", "overflow").await;
    bench.one(set("a", BIG, Value::Null)).await.unwrap();
    bench.not_made(BIG, add(-1), "big", "overflow").await;
}

async fn floats_overflow(bench: Bench<'_>) {
    bench.fill([thing("a").with(F, f64::MAX)]).await;
    bench.not_made(F, add(f64::MAX), "f", "overflow").await;
    assert_eq!(
        bench.made(F, add(1.0)).await,
        Value::F64(f64::MAX),
        "too little to matter"
    );
    bench.one(set("a", F, f64::MIN)).await.unwrap();
    bench.not_made(F, add(f64::MIN), "f", "overflow").await;
}

async fn decimals_overflow(mut bench: Bench<'_>) {
    open(&mut bench, Kind::Decimal).await;
    let nines = "9".repeat(38);
    bench.fill([thing("a").with(N, decimal(&nines))]).await;
    bench.not_made(N, add(decimal("1")), "n", "overflow").await;
    bench
        .not_made(N, add(decimal("0.1")), "n", "overflow")
        .await;
    assert_eq!(
        bench.made(N, add(decimal(&format!("-{nines}")))).await,
        decimal("0")
    );
}

async fn add_to_what_is_no_number(bench: Bench<'_>) {
    bench.fill([thing("a").with(NAME, "1").with(DOC, 1)]).await;
    bench.not_made(NAME, add(1), "name", "type").await;
    bench.not_made(DOC, add(1), "doc", "type").await;
}

async fn push_keeps_order_and_content(bench: Bench<'_>) {
    bench.fill([thing("a").with(DOC, json("[3, \"x\"]"))]).await;
    assert_eq!(bench.made(DOC, push("[1]")).await, json("[3, \"x\", 1]"));
    let odd = "[18446744073709551615, -9223372036854775808, 9007199254740993, 0.1, 1e300, \"\", \"\\u0000'\\\"\\\\$[#]é𝄞\", null, \
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

async fn several_at_once(bench: Bench<'_>) {
    let old = thing("a")
        .with(N, 1)
        .with(F, 0.5)
        .with(DOC, json("[1, 2]"))
        .with(TAG, "t")
        .with(NAME, "x");
    bench.fill([old]).await;
    let changes = vec![
        (DOC, pull("[2]")),
        (N, add(2)),
        (TAG, "u".into()),
        (BIG, add(7)),
        (F, add(0.25)),
        (NAME, Value::Null.into()),
    ];
    let row = updated(
        bench
            .one(change("a", changes, Condition::default()))
            .await
            .unwrap(),
    );
    let wanted = thing("a")
        .with(N, 3)
        .with(F, 0.75)
        .with(DOC, json("[1]"))
        .with(TAG, "u")
        .with(BIG, 7);
    assert_eq!(row, wanted.at(V1.next()).row());
    assert_eq!(
        bench.get("a").await,
        Some(row),
        "one change counts one version"
    );
    let changes = vec![(DOC, push("[\"x\"]")), (N, add(1)), (TAG, "v".into())];
    let row = updated(
        bench
            .one(change("a", changes, Condition::default()))
            .await
            .unwrap(),
    );
    let wanted = thing("a")
        .with(N, 4)
        .with(F, 0.75)
        .with(DOC, json("[1, \"x\"]"))
        .with(TAG, "v")
        .with(BIG, 7);
    assert_eq!(row, wanted.at(V1.next().next()).row());
    assert_eq!(bench.get("a").await, Some(row));
}

async fn indexes_follow(bench: Bench<'_>) {
    bench
        .fill([
            thing("a").with(N, 1).with(TAG, "t"),
            thing("b").with(N, 2).with(TAG, "t"),
        ])
        .await;
    bench.made(N, add(4)).await;
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 5)).await, ["a"]);
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 1)).await, [""; 0]);
    assert_eq!(bench.select().sort(N, false).ids().await, ["b", "a"]);
}

async fn of_a_missing_record(bench: Bench<'_>) {
    bench.fill([thing("b").with(N, 1)]).await;
    for one in [add(1), FieldChange::Set(1.into())] {
        missed(
            &bench
                .write(vec![change("a", vec![(N, one)], Condition::default())])
                .await,
        );
    }
    missed(
        &bench
            .write(vec![change(
                "a",
                vec![(DOC, push("[1]"))],
                Condition::default(),
            )])
            .await,
    );
    missed(
        &bench
            .write(vec![change(
                "a",
                vec![(DOC, pull("[1]"))],
                Condition::default(),
            )])
            .await,
    );
    assert_eq!(bench.all().await, ["b"], "no record comes of a change");
}

async fn a_condition_that_fails(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(DOC, json("[1]")).with(TAG, "t")])
        .await;
    let before = bench.get("a").await;
    let when = || Condition::filter(Filter::test(TAG, Op::Eq, "u"));
    for (field, one) in [
        (N, add(1)),
        (DOC, push("[2]")),
        (DOC, pull("[1]")),
        (NAME, "x".into()),
    ] {
        missed(
            &bench
                .write(vec![change("a", vec![(field, one)], when())])
                .await,
        );
    }
    assert_eq!(bench.get("a").await, before);
    let when = Condition::filter(Filter::test(TAG, Op::Eq, "t"));
    updated(
        bench
            .one(change("a", vec![(N, add(1)), (DOC, pull("[1]"))], when))
            .await
            .unwrap(),
    );
    assert_eq!(bench.value("a", N).await, Value::I64(2));
}

async fn a_condition_on_the_field_itself(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 0).with(DOC, json("[]"))])
        .await;
    let below = || Condition::filter(Filter::test(N, Op::Lt, 3));
    for n in 1..=3 {
        let row = updated(
            bench
                .one(change("a", vec![(N, add(1))], below()))
                .await
                .unwrap(),
        );
        assert_eq!(*row.get(N), Value::I64(n));
    }
    missed(
        &bench
            .write(vec![change("a", vec![(N, add(1))], below())])
            .await,
    );
    let absent = || Condition::filter(Filter::not(Filter::test(DOC, Op::Contains, "x")));
    updated(
        bench
            .one(change("a", vec![(DOC, push("[\"x\"]"))], absent()))
            .await
            .unwrap(),
    );
    missed(
        &bench
            .write(vec![change("a", vec![(DOC, push("[\"x\"]"))], absent())])
            .await,
    );
    assert_eq!(bench.value("a", DOC).await, json("[\"x\"]"));
}

async fn a_condition_comes_before_an_overflow(bench: Bench<'_>) {
    bench
        .fill([thing("a")
            .with(N, i64::MAX)
            .with(DOC, json("{}"))
            .with(TAG, "t")])
        .await;
    let when = || Condition::filter(Filter::test(TAG, Op::Eq, "u"));
    missed(
        &bench
            .write(vec![change("a", vec![(N, add(1))], when())])
            .await,
    );
    missed(
        &bench
            .write(vec![change("a", vec![(DOC, push("[1]"))], when())])
            .await,
    );
    missed(
        &bench
            .write(vec![change(
                "a",
                vec![(N, add(1))],
                Condition::version(V1.next()),
            )])
            .await,
    );
}

async fn a_version_that_is_wrong(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(DOC, json("[1]"))])
        .await;
    let other = || Condition::version(Version(V1.0 + 9));
    let not_this = || Condition {
        not_versions: vec![V1],
        ..Condition::default()
    };
    for when in [other, not_this] {
        missed(
            &bench
                .write(vec![change("a", vec![(N, add(1))], when())])
                .await,
        );
        missed(
            &bench
                .write(vec![change("a", vec![(DOC, pull("[1]"))], when())])
                .await,
        );
    }
    assert_eq!(bench.get("a").await.unwrap().version, V1);
    updated(
        bench
            .one(change(
                "a",
                vec![(N, add(1)), (DOC, pull("[1]"))],
                Condition::version(V1),
            ))
            .await
            .unwrap(),
    );
    assert_eq!(bench.value("a", N).await, Value::I64(2));
}

async fn a_batch_of_changes(bench: Bench<'_>) {
    let none = Condition::default;
    let outcomes = bench
        .write(vec![
            insert(thing("a").with(N, 1)),
            change("a", vec![(N, add(1))], none()),
            change("a", vec![(N, add(10)), (DOC, push("[1, 2]"))], none()),
            change(
                "a",
                vec![(DOC, pull("[1]"))],
                Condition::filter(Filter::test(N, Op::Eq, 12)),
            ),
            insert(thing("b")),
            delete("b", none()),
        ])
        .await
        .unwrap();
    assert_eq!(outcomes.len(), 6);
    assert!(
        matches!(&outcomes[2], Outcome::Updated(row) if *row.get(DOC) == json("[1, 2]")),
        "{outcomes:?}"
    );
    let wanted = thing("a")
        .with(N, 12)
        .with(DOC, json("[2]"))
        .at(Version(V1.0 + 3));
    assert_eq!(bench.get("a").await, Some(wanted.row()));
    let half = bench
        .write(vec![
            change("a", vec![(N, add(1))], none()),
            change("none", vec![(N, add(1))], none()),
        ])
        .await;
    missed(&half);
    assert_eq!(
        bench.value("a", N).await,
        Value::I64(12),
        "nothing of that batch"
    );
}

async fn an_overflow_undoes_the_batch(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, i64::MAX)])
        .await;
    let writes = vec![
        change(
            "a",
            vec![(N, add(1)), (DOC, push("[1]"))],
            Condition::default(),
        ),
        insert(thing("c")),
        change("b", vec![(N, add(1))], Condition::default()),
        insert(thing("d")),
    ];
    refused(bench.write(writes).await, "n", "overflow");
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.get("a").await, Some(thing("a").with(N, 1).row()));
}

async fn a_unique_field(mut bench: Bench<'_>) {
    open(&mut bench, Kind::Int).await;
    bench
        .fill([thing("a").with(CODE, 1), thing("b").with(CODE, 3)])
        .await;
    duplicate(
        bench
            .one(change(
                "a",
                vec![(CODE, add(2)), (TAG, "t".into())],
                Condition::default(),
            ))
            .await,
        "code",
    );
    assert_eq!(bench.get("a").await, Some(thing("a").with(CODE, 1).row()));
    assert_eq!(bench.made(CODE, add(3)).await, Value::I64(4));
    bench.one(insert(thing("c").with(CODE, 1))).await.unwrap();
}

async fn in_a_transaction(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(DOC, json("[1]"))])
        .await;
    let change = |amount: i64| {
        let changes = vec![(N, add(amount)), (DOC, push("[2]"))];
        change("a", changes, Condition::default())
    };
    let mut tx = bench.begin().await.unwrap();
    updated(tx.one(change(2)).await.unwrap());
    let row = updated(tx.one(change(3)).await.unwrap());
    assert_eq!(*row.get(N), Value::I64(6), "it sees its own changes");
    assert_eq!(tx.get("a").await.unwrap(), Some(row));
    tx.abort().await.unwrap();
    assert_eq!(
        bench.get("a").await,
        Some(thing("a").with(N, 1).with(DOC, json("[1]")).row())
    );
    let mut tx = bench.begin().await.unwrap();
    tx.one(change(2)).await.unwrap();
    tx.one(self::change(
        "a",
        vec![(DOC, pull("[1]"))],
        Condition::default(),
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let wanted = thing("a")
        .with(N, 3)
        .with(DOC, json("[2]"))
        .at(V1.next().next());
    assert_eq!(bench.get("a").await, Some(wanted.row()));
}

async fn a_refused_change_leaves_a_transaction(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, i64::MAX).with(DOC, json("{}"))])
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("b").with(N, 1))).await.unwrap();
    let both = vec![
        set("b", N, 9),
        change("a", vec![(N, add(1))], Condition::default()),
    ];
    refused(tx.write(both).await, "n", "overflow");
    refused(
        tx.write(vec![change(
            "a",
            vec![(DOC, pull("[1]"))],
            Condition::default(),
        )])
        .await,
        "doc",
        "type",
    );
    // Where a fault ends the transaction of a database, this says so; where it does not, nothing else is lost.
    let after = tx
        .one(change("b", vec![(N, add(1))], Condition::default()))
        .await;
    match after {
        Ok(outcome) => {
            assert_eq!(
                *updated(outcome).get(N),
                Value::I64(2),
                "nothing of the refused batch stays"
            );
            tx.commit().await.unwrap();
            assert_eq!(bench.all().await, ["a", "b"]);
        }
        Err(_) => {
            drop(tx);
            assert_eq!(bench.all().await, ["a"]);
        }
    }
    assert_eq!(bench.value("a", N).await, Value::I64(i64::MAX));
}

async fn two_transactions_add(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0)]).await;
    let one = async |amount: i64| -> Result<()> {
        let mut tx: Tx = bench.begin().await?;
        tx.one(change("a", vec![(N, add(amount))], Condition::default()))
            .await?;
        tx.commit().await
    };
    let results = join_all((0..6).map(|at| one(10_i64.pow(at)))).await;
    let wanted: i64 = (0..6)
        .zip(&results)
        .filter(|(_, result)| result.is_ok())
        .map(|(at, _)| 10_i64.pow(at))
        .sum();
    for error in results.into_iter().filter_map(Result::err) {
        let fair = matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Unavailable);
        assert!(fair, "{error:?}");
    }
    assert!(wanted > 0, "somebody wins");
    assert_eq!(
        bench.value("a", N).await,
        Value::I64(wanted),
        "what was committed is there, once each"
    );
}

/// Writes until it is written: a store may say that another one was first.
async fn surely(bench: &Bench<'_>, write: Write) -> Outcome {
    for _ in 0..10_000 {
        match bench.one(write.clone()).await {
            Err(error) if error.is_conflict() => {}
            done => return done.unwrap(),
        }
    }
    panic!("it lost ten thousand races");
}

async fn no_increment_is_lost(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0).with(F, 0.0)]).await;
    let bench = &bench;
    let counts = join_all((0..32).map(async |_| {
        let mut seen = Vec::new();
        for _ in 0..100 {
            let changes = vec![(N, add(1)), (BIG, add(2)), (F, add(0.5))];
            let row = updated(surely(bench, change("a", changes, Condition::default())).await);
            seen.push(row.get(N).as_i64().unwrap());
        }
        seen
    }))
    .await;
    let row = bench.get("a").await.unwrap();
    assert_eq!(*row.get(N), Value::I64(3_200));
    assert_eq!(*row.get(BIG), Value::I64(6_400));
    assert_eq!(*row.get(F), Value::F64(1_600.0));
    assert_eq!(row.version, Version(V1.0 + 3_200));
    let mut seen: Vec<i64> = counts.concat();
    seen.sort_unstable();
    assert!(
        seen.into_iter().eq(1..=3_200),
        "each count is answered to one writer"
    );
}

async fn no_element_is_lost(bench: Bench<'_>) {
    bench
        .fill([
            thing("a"),
            thing("b").with(DOC, Value::Array((0..160_i64).map(Value::from).collect())),
        ])
        .await;
    let bench = &bench;
    join_all((0..16_i64).map(async |who| {
        for n in 0..10 {
            let item = vec![Value::from(who * 10 + n)];
            let push = vec![(DOC, FieldChange::Push(item.clone()))];
            updated(surely(bench, change("a", push, Condition::default())).await);
            let pull = vec![(DOC, FieldChange::Pull(item))];
            updated(surely(bench, change("b", pull, Condition::default())).await);
        }
    }))
    .await;
    let mut all: Vec<i64> = bench
        .value("a", DOC)
        .await
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..160), "all are there, once each");
    assert_eq!(bench.value("b", DOC).await, json("[]"));
}

/// Of thirty buyers ten get one of ten.
async fn a_stock_never_falls_below_none(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 10)]).await;
    let buys = (0..30).map(async |_| {
        let when = Condition::filter(Filter::test(N, Op::Ge, 1));
        surely(&bench, change("a", vec![(N, add(-1))], when)).await
    });
    let outcomes = join_all(buys).await;
    let sold = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Updated(_)));
    assert_eq!(sold.count(), 10, "{outcomes:?}");
    assert_eq!(bench.value("a", N).await, Value::I64(0));
    assert_eq!(bench.value("a", ID).await, Value::from("a"));
}
