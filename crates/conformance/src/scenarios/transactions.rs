//! Transactions: all or nothing, one state, and nobody's write lost.

use std::pin::pin;

use futures_util::future::join_all;
use larder_core::store::{Condition, Select};
use larder_core::{ErrorKind, Result};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, missed, put, set, soon, update, updated};
use crate::harness::Need;
use crate::things::{CODE, F, N, TAG, V1, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[Need::Transactions];
        commit_keeps, abort_drops, dropping_drops, an_empty_one, own_writes_are_read, own_writes_in_lists,
        others_do_not_see_it, it_sees_one_state, a_miss_leaves_it_usable, conditions_see_own_writes, versions_inside,
        two_writers_of_one_record, read_then_write_loses_nothing, one_after_the_other, writers_of_other_records,
        deleted_by_another,
    ];
    all.extend(rows![&[Need::Transactions, Need::Unique];
        unique_inside, a_unique_value_moves, two_takers_of_one_value, two_creators_of_one_key,
    ]);
    all
}

/// Whether it was kept; a race may only be lost by a conflict, a duplicate or a refusal to wait on.
fn kept<T>(result: Result<T>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            let fair = matches!(
                error.kind(),
                ErrorKind::Conflict | ErrorKind::Duplicate | ErrorKind::Unavailable
            );
            assert!(fair, "{error:?}");
            false
        }
    }
}

async fn commit_keeps(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 1)])
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("c").with(N, 1))).await.unwrap();
    tx.write(vec![set("a", N, 2), delete("b", Condition::default())])
        .await
        .unwrap();
    tx.one(put(thing("d").with(N, 2))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.all().await, ["a", "c", "d"]);
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 2)).await, ["a", "d"]);
    assert_eq!(bench.get("a").await.unwrap().version, V1.next());
    bench.one(set("a", N, 3)).await.unwrap();
}

async fn abort_drops(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1), thing("b")]).await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![
        insert(thing("c")),
        set("a", N, 2),
        delete("b", Condition::default()),
    ])
    .await
    .unwrap();
    tx.abort().await.unwrap();
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(*bench.get("a").await.unwrap(), *thing("a").with(N, 1).row());
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 2)).await, [""; 0]);
}

async fn dropping_drops(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    for n in 0..20 {
        let mut tx = bench.begin().await.unwrap();
        tx.write(vec![insert(thing(&format!("b{n}"))), set("a", N, 2)])
            .await
            .unwrap();
        drop(tx);
    }
    assert_eq!(
        bench.all().await,
        ["a"],
        "also more often than there are connections"
    );
    assert_eq!(bench.value("a", N).await, Value::from(1));
    bench.one(set("a", N, 3)).await.unwrap();
}

async fn an_empty_one(bench: Bench<'_>) {
    bench.begin().await.unwrap().commit().await.unwrap();
    bench.begin().await.unwrap().abort().await.unwrap();
    let mut tx = bench.begin().await.unwrap();
    assert!(tx.get("a").await.unwrap().is_none());
    tx.commit().await.unwrap();
    bench.fill([thing("a")]).await;
}

async fn own_writes_are_read(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1), thing("b")]).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("c").with(N, 5))).await.unwrap();
    assert_eq!(
        *tx.get("c").await.unwrap().unwrap(),
        *thing("c").with(N, 5).row()
    );
    tx.one(set("a", N, 2)).await.unwrap();
    assert_eq!(
        *tx.get("a").await.unwrap().unwrap(),
        *thing("a").with(N, 2).at(V1.next()).row()
    );
    tx.one(delete("b", Condition::default())).await.unwrap();
    assert!(tx.get("b").await.unwrap().is_none());
    tx.one(insert(thing("b").with(N, 9))).await.unwrap();
    assert_eq!(tx.get("b").await.unwrap().unwrap().get(N), &Value::from(9));
    tx.abort().await.unwrap();
}

async fn own_writes_in_lists(bench: Bench<'_>) {
    bench
        .fill((0..6_i64).map(|n| thing(&format!("t{n}")).with(N, n).with(TAG, "x")))
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![
        set("t1", N, 9),
        delete("t2", Condition::default()),
        insert(thing("t25").with(N, 3).with(TAG, "x")),
    ])
    .await
    .unwrap();
    let mut select = Select::all(bench.layout.clone());
    select.filter = Filter::and([Filter::test(TAG, Op::Eq, "x"), Filter::test(N, Op::Ge, 3)]);
    select.sort = vec![larder_core::store::SortKey {
        field: N,
        descending: true,
    }];
    (select.skip, select.limit, select.total) = (1, Some(3), true);
    let page = tx.query(&select).await.unwrap();
    assert_eq!(crate::bench::keys(&page), ["t5", "t4", "t25"]);
    assert_eq!(page.total, Some(5));
    tx.commit().await.unwrap();
    assert_eq!(
        bench
            .select()
            .filter(select.filter)
            .sort(N, true)
            .ids()
            .await,
        ["t1", "t5", "t4", "t25", "t3"]
    );
}

