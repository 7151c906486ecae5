//! What a transaction sees through joins, places and groups: its own writes, and one state of everything else.

use larder_core::Select;
use larder_core::store::{Aggregate, Batch, Plan, Write};
use larder_query::{Filter, Op, Value};

use super::bounds::is_bound;
use super::joins::{made, maker};
use super::{Scenario, rows};
use crate::bench::{Bench, Tx, delete, insert, keys, set};
use crate::harness::Need;
use crate::things::{CODE, F, N, TAG, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[Need::Transactions];
        joins_see_own_writes, joins_see_one_state, places_see_own_writes, groups_see_own_writes, bounds_hold,
    ]
}

const TITLE: usize = CODE + 2;

async fn ids(tx: &mut Tx, select: &Select) -> Vec<String> {
    keys(&tx.query(select).await.unwrap())
}

async fn joins_see_own_writes(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let title = |title: &str| {
        bench
            .select()
            .join(TAG, &makers, Filter::True)
            .filter(Filter::test(TITLE, Op::Eq, title))
            .select()
            .clone()
    };
    let (ann, new) = (title("Ann"), title("New"));
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![
        set("a", TAG, "m2"),
        set("b", TAG, "m1"),
        insert(thing("f").with(TAG, "m2")),
    ])
    .await
    .unwrap();
    assert_eq!(ids(&mut tx, &ann).await, ["a", "c", "f"]);
    let batch = Batch {
        layout: makers.clone(),
        writes: vec![
            Write::Insert {
                record: maker("m9", "New", "Rome", Value::Null),
            },
            Write::Update {
                key: "m2".into(),
                changes: vec![(1, "Bea".into())],
                when: Default::default(),
            },
        ],
        returning: false,
    };
    tx.write_batch(&batch).await.unwrap();
    assert_eq!(
        ids(&mut tx, &ann).await,
        [""; 0],
        "the maker has another title now"
    );
    assert_eq!(ids(&mut tx, &title("Bea")).await, ["a", "c", "f"]);
    assert_eq!(ids(&mut tx, &new).await, ["gone"]);
    let sorted = bench
        .select()
        .join(TAG, &makers, Filter::True)
        .sort(TITLE, false)
        .limit(3)
        .select()
        .clone();
    assert_eq!(ids(&mut tx, &sorted).await, ["d", "none", "a"]);
    tx.abort().await.unwrap();
    let outside = bench.store.query(Plan::unsealed(&ann)).await.unwrap();
    assert_eq!(keys(&outside), ["b", "c"]);
}

async fn joins_see_one_state(bench: Bench<'_>) {
    let makers = made(&bench).await;
    let select = bench
        .select()
        .join(TAG, &makers, Filter::True)
        .filter(Filter::test(TITLE, Op::Eq, "Ann"))
        .select()
        .clone();
    let mut tx = bench.begin().await.unwrap();
    // The state is taken at the first read where a store takes it then.
    assert_eq!(ids(&mut tx, &select).await, ["b", "c"]);
    let change = Batch {
        layout: makers.clone(),
        writes: vec![Write::Update {
            key: "m2".into(),
            changes: vec![(1, "Bea".into())],
            when: Default::default(),
        }],
        returning: false,
    };
    // Where writers wait for the transaction, this ends with it.
    let written = crate::bench::soon(bench.store.write(Plan::unsealed(&change))).await;
    assert_eq!(ids(&mut tx, &select).await, ["b", "c"]);
    tx.abort().await.unwrap();
    if written.is_some() {
        assert_eq!(
            bench
                .store
                .query(Plan::unsealed(&select))
                .await
                .unwrap()
                .rows
                .len(),
            0
        );
    }
}

async fn places_see_own_writes(bench: Bench<'_>) {
    bench
        .fill((0..10_i64).map(|i| thing(&format!("t{i}")).with(N, i).with(F, i as f64)))
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![
        set("t1", N, 8),
        set("t1", F, 8.0),
        delete("t9", Default::default()),
        insert(thing("t6b").with(N, 6).with(F, 6.0)),
    ])
    .await
    .unwrap();
    for field in [N, F] {
        let select = bench
            .select()
            .sort(field, false)
            .after([6.into(), "t6".into()])
            .total()
            .select()
            .clone();
        let page = tx.query(&select).await.unwrap();
        assert_eq!(
            (keys(&page), page.total),
            (
                vec!["t6b".into(), "t7".into(), "t1".into(), "t8".into()],
                Some(10)
            )
        );
    }
    tx.abort().await.unwrap();
}

async fn groups_see_own_writes(bench: Bench<'_>) {
    bench
        .fill((0..10_i64).map(|i| thing(&format!("t{i}")).with(N, i % 2)))
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![set("t0", N, 7), delete("t1", Default::default())])
        .await
        .unwrap();
    let select = bench
        .select()
        .group(&[N], &[Aggregate::Count])
        .select()
        .clone();
    let groups = tx.query(&select).await.unwrap().groups;
    assert_eq!(
        groups,
        [
            [Value::from(0), 4.into()],
            [1.into(), 4.into()],
            [7.into(), 1.into()]
        ]
    );
    tx.abort().await.unwrap();
}

async fn bounds_hold(bench: Bench<'_>) {
    bench
        .fill((0..10_i64).map(|i| thing(&format!("t{i}")).with(F, i as f64)))
        .await;
    let mut tx = bench.begin().await.unwrap();
    tx.write(vec![insert(thing("t99"))]).await.unwrap();
    let ask = |bound| {
        bench
            .select()
            .filter(Filter::test(F, Op::Ge, 5.0))
            .look_at(bound)
            .total()
            .select()
            .clone()
    };
    is_bound(&tx.query(&ask(5)).await.unwrap_err());
    let page = tx.query(&ask(11)).await.unwrap();
    assert_eq!(
        page.total,
        Some(5),
        "a refusal leaves the transaction as it was"
    );
    tx.commit().await.unwrap();
    assert!(bench.get("t99").await.is_some());
}
