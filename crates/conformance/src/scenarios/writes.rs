//! Writes: insert, put, update, delete, and batches of them.

use larder_core::store::{Condition, Kept, Outcome, Plan, Write};
use larder_core::{Row, Version};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, missed, put, set, updated};
use crate::things::{CODE, DOC, F, N, NAME, TAG, Thing, V1, json, thing};

pub(super) fn rows() -> Vec<Scenario> {
    rows![&[];
        insert_creates, a_taken_key, put_creates, put_replaces_all, put_keeps_fields, put_without_create, update_sets_fields,
        update_misses, delete_removes, delete_gives_back, a_deleted_key_is_free, versions_count_up, outcomes_in_order,
        a_batch_is_atomic_on_a_miss, a_batch_is_atomic_on_a_duplicate, a_batch_sees_itself, an_empty_batch, five_hundred_at_once,
        an_update_of_nothing_counts, a_batch_that_is_lent,
    ]
}

async fn insert_creates(bench: Bench<'_>) {
    let outcome = bench
        .one(insert(thing("a").with(N, 1).with(NAME, "x")))
        .await
        .unwrap();
    let Outcome::Created(made) = outcome else {
        panic!("expected a new record, found {outcome:?}");
    };
    let row = bench.get("a").await.unwrap();
    assert_eq!(*row, *thing("a").with(N, 1).with(NAME, "x").row());
    assert_eq!(row.version, V1, "at the version that it carried");
    assert_eq!(made, row, "and is given back");
}

async fn a_taken_key(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    duplicate(bench.one(insert(thing("a").with(N, 2))).await, "id");
    assert_eq!(bench.value("a", N).await, Value::from(1));
    assert_eq!(bench.get("a").await.unwrap().version, V1);
}

async fn put_creates(bench: Bench<'_>) {
    let record = thing("a").with(N, 1).row();
    let when = Condition::filter(Filter::test(N, Op::Eq, 99));
    let write = Write::Put {
        record,
        kept: Kept([N].into()),
        when,
        create: true,
    };
    let outcome = bench.one(write).await.unwrap();
    let Outcome::Created(made) = outcome else {
        panic!("{outcome:?}: the condition is about an old record");
    };
    let row = bench.get("a").await.unwrap();
    assert_eq!(
        *row,
        *thing("a").with(N, 1).row(),
        "nothing is kept where nothing was"
    );
    assert_eq!(made, row);
}

async fn put_replaces_all(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(NAME, "x").with(DOC, json("[1]"))])
        .await;
    let row = updated(
        bench
            .one(put(thing("a").with(N, 2).with(TAG, "t").at(Version(7))))
            .await
            .unwrap(),
    );
    let wanted = thing("a").with(N, 2).with(TAG, "t").at(V1.next()).row();
    assert_eq!(
        *row, *wanted,
        "missing fields are gone, the version is the old one's next"
    );
    assert_eq!(bench.get("a").await, Some(row));
}

async fn put_keeps_fields(bench: Bench<'_>) {
    bench
        .fill([thing("a")
            .with(N, 1)
            .with(NAME, "old")
            .with(F, 1.5)
            .with(DOC, json("{\"x\":1}"))])
        .await;
    let record = thing("a").with(N, 2).with(NAME, "new").with(TAG, "t").row();
    let put = Write::Put {
        record,
        kept: Kept([N, F, DOC, CODE].into()),
        when: Condition::default(),
        create: true,
    };
    let row = updated(bench.one(put).await.unwrap());
    let wanted = thing("a")
        .with(N, 1)
        .with(NAME, "new")
        .with(F, 1.5)
        .with(DOC, json("{\"x\":1}"))
        .with(TAG, "t")
        .at(V1.next());
    assert_eq!(*row, *wanted.row());
    assert_eq!(bench.get("a").await, Some(row));
}

async fn put_without_create(bench: Bench<'_>) {
    let put = |thing: Thing| Write::Put {
        record: thing.row(),
        kept: Kept::default(),
        when: Condition::default(),
        create: false,
    };
    missed(&bench.write(vec![put(thing("a"))]).await);
    assert!(bench.get("a").await.is_none());
    bench.fill([thing("a")]).await;
    updated(bench.one(put(thing("a").with(N, 1))).await.unwrap());
    assert_eq!(bench.value("a", N).await, Value::from(1));
}