async fn others_do_not_see_it(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 1)])
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![
        set("a", N, 2),
        insert(thing("c")),
        delete("b", Condition::default()),
    ])
    .await
    .unwrap();
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.value("a", N).await, Value::from(1));
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 1)).await, ["a", "b"]);
    tx.commit().await.unwrap();
    assert_eq!(bench.all().await, ["a", "c"]);
}

async fn it_sees_one_state(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 1)])
        .await;
    let mut tx = bench.begin().await.unwrap();
    assert_eq!(tx.ids(Filter::True).await.unwrap(), ["a", "b"]);
    let mut other = Box::pin(bench.write(vec![
        set("a", N, 2),
        insert(thing("c").with(N, 1)),
        delete("b", Condition::default()),
    ]));
    let done = soon(&mut other).await;
    assert_eq!(tx.ids(Filter::True).await.unwrap(), ["a", "b"]);
    assert_eq!(
        tx.ids(Filter::test(N, Op::Eq, 1)).await.unwrap(),
        ["a", "b"]
    );
    assert_eq!(tx.get("a").await.unwrap().unwrap().get(N), &Value::from(1));
    assert!(tx.get("c").await.unwrap().is_none());
    tx.abort().await.unwrap();
    match done {
        Some(result) => drop(result.unwrap()),
        None => drop(other.await.unwrap()),
    }
    assert_eq!(bench.all().await, ["a", "c"]);
}

async fn a_miss_leaves_it_usable(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("b"))).await.unwrap();
    missed(
        &tx.write(vec![set("a", N, 2), insert(thing("c")), set("none", N, 1)])
            .await,
    );
    assert_eq!(
        tx.ids(Filter::True).await.unwrap(),
        ["a", "b"],
        "as it was before the batch"
    );
    assert_eq!(
        *tx.get("a").await.unwrap().unwrap(),
        *thing("a").with(N, 1).row()
    );
    tx.one(set("a", N, 3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.value("a", N).await, Value::from(3));
}

async fn conditions_see_own_writes(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    let mut tx = bench.begin().await.unwrap();
    let n = |n: i64| Condition::filter(Filter::test(N, Op::Eq, n));
    updated(tx.one(update("a", N, 2, n(1))).await.unwrap());
    missed(&tx.write(vec![update("a", N, 3, n(1))]).await);
    missed(
        &tx.write(vec![update("a", N, 3, Condition::version(V1))])
            .await,
    );
    updated(
        tx.one(update(
            "a",
            N,
            3,
            Condition {
                versions: Some(vec![V1.next()]),
                ..n(2)
            },
        ))
        .await
        .unwrap(),
    );
    duplicate(tx.one(insert(thing("a"))).await, "id");
    tx.abort().await.unwrap();
    assert_eq!(bench.value("a", N).await, Value::from(1));
}

async fn versions_inside(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let mut tx = bench.begin().await.unwrap();
    let mut version = V1;
    for n in 0..5 {
        version = version.next();
        assert_eq!(
            updated(tx.one(set("a", N, n)).await.unwrap()).version,
            version
        );
    }
    tx.commit().await.unwrap();
    assert_eq!(bench.get("a").await.unwrap().version, version);
}

/// Adds one to `n` of a record in a transaction.
async fn add(bench: &Bench<'_>, id: &str) -> Result<()> {
    let mut tx = bench.begin().await?;
    let row = tx.get(id).await?.expect("the record");
    tx.one(set(id, N, row.get(N).as_i64().unwrap() + 1)).await?;
    tx.commit().await
}

async fn two_writers_of_one_record(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0)]).await;
    let mut first = bench.begin().await.unwrap();
    let n = first
        .get("a")
        .await
        .unwrap()
        .unwrap()
        .get(N)
        .as_i64()
        .unwrap();
    let mut second = pin!(add(&bench, "a"));
    let early = soon(&mut second).await;
    let first = match first.one(set("a", N, n + 1)).await {
        Ok(_) => first.commit().await,
        Err(error) => Err(error),
    };
    let second = match early {
        Some(result) => result,
        None => second.await,
    };
    let done = i64::from(kept(first)) + i64::from(kept(second));
    assert!(done >= 1, "one of the two must win");
    assert_eq!(
        bench.value("a", N).await,
        Value::from(done),
        "an acknowledged write was lost"
    );
}

