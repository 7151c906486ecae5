//! Updates that depend on the old value: sums and lists, each in one step with looking at it.

use std::sync::Arc;

use larder_core::store::{Condition, FieldChange, Outcome, Write};
use larder_core::{Error, ErrorKind, Kind, Layout, Result, Version};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, missed, updated};
use crate::harness::Need;
use crate::things::{BIG, CODE, DOC, F, N, NAME, TAG, V1, json, layout, thing};

mod lists;
mod races;
mod reference;
mod sums;

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        several_at_once, indexes_follow, of_a_missing_record, a_condition_that_fails, a_condition_on_the_field_itself,
        a_condition_comes_before_an_overflow, a_version_that_is_wrong, a_batch_of_changes, an_overflow_undoes_the_batch,
    ];
    all.extend(rows![&[Need::Unique]; a_unique_field]);
    all.extend(
        [
            sums::rows(),
            lists::rows(),
            races::rows(),
            reference::rows(),
        ]
        .into_iter()
        .flatten(),
    );
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