async fn update_sets_fields(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1).with(NAME, "x"), thing("b").with(N, 1)])
        .await;
    let write = Write::Update {
        key: "a".into(),
        changes: vec![
            (N, 5.into()),
            (TAG, "t".into()),
            (NAME, Value::Null.into()),
            (DOC, json("{\"k\":[1]}").into()),
        ],
        when: Condition::default(),
    };
    let row = updated(bench.one(write).await.unwrap());
    let wanted = thing("a")
        .with(N, 5)
        .with(TAG, "t")
        .with(DOC, json("{\"k\":[1]}"))
        .at(V1.next())
        .row();
    assert_eq!(*row, *wanted);
    assert_eq!(bench.get("a").await, Some(row));
    assert_eq!(
        *bench.get("b").await.unwrap(),
        *thing("b").with(N, 1).row(),
        "other records stay"
    );
}

async fn update_misses(bench: Bench<'_>) {
    missed(&bench.write(vec![set("a", N, 1)]).await);
    assert!(bench.get("a").await.is_none());
}

async fn delete_removes(bench: Bench<'_>) {
    bench.fill([thing("a"), thing("b")]).await;
    let outcome = bench.one(delete("a", Condition::default())).await.unwrap();
    assert!(matches!(outcome, Outcome::Deleted(_)), "{outcome:?}");
    assert_eq!(bench.all().await, ["b"]);
    missed(&bench.write(vec![delete("a", Condition::default())]).await);
}

async fn delete_gives_back(bench: Bench<'_>) {
    let full = || thing("a").with(N, 1).with(DOC, json("[1, {\"x\": null}]"));
    bench.fill([full(), thing("b")]).await;
    let mut batch = bench.batch(vec![
        delete("a", Condition::default()),
        delete("b", Condition::default()),
    ]);
    batch.returning = true;
    let outcomes = bench.store.write(Plan::unsealed(&batch)).await.unwrap();
    let rows: Vec<&Row> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Deleted(Some(row)) => row,
            other => panic!("expected what was deleted, found {other:?}"),
        })
        .collect();
    assert_eq!(**rows[0], *full().row());
    assert_eq!(**rows[1], *thing("b").row());
}

async fn a_deleted_key_is_free(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1).with(CODE, "c")]).await;
    bench.one(delete("a", Condition::default())).await.unwrap();
    let later = Version(V1.0 + (1 << 8));
    bench
        .fill([thing("a").with(N, 2).with(CODE, "c").at(later)])
        .await;
    assert_eq!(
        *bench.get("a").await.unwrap(),
        *thing("a").with(N, 2).with(CODE, "c").at(later).row()
    );
}

async fn versions_count_up(bench: Bench<'_>) {
    bench.fill([thing("a")]).await;
    let mut version = V1;
    for n in 0..300 {
        version = version.next();
        let write = if n % 2 == 0 {
            set("a", N, n)
        } else {
            put(thing("a").with(N, n))
        };
        assert_eq!(updated(bench.one(write).await.unwrap()).version, version);
    }
    assert_eq!(bench.get("a").await.unwrap().version, version);
}

async fn outcomes_in_order(bench: Bench<'_>) {
    bench.fill([thing("a"), thing("b"), thing("c")]).await;
    let writes = vec![
        set("b", N, 1),
        insert(thing("d")),
        delete("a", Condition::default()),
        put(thing("c").with(N, 2)),
        put(thing("e")),
    ];
    let outcomes = bench.write(writes).await.unwrap();
    assert_eq!(outcomes.len(), 5);
    assert!(matches!(&outcomes[0], Outcome::Updated(row) if *row.get(N) == Value::from(1)));
    assert!(matches!(outcomes[1], Outcome::Created(_)));
    assert!(matches!(outcomes[2], Outcome::Deleted(_)));
    assert!(matches!(&outcomes[3], Outcome::Updated(row) if *row.get(N) == Value::from(2)));
    assert!(matches!(outcomes[4], Outcome::Created(_)));
    assert_eq!(bench.all().await, ["b", "c", "d", "e"]);
}