async fn read_then_write_loses_nothing(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0)]).await;
    let results = join_all((0..8).map(|_| add(&bench, "a"))).await;
    let done = results
        .into_iter()
        .map(|result| i64::from(kept(result)))
        .sum::<i64>();
    assert!(done >= 1);
    assert_eq!(bench.value("a", N).await, Value::from(done));
}

async fn one_after_the_other(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 0)]).await;
    for _ in 0..10 {
        add(&bench, "a").await.unwrap();
    }
    assert_eq!(bench.value("a", N).await, Value::from(10));
    assert_eq!(bench.get("a").await.unwrap().version.0, V1.0 + 10);
}

async fn writers_of_other_records(bench: Bench<'_>) {
    bench
        .fill((0..6).map(|n| thing(&format!("t{n}")).with(N, 0)))
        .await;
    let results = join_all((0..6).map(|n| {
        let bench = &bench;
        async move { add(bench, &format!("t{n}")).await }
    }))
    .await;
    let done = results.into_iter().map(kept).filter(|kept| *kept).count();
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 1)).await.len(), done);
    assert!(done >= 1);
}

async fn deleted_by_another(bench: Bench<'_>) {
    bench.fill([thing("a").with(F, 1.0)]).await;
    let mut tx = bench.begin().await.unwrap();
    assert!(tx.get("a").await.unwrap().is_some());
    let mut other = pin!(bench.one(delete("a", Condition::default())));
    let early = soon(&mut other).await;
    let mine = match tx.one(set("a", N, 1)).await {
        Ok(_) => kept(tx.commit().await),
        result => kept(result),
    };
    let theirs = match early {
        Some(result) => kept(result),
        None => kept(other.await),
    };
    assert!(theirs, "a delete without a condition has no reason to fail");
    assert!(
        bench.get("a").await.is_none(),
        "a deleted record came back (mine was kept: {mine})"
    );
}

async fn unique_inside(bench: Bench<'_>) {
    bench.fill([thing("a").with(CODE, "1")]).await;
    for write in [
        insert(thing("b").with(CODE, "1")),
        insert(thing("c").with(CODE, "2")),
    ] {
        let mut tx = bench.begin().await.unwrap();
        tx.one(insert(thing("d").with(CODE, "2"))).await.unwrap();
        duplicate(tx.one(write).await, "code");
        tx.abort().await.unwrap();
    }
    assert_eq!(bench.all().await, ["a"]);
}

async fn a_unique_value_moves(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(CODE, "1"), thing("b").with(CODE, "2")])
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(set("a", CODE, Value::Null)).await.unwrap();
    tx.one(set("b", CODE, "1")).await.unwrap();
    tx.one(set("a", CODE, "2")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.ids(Filter::test(CODE, Op::Eq, "1")).await, ["b"]);
    assert_eq!(bench.ids(Filter::test(CODE, Op::Eq, "2")).await, ["a"]);
    let mut tx = bench.begin().await.unwrap();
    tx.one(delete("a", Condition::default())).await.unwrap();
    tx.one(insert(thing("c").with(CODE, "2"))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.ids(Filter::test(CODE, Op::Eq, "2")).await, ["c"]);
}

async fn two_takers_of_one_value(bench: Bench<'_>) {
    let take = |id: &'static str| {
        let bench = &bench;
        async move {
            let mut tx = bench.begin().await?;
            tx.get(id).await?;
            tx.one(insert(thing(id).with(CODE, "same"))).await?;
            tx.commit().await
        }
    };
    let results = join_all(["a", "b", "c"].map(take)).await;
    let done = results.into_iter().map(kept).filter(|kept| *kept).count();
    assert_eq!(done, 1);
    assert_eq!(bench.all().await.len(), 1);
}

async fn two_creators_of_one_key(bench: Bench<'_>) {
    let create = |n: i64| {
        let bench = &bench;
        async move {
            let mut tx = bench.begin().await?;
            tx.one(insert(thing("a").with(N, n))).await?;
            tx.commit().await
        }
    };
    let results: Vec<bool> = join_all((0..3).map(create))
        .await
        .into_iter()
        .map(kept)
        .collect();
    let winner = results.iter().position(|kept| *kept).expect("one must win");
    assert_eq!(results.iter().filter(|kept| **kept).count(), 1);
    assert_eq!(
        bench.value("a", N).await,
        Value::from(i64::try_from(winner).unwrap())
    );
}
