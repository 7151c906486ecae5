//! Futures that are dropped: whatever was under way, the store stays whole and usable.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use larder_core::store::{Condition, Plan, Select};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, insert, set};
use crate::harness::Need;
use crate::things::{N, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[]; a_write_never_polled, a_write_dropped_midway, a_query_dropped_midway, many_writes_dropped_at_once];
    all.extend(rows![&[Need::Transactions];
        a_begin_never_polled, a_begin_dropped_midway, a_write_inside_dropped_midway, a_commit_dropped_midway,
    ]);
    all
}

/// Polls a future so often, with a turn for everybody else in between, then drops it. True if it finished before.
pub(super) async fn polled<T>(future: impl Future<Output = T>, times: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        if std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

/// That the store still takes writes and answers.
async fn usable(bench: &Bench<'_>) {
    bench.fill([thing("usable")]).await;
    assert!(bench.get("usable").await.is_some());
    bench
        .one(delete("usable", Condition::default()))
        .await
        .unwrap();
}

async fn a_write_never_polled(bench: Bench<'_>) {
    let batch = bench.batch(vec![insert(thing("a")), insert(thing("b"))]);
    drop(bench.store.write(Plan::unsealed(&batch)));
    usable(&bench).await;
    assert_eq!(bench.all().await, [""; 0]);
}

async fn a_write_dropped_midway(bench: Bench<'_>) {
    bench.fill([thing("base").with(N, 0)]).await;
    for times in 1..12 {
        let ids = [format!("a{times:02}"), format!("b{times:02}")];
        let writes = vec![
            insert(thing(&ids[0])),
            set("base", N, i64::try_from(times).unwrap()),
            insert(thing(&ids[1])),
        ];
        let done = polled(bench.write(writes), times).await;
        usable(&bench).await;
        let all = bench.all().await;
        let there = ids.iter().filter(|id| all.contains(id)).count();
        assert!(
            there == 2 || there == 0 && !done,
            "half a batch, after {times} polls: {all:?}"
        );
        let set = bench.value("base", N).await == Value::from(i64::try_from(times).unwrap());
        assert_eq!(set, there == 2, "half a batch, after {times} polls");
    }
}

async fn a_query_dropped_midway(bench: Bench<'_>) {
    bench
        .fill((0..100).map(|n| thing(&format!("t{n:02}"))))
        .await;
    let select = Select::all(bench.layout.clone());
    drop(bench.store.query(Plan::unsealed(&select)));
    for times in 1..30 {
        polled(bench.store.query(Plan::unsealed(&select)), times % 5 + 1).await;
    }
    usable(&bench).await;
    assert_eq!(bench.all().await.len(), 100);
}

async fn many_writes_dropped_at_once(bench: Bench<'_>) {
    let drops = (0..40_usize).map(|n| {
        let writes = vec![
            insert(thing(&format!("a{n:02}"))),
            insert(thing(&format!("b{n:02}"))),
        ];
        polled(bench.write(writes), n % 6 + 1)
    });
    futures_util::future::join_all(drops).await;
    usable(&bench).await;
    let all = bench.all().await;
    let (first, second): (Vec<&String>, Vec<&String>) =
        all.iter().partition(|id| id.starts_with('a'));
    assert!(
        first
            .iter()
            .map(|id| &id[1..])
            .eq(second.iter().map(|id| &id[1..])),
        "half a batch: {all:?}"
    );
}

async fn a_begin_never_polled(bench: Bench<'_>) {
    for _ in 0..20 {
        drop(bench.store.begin(Plan::unsealed(&())));
    }
    usable(&bench).await;
    bench.begin().await.unwrap().commit().await.unwrap();
}

async fn a_begin_dropped_midway(bench: Bench<'_>) {
    for times in 1..20 {
        polled(bench.begin(), times % 7 + 1).await;
    }
    usable(&bench).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("a"))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.all().await, ["a"]);
}

async fn a_write_inside_dropped_midway(bench: Bench<'_>) {
    for times in 1..8 {
        let mut tx = bench.begin().await.unwrap();
        tx.one(insert(thing("before"))).await.unwrap();
        polled(
            tx.write(vec![insert(thing("a")), insert(thing("b"))]),
            times,
        )
        .await;
        drop(tx);
        usable(&bench).await;
        assert_eq!(bench.all().await, [""; 0], "after {times} polls");
    }
}

async fn a_commit_dropped_midway(bench: Bench<'_>) {
    for times in 0..8_usize {
        let mut tx = bench.begin().await.unwrap();
        let ids = [format!("a{times}"), format!("b{times}")];
        tx.one(insert(thing(&ids[0]))).await.unwrap();
        tx.one(insert(thing(&ids[1]).with(N, 5))).await.unwrap();
        let done = polled(tx.commit(), times).await;
        usable(&bench).await;
        let all = bench.all().await;
        let there = ids.iter().filter(|id| all.contains(id)).count();
        assert!(
            there == 2 || there == 0 && !done,
            "half a transaction, after {times} polls: {all:?}"
        );
        let found = bench.ids(Filter::test(N, Op::Eq, 5)).await;
        assert_eq!(
            found.contains(&ids[1]),
            there == 2,
            "an index that does not agree"
        );
    }
}
