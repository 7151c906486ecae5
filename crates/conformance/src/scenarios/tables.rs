//! Tables with habits of their own: other names, no versions, keys from the store; and what a plan says.

use std::collections::BTreeSet;
use std::sync::Arc;

use larder_core::migrate::Effect;
use larder_core::store::{Condition, Kept, Outcome, Select, Write};
use larder_core::{ErrorKind, Key, Kind, Layout, Record, Row, Version, Versions};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, delete, duplicate, insert, set, updated};
use crate::harness::Need;
use crate::things::{CODE, ID, N, NAME, TAG, V1, layout, thing};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        columns_of_other_names, a_renamed_field_keeps_its_values, a_renamed_collection_keeps_its_records,
        two_names_at_once_are_refused, versions_of_content, a_plan_is_what_prepare_does,
    ];
    all.extend(rows![&[Need::AssignedKeys]; the_store_gives_keys, given_keys_never_come_again]);
    all.extend(rows![&[Need::AssignedKeys, Need::Transactions]; keys_given_in_a_transaction]);
    all
}

fn changed(change: impl FnOnce(&mut Layout)) -> Arc<Layout> {
    let mut layout = layout();
    change(&mut layout);
    Arc::new(layout)
}

/// Things whose name and code are kept in columns with other names.
fn elsewhere() -> Arc<Layout> {
    changed(|layout| {
        layout.collection = "elsewhere".into();
        layout.storage.columns = [(NAME, "full name".into()), (CODE, "name".into())].into();
    })
}

async fn columns_of_other_names(mut bench: Bench<'_>) {
    bench.layout = elsewhere();
    bench.prepare(&bench.layout).await.unwrap();
    bench.prepare(&bench.layout).await.unwrap();
    let a = || thing("a").with(NAME, "x").with(CODE, "1").with(N, 1);
    bench
        .fill([a(), thing("b").with(NAME, "y").with(CODE, "2")])
        .await;
    assert_eq!(*bench.get("a").await.unwrap(), *a().row());
    assert_eq!(bench.ids(Filter::test(NAME, Op::Eq, "y")).await, ["b"]);
    assert_eq!(bench.select().sort(CODE, true).ids().await, ["b", "a"]);
    updated(bench.one(set("a", NAME, "z")).await.unwrap());
    assert_eq!(bench.value("a", NAME).await, Value::from("z"));
    let kept = Write::Put {
        record: thing("b").with(NAME, "new").row(),
        kept: Kept(Arc::new([CODE])),
        when: Condition::filter(Filter::test(CODE, Op::Eq, "2")),
        create: true,
    };
    assert_eq!(
        updated(bench.one(kept).await.unwrap()).get(CODE),
        &Value::from("2")
    );
    // A fault speaks of the field.
    duplicate(bench.one(insert(thing("c").with(CODE, "1"))).await, "code");
}

async fn a_renamed_field_keeps_its_values(mut bench: Bench<'_>) {
    bench
        .fill([thing("a").with(NAME, "x").with(CODE, "1"), thing("b")])
        .await;
    bench.layout = changed(|layout| {
        layout.fields[NAME].name = "title".into();
        layout.fields[CODE].name = "slug".into();
        layout.storage.columns = [(CODE, "slug_column".into())].into();
        layout.storage.renamed = [(NAME, "name".into()), (CODE, "code".into())].into();
    });
    for _ in 0..2 {
        bench.prepare(&bench.layout).await.unwrap();
        assert_eq!(bench.value("a", NAME).await, Value::from("x"));
        assert_eq!(
            bench.get("a").await.unwrap().version,
            V1,
            "a new name is no change of the record"
        );
    }
    assert_eq!(bench.ids(Filter::test(NAME, Op::Eq, "x")).await, ["a"]);
    duplicate(bench.one(insert(thing("c").with(CODE, "1"))).await, "slug");
}

