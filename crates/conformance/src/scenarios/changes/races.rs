//! Changes in transactions, and many at the same time.

use futures_util::future::join_all;
use larder_core::store::{Condition, FieldChange, Outcome, Write};
use larder_core::{ErrorKind, Result, Version};
use larder_query::{Filter, Op, Value};

use super::{add, change, pull, push, refused};
use crate::bench::{Bench, Tx, insert, set, updated};
use crate::harness::Need;
use crate::scenarios::{Scenario, rows};
use crate::things::{BIG, DOC, F, ID, N, V1, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all =
        rows![&[]; no_increment_is_lost, no_element_is_lost, a_stock_never_falls_below_none];
    all.extend(rows![&[Need::Transactions]; in_a_transaction, a_refused_change_leaves_a_transaction, two_transactions_add]);
    all
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