/// Whoever lends a batch still has it as it was, and can ask for the same again.
async fn a_batch_that_is_lent(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    let record = thing("a").with(N, 2).with(TAG, "t").row();
    let batch = bench.batch(vec![
        Write::Put {
            record: record.clone(),
            kept: Kept([N].into()),
            when: Condition::default(),
            create: true,
        },
        put(thing("b").with(N, 3)),
    ]);
    for version in [V1.next(), V1.next().next()] {
        let outcomes = bench.store.write(Plan::unsealed(&batch)).await.unwrap();
        let wanted = thing("a").with(N, 1).with(TAG, "t").at(version).row();
        assert!(
            matches!(&outcomes[0], Outcome::Updated(row) if *row == wanted),
            "{outcomes:?}"
        );
        assert_eq!(bench.get("a").await, Some(wanted));
        assert_eq!(*record, *thing("a").with(N, 2).with(TAG, "t").row());
    }
    assert_eq!(bench.get("b").await.unwrap().version, V1.next());
}

async fn a_batch_is_atomic_on_a_miss(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 1)])
        .await;
    let writes = vec![
        insert(thing("c")),
        set("a", N, 2),
        delete("b", Condition::default()),
        put(thing("d")),
        set("none", N, 2),
        insert(thing("e")),
    ];
    let outcomes = bench.write(writes).await;
    missed(&outcomes);
    assert_eq!(outcomes.unwrap().len(), 5, "outcomes end with the miss");
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(*bench.get("a").await.unwrap(), *thing("a").with(N, 1).row());
    assert_eq!(
        bench.ids(Filter::test(N, Op::Eq, 1)).await,
        ["a", "b"],
        "indexes went back too"
    );
}

async fn a_batch_is_atomic_on_a_duplicate(bench: Bench<'_>) {
    bench
        .fill([thing("a").with(N, 1), thing("b").with(N, 1)])
        .await;
    let writes = vec![
        set("a", N, 2),
        insert(thing("c")),
        delete("a", Condition::default()),
        insert(thing("b")),
    ];
    duplicate(bench.write(writes).await, "id");
    duplicate(
        bench
            .write(vec![insert(thing("x")), insert(thing("x"))])
            .await,
        "id",
    );
    assert_eq!(bench.all().await, ["a", "b"]);
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 1)).await, ["a", "b"]);
}

async fn a_batch_sees_itself(bench: Bench<'_>) {
    let writes = vec![
        insert(thing("a").with(N, 1)),
        set("a", NAME, "x"),
        Write::Update {
            key: "a".into(),
            changes: vec![(N, 2.into())],
            when: Condition {
                versions: Some(vec![V1.next()]),
                ..Condition::filter(Filter::test(NAME, Op::Eq, "x"))
            },
        },
        insert(thing("b")),
        delete("b", Condition::default()),
    ];
    bench.write(writes).await.unwrap();
    assert_eq!(bench.all().await, ["a"]);
    assert_eq!(
        *bench.get("a").await.unwrap(),
        *thing("a")
            .with(N, 2)
            .with(NAME, "x")
            .at(V1.next().next())
            .row()
    );
}

async fn an_empty_batch(bench: Bench<'_>) {
    assert_eq!(bench.write(vec![]).await.unwrap().len(), 0);
}

async fn five_hundred_at_once(bench: Bench<'_>) {
    let of = |n: i64| {
        thing(&format!("t{n:03}"))
            .with(N, n % 7)
            .with(NAME, format!("name {n}"))
            .with(CODE, format!("c{n}"))
    };
    bench.fill((0..500).map(of)).await;
    let page = bench
        .select()
        .filter(Filter::test(N, Op::Eq, 3))
        .limit(1)
        .total()
        .page()
        .await;
    assert_eq!(page.total, Some(71));
    bench
        .write((0..500).map(|n| set(&format!("t{n:03}"), N, 9)).collect())
        .await
        .unwrap();
    assert_eq!(bench.ids(Filter::test(N, Op::Eq, 9)).await.len(), 500);
    bench
        .write(
            (0..500)
                .map(|n| delete(&format!("t{n:03}"), Condition::default()))
                .collect(),
        )
        .await
        .unwrap();
    assert_eq!(bench.all().await, [""; 0]);
}

async fn an_update_of_nothing_counts(bench: Bench<'_>) {
    bench.fill([thing("a").with(N, 1)]).await;
    assert_eq!(
        updated(bench.one(set("a", N, 1)).await.unwrap()).version,
        V1.next(),
        "the same value is a change"
    );
    let nothing = Write::Update {
        key: "a".into(),
        changes: vec![],
        when: Condition::default(),
    };
    assert_eq!(
        updated(bench.one(nothing).await.unwrap()).version,
        V1.next().next()
    );
}