async fn a_renamed_collection_keeps_its_records(mut bench: Bench<'_>) {
    bench
        .fill([thing("a").with(TAG, "x").with(CODE, "1")])
        .await;
    bench.layout = changed(|layout| {
        layout.collection = "moved".into();
        layout.storage.was = Some("things".into());
    });
    for _ in 0..2 {
        bench.prepare(&bench.layout).await.unwrap();
        assert_eq!(bench.all().await, ["a"]);
    }
    assert_eq!(bench.ids(Filter::test(TAG, Op::Eq, "x")).await, ["a"]);
    duplicate(bench.one(insert(thing("c").with(CODE, "1"))).await, "code");
    bench.fill([thing("b")]).await;
}

async fn two_names_at_once_are_refused(bench: Bench<'_>) {
    bench.fill([thing("a").with(NAME, "x")]).await;
    let others = changed(|layout| layout.collection = "others".into());
    bench.prepare(&others).await.unwrap();
    let moved = changed(|layout| {
        layout.collection = "others".into();
        layout.storage.was = Some("things".into());
    });
    let error = bench.prepare(&moved).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    // A wrapper may have put something in front of the names.
    assert!(error.message().contains("things` and `"), "{error}");
    assert!(error.message().contains("others` are"), "{error}");
    let renamed = changed(|layout| {
        layout.fields[NAME].name = "tag".into();
        layout.fields[TAG].name = "other".into();
        layout.storage.renamed = [(NAME, "name".into())].into();
    });
    let error = bench.prepare(&renamed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(
        error.message().contains("name") && error.message().contains("tag"),
        "{error}"
    );
    assert_eq!(
        bench.value("a", NAME).await,
        Value::from("x"),
        "nothing was changed"
    );
}

/// Versions are hashes of what was written, whatever wrote it.
async fn versions_of_content(mut bench: Bench<'_>) {
    bench.layout = changed(|layout| {
        layout.collection = "hashed".into();
        layout.storage.versions = Versions::Content(Arc::new([ID, NAME, N]));
    });
    bench.prepare(&bench.layout).await.unwrap();
    let of = |row: &Row| Version::of_content(&row.values, &[ID, NAME, N]);
    let a = thing("a").with(NAME, "x").with(N, 1);
    let first = Version::of_content(&a.clone().row().values, &[ID, NAME, N]);
    bench.fill([a.clone().at(first)]).await;
    assert_eq!(bench.get("a").await.unwrap().version, first);
    let row = updated(bench.one(set("a", N, 2)).await.unwrap());
    assert_eq!(row.version, of(&row));
    assert_ne!(row.version, first);
    assert_eq!(bench.get("a").await.unwrap().version, row.version);
    let row = updated(bench.one(set("a", TAG, "no part of it")).await.unwrap());
    assert_eq!(row.version, of(&row));
    let back = Write::Put {
        record: a.row(),
        kept: Kept(Arc::new([TAG])),
        when: Condition::default(),
        create: false,
    };
    let row = updated(bench.one(back).await.unwrap());
    assert_eq!(row.version, first, "the same content is the same version");
    assert_eq!(row.get(TAG), &Value::from("no part of it"));
    bench
        .one(delete("a", Condition::filter(Filter::test(N, Op::Eq, 1))))
        .await
        .unwrap();
    assert_eq!(bench.all().await, [""; 0]);
}

async fn a_plan_is_what_prepare_does(bench: Bench<'_>) {
    let plan = async |layout: &Arc<Layout>| {
        bench
            .store
            .plan(std::slice::from_ref(layout))
            .await
            .unwrap()
    };
    assert_eq!(plan(&bench.layout).await, []);
    bench.fill([thing("a").with(N, 1)]).await;
    let grown = changed(|layout| {
        let note = crate::things::column("note", Kind::Text);
        layout.fields.push(note);
    });
    let found = plan(&grown).await;
    assert!(
        found
            .iter()
            .all(|change| change.effect == Effect::Additive && change.model == "Thing"),
        "{found:?}"
    );
    assert!(!found.is_empty());
    assert_eq!(plan(&grown).await, found, "a plan changes nothing");
    bench.prepare(&grown).await.unwrap();
    assert_eq!(plan(&grown).await, []);
    let other = changed(|layout| {
        layout
            .fields
            .push(crate::things::column("note", Kind::Text));
        layout.fields[N].kind = Kind::Text;
        layout.indexes.clear();
    });
    let found = plan(&other).await;
    assert!(
        found.iter().any(|change| change.effect == Effect::Manual),
        "{found:?}"
    );
    assert!(bench.prepare(&other).await.is_err());
}

/// Things by number.
fn counted() -> Arc<Layout> {
    changed(|layout| {
        layout.collection = "counted".into();
        layout.fields[ID].kind = Kind::Int;
        layout.storage.assigned_key = true;
    })
}

fn nameless(name: &str) -> Write {
    let mut record = Record::clone(&thing("").with(NAME, name).row());
    record.values[ID] = Value::Null;
    Write::Insert {
        record: Arc::new(record),
    }
}

#[track_caller]
fn given(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Created(row) => row.get(ID).as_i64().expect("a number"),
        other => panic!("expected a key, found {other:?}"),
    }
}

