//! What is told of transactions: after their commit, as a whole, in the order of commits.

use std::collections::BTreeSet;
use std::pin::pin;

use larder_core::ErrorKind;
use larder_core::store::{Batch, Condition, Image, Plan, Since, Watch};
use larder_query::Value;

use super::{Ear, listen, other, show, told};
use crate::bench::{Bench, Tx, delete, insert, missed, set, soon};
use crate::scenarios::cancel::polled;
use crate::things::{N, thing};

pub(super) async fn nothing_before_the_commit(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("a"))).await.unwrap();
    assert!(soon(ear.0.next()).await.is_none(), "told before the commit");
    tx.commit().await.unwrap();
    assert_eq!(ear.shown().await, "+a");
}

pub(super) async fn a_rollback_tells_nothing(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench.fill([thing("a").with(N, 1)]).await;
    let mut ear = listen(&bench).await;
    let write = async |tx: &mut Tx| {
        tx.write(vec![set("a", N, 2), insert(thing("b"))])
            .await
            .unwrap();
    };
    let mut tx = bench.begin().await.unwrap();
    write(&mut tx).await;
    tx.abort().await.unwrap();
    let mut tx = bench.begin().await.unwrap();
    write(&mut tx).await;
    drop(tx);
    let mut tx = bench.begin().await.unwrap();
    missed(
        &tx.write(vec![insert(thing("b")), set("absent", N, 1)])
            .await,
    );
    tx.one(insert(thing("c"))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ear.shown().await, "+c");
}

pub(super) async fn a_transaction_is_one(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench
        .fill([thing("a").with(N, 1), thing("b"), thing("c")])
        .await;
    let mut ear = listen(&bench).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(set("a", N, 2)).await.unwrap();
    tx.write(vec![
        insert(thing("d")),
        delete("b", Condition::default()),
        insert(thing("passing")),
    ])
    .await
    .unwrap();
    tx.one(set("a", N, 3)).await.unwrap();
    tx.one(delete("passing", Condition::default()))
        .await
        .unwrap();
    tx.one(set("d", N, 4)).await.unwrap();
    tx.commit().await.unwrap();
    let committed = ear.next().await;
    assert_eq!(show(&committed), "+d -b =a");
    for change in &committed.changes {
        let n = |image: &Image| image.row().map(|row| row.get(N).clone());
        let (old, new) = (n(&change.old), n(&change.new));
        match change.key.to_string().as_str() {
            "a" => {
                assert!(old.is_none_or(|old| old == Value::from(1)));
                assert!(new.is_none_or(|new| new == Value::from(3)));
            }
            "d" => assert!(new.is_none_or(|new| new == Value::from(4))),
            _ => {}
        }
    }
    ear.nothing_but(&bench, "z").await;
}

pub(super) async fn it_is_told_as_a_whole_of_two_models(bench: Bench<'_>) {
    let bench = told(bench).await;
    let other = other();
    bench.prepare(&other).await.unwrap();
    let watch = Watch {
        layouts: vec![bench.layout.clone(), other.clone()],
        since: Since::Now,
    };
    let both = bench.store.changes(Plan::unsealed(&watch)).await.unwrap();
    let mut both = Ear(both);
    let mut ear = listen(&bench).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("a"))).await.unwrap();
    let batch = Batch {
        layout: other,
        writes: vec![insert(thing("o"))],
        returning: false,
    };
    tx.write_batch(&batch).await.unwrap();
    tx.one(insert(thing("b"))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(both.shown().await, "+a +b +o");
    assert_eq!(ear.shown().await, "+a +b");
}

pub(super) async fn the_order_is_of_commits(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(thing("a"))).await.unwrap();
    let mut beside = pin!(bench.fill([thing("b")]));
    // Where there is one writer at a time, it waits.
    let first = soon(beside.as_mut()).await.is_some();
    tx.one(insert(thing("c"))).await.unwrap();
    tx.commit().await.unwrap();
    if first {
        assert_eq!(ear.shown().await, "+b");
        assert_eq!(ear.shown().await, "+a +c");
    } else {
        beside.await;
        assert_eq!(ear.shown().await, "+a +c");
        assert_eq!(ear.shown().await, "+b");
    }
}

/// What was committed is told, and nothing else, however far a write or a commit had come when its caller went away.
pub(super) async fn whoever_is_dropped_midway(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let mut told = BTreeSet::new();
    for times in 0..8 {
        let mut tx = bench.begin().await.unwrap();
        tx.one(insert(thing(&format!("in{times}")))).await.unwrap();
        polled(tx.commit(), times).await;
        let write = bench.write(vec![insert(thing(&format!("by{times}")))]);
        polled(write, times).await;
        let there = bench.all().await;
        let end = format!("end{times}");
        bench.fill([thing(&end)]).await;
        loop {
            match ear.result().await {
                Ok(committed) => {
                    let keys = committed.changes.iter();
                    told.extend(keys.map(|change| change.key.to_string()));
                }
                Err(error) => {
                    // Whether it was committed may be what the store does not know: then who listens reads all again.
                    assert_eq!(error.kind(), ErrorKind::Lost, "{error:?}");
                    ear = listen(&bench).await;
                    told.extend(bench.all().await);
                }
            }
            if told.contains(&end) {
                break;
            }
        }
        for id in there {
            assert!(told.contains(&id), "`{id}` is there, and was not told");
        }
        let there = bench.all().await;
        for id in &told {
            assert!(there.contains(id), "`{id}` was told, and is not there");
        }
    }
}
