//! A read is not older than what was acknowledged before it, whichever server is asked: it names the time.

use larder_core::store::{Condition, FieldChange, Write};
use larder_core::{Plan, Select, Store};
use larder_query::Value;
use mongodb::Collection;
use mongodb::bson::{Document, Timestamp, doc};

use super::{Bench, post};

/// The level and the time that the only read of `run` names.
async fn asked(bench: &Bench, run: impl Future<Output = ()>) -> (String, Timestamp) {
    let db = bench.scratch.database().await;
    db.run_command(doc! { "profile": 2 }).await.unwrap();
    run.await;
    db.run_command(doc! { "profile": 0 }).await.unwrap();
    let profiled: Collection<Document> = db.collection("system.profile");
    let reads =
        doc! { "ns": format!("{}.posts", db.name()), "command.readConcern": { "$exists": true } };
    assert_eq!(profiled.count_documents(reads.clone()).await.unwrap(), 1);
    let read = profiled.find_one(reads).await.unwrap().unwrap();
    profiled.drop().await.unwrap();
    let concern = read.get_document("command").unwrap();
    let concern = concern.get_document("readConcern").unwrap();
    (
        concern.get_str("level").unwrap().to_owned(),
        concern.get_timestamp("afterClusterTime").unwrap(),
    )
}

#[tokio::test]
async fn a_read_is_not_older_than_what_was_acknowledged() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let insert = |id: &str| Write::Insert {
        record: post(id, None, 1),
    };
    let change = Write::Update {
        key: Value::from("a").into(),
        changes: vec![(2, FieldChange::Set(Value::from(2)))],
        when: Condition::default(),
    };
    let delete = Write::Delete {
        key: Value::from("a").into(),
        when: Condition::default(),
    };
    let by_key = Select {
        key: Some(Value::from("a").into()),
        ..bench.all()
    };
    let counted = Select {
        total: true,
        limit: Some(1),
        ..bench.all()
    };
    let mut before = Timestamp {
        time: 0,
        increment: 0,
    };
    for (what, writes) in [
        ("an insert", vec![insert("a")]),
        ("a change", vec![change]),
        ("a transaction of its own", vec![insert("b"), insert("c")]),
        ("a delete", vec![delete]),
    ] {
        bench.write(writes).await.unwrap();
        let one = asked(&bench, async {
            bench.read(&by_key).await;
        });
        let (level, time) = one.await;
        assert_eq!(level, "majority", "{what}");
        assert!(time > before, "{what}: {time} after {before}");
        for select in [&bench.all(), &counted] {
            let list = asked(&bench, async {
                bench.read(select).await;
            });
            let (level, listed) = list.await;
            assert_eq!(level, "snapshot", "{what}");
            assert!(listed >= time, "{what}: {listed} after {time}");
        }
        let inside = asked(&bench, async {
            let mut transaction = bench.store.begin(Plan::unsealed(&())).await.unwrap();
            transaction.query(Plan::unsealed(&by_key)).await.unwrap();
            transaction.abort().await.unwrap();
        });
        let (level, inside) = inside.await;
        assert_eq!(level, "snapshot", "{what}");
        assert!(inside >= time, "{what}: {inside} after {time}");
        before = time;
    }
    // What a transaction that was not its own has committed counts too.
    let mut transaction = bench.store.begin(Plan::unsealed(&())).await.unwrap();
    let batch = larder_core::store::Batch {
        layout: bench.layout.clone(),
        writes: vec![insert("d")],
        returning: false,
    };
    transaction.write(Plan::unsealed(&batch)).await.unwrap();
    transaction.commit().await.unwrap();
    let (_, time) = asked(&bench, async {
        bench.read(&by_key).await;
    })
    .await;
    assert!(time > before, "a transaction: {time} after {before}");
    bench.end().await;
}