async fn the_store_gives_keys(mut bench: Bench<'_>) {
    bench.layout = counted();
    bench.prepare(&bench.layout).await.unwrap();
    let names = ["a", "b", "c"];
    let outcomes = bench.write(names.map(nameless).into()).await.unwrap();
    let keys: Vec<i64> = outcomes.iter().map(given).collect();
    assert_eq!(BTreeSet::from_iter(&keys).len(), 3, "{keys:?}");
    for ((key, name), outcome) in keys.iter().zip(names).zip(&outcomes) {
        let select = Select::one(bench.layout.clone(), Key::from(*key), Filter::True);
        let page = bench
            .store
            .query(larder_core::Plan::unsealed(&select))
            .await
            .unwrap();
        assert_eq!(page.rows[0].get(NAME), &Value::from(name));
        assert!(matches!(outcome, Outcome::Created(row) if *row == page.rows[0]));
    }
    // One that comes with its key keeps it, and the next one is another.
    let mut record = Record::clone(&thing("").row());
    record.values[ID] = Value::from(keys[2] + 100);
    let with_key = || Write::Insert {
        record: Arc::new(record.clone()),
    };
    assert!(matches!(
        bench.one(with_key()).await.unwrap(),
        Outcome::Created(_)
    ));
    duplicate(bench.one(with_key()).await, "id");
    let next = given(&bench.one(nameless("d")).await.unwrap());
    assert!(!keys.contains(&next) && next != keys[2] + 100, "{next}");
}

async fn given_keys_never_come_again(mut bench: Bench<'_>) {
    bench.layout = counted();
    bench.prepare(&bench.layout).await.unwrap();
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        let key = given(&bench.one(nameless("x")).await.unwrap());
        assert!(seen.insert(key), "{key} came again");
        let gone = Write::Delete {
            key: Key::from(key),
            when: Condition::default(),
        };
        bench.one(gone).await.unwrap();
        bench.prepare(&bench.layout).await.unwrap();
    }
}

async fn keys_given_in_a_transaction(mut bench: Bench<'_>) {
    bench.layout = counted();
    bench.prepare(&bench.layout).await.unwrap();
    let mut tx = bench.begin().await.unwrap();
    let first = given(&tx.one(nameless("a")).await.unwrap());
    let second = given(&tx.one(nameless("b")).await.unwrap());
    assert_ne!(first, second);
    assert_eq!(tx.ids(Filter::True).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    let mut dropped = bench.begin().await.unwrap();
    dropped.one(nameless("c")).await.unwrap();
    dropped.abort().await.unwrap();
    let next = given(&bench.one(nameless("d")).await.unwrap());
    assert!(![first, second].contains(&next));
    assert_eq!(bench.all().await.len(), 3);
}
