//! Faults while the app runs, and what they are to a caller.

use std::time::Duration;

use larder_core::store::{Condition, Plan};
use larder_core::{ErrorKind, Select, Store};
use larder_query::{Bound, Filter, Flags, Op, Pattern, Test, Value};
use larder_sql::PostgresStore;

use crate::support::{get, ids, insert, place, post, posts, query, record, update, write};

#[tokio::test]
async fn a_table_that_was_dropped() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    place.execute("DROP TABLE posts").await;
    for error in [
        get(&*place.store, &posts(), "a").await.unwrap_err(),
        write(&*place.store, &posts(), vec![insert(post("a", "A", 1))])
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Internal);
        let shown = error.message().to_lowercase();
        assert!(
            !shown.contains("posts") && !shown.contains("select"),
            "{shown}"
        );
    }
    place.end().await;
}

#[tokio::test]
async fn what_a_column_cannot_hold() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let store = &*place.store;
    let kind = |error: &larder_core::Error| (error.kind(), error.fields()[0].field.clone());
    let error = write(store, &posts(), vec![insert(post("a", "x\0y", 1))])
        .await
        .unwrap_err();
    assert_eq!(kind(&error), (ErrorKind::Invalid, "title".to_owned()));
    assert!(error.message().contains("U+0000"), "{error}");
    let doc = serde_json::from_str(r#"{"a\u0000": 1}"#).unwrap();
    let row = record(["a".into(), Value::Null, Value::Null, doc]);
    let error = write(store, &posts(), vec![insert(row)]).await.unwrap_err();
    assert_eq!(kind(&error), (ErrorKind::Invalid, "doc".to_owned()));
    // An index has room for 2,704 bytes, and these can't be made shorter.
    let long: String = (0..4_000_u32)
        .map(|n| char::from_u32(0x4e00 + n * 7 % 20_000).unwrap())
        .collect();
    let error = write(store, &posts(), vec![insert(post("a", &long, 1))])
        .await
        .unwrap_err();
    assert_eq!(kind(&error), (ErrorKind::Invalid, "title".to_owned()));
    place
        .execute("ALTER TABLE posts ALTER COLUMN likes TYPE smallint")
        .await;
    let error = write(store, &posts(), vec![insert(post("a", "A", 40_000))])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(!error.message().contains("smallint"), "{error}");
    write(store, &posts(), vec![insert(post("a", "A", 30_000))])
        .await
        .unwrap();
    let row = get(store, &posts(), "a").await.unwrap().unwrap();
    assert_eq!(row.get(2), &Value::from(30_000));
    place.end().await;
}

#[tokio::test]
async fn a_unique_value_that_somebody_else_declared() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    place
        .execute("CREATE UNIQUE INDEX by_somebody ON posts (likes)")
        .await;
    let store = &*place.store;
    write(store, &posts(), vec![insert(post("a", "A", 1))])
        .await
        .unwrap();
    for (row, field) in [
        (post("b", "B", 1), "likes"),
        (post("b", "A", 2), "title"),
        (post("a", "B", 2), "id"),
    ] {
        let error = write(store, &posts(), vec![insert(row)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Duplicate);
        assert_eq!(error.fields()[0].field, field);
    }
    place.end().await;
}

#[tokio::test]
async fn connections_that_were_cut() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let store = &*place.store;
    write(store, &posts(), vec![insert(post("a", "A", 1))])
        .await
        .unwrap();
    let cut = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
               AND application_name = 'larder_cut'";
    let url = format!("{}&application_name=larder_cut", place.schema.url());
    let store = PostgresStore::builder(&url)
        .connections(2)
        .open()
        .await
        .unwrap();
    for round in 0..5 {
        assert!(get(&store, &posts(), "a").await.unwrap().is_some());
        assert_eq!(place.texts(cut).await, ["true"], "round {round}");
        // The read finds out by itself, and so does whoever begins a transaction.
        assert!(get(&store, &posts(), "a").await.unwrap().is_some());
        place.texts(cut).await;
        let tx = store.begin(Plan::unsealed(&())).await.unwrap();
        // Nor does a transaction that was cut keep anything, or the pool lose a connection.
        place.texts(cut).await;
        let error = tx.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    get(&store, &posts(), "a").await.unwrap();
    place.texts(cut).await;
    let written = write(
        &store,
        &posts(),
        vec![update("a", 2, 5, Condition::default())],
    )
    .await;
    if let Err(error) = written {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        write(
            &store,
            &posts(),
            vec![update("a", 2, 5, Condition::default())],
        )
        .await
        .unwrap();
    }
    assert_eq!(
        get(&store, &posts(), "a").await.unwrap().unwrap().get(2),
        &Value::from(5)
    );
    place.end().await;
}

#[tokio::test]
async fn all_connections_in_use() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let builder = PostgresStore::builder(&place.schema.url()).connections(1);
    let store = builder
        .acquire_timeout(Duration::from_millis(50))
        .open()
        .await
        .unwrap();
    let tx = store.begin(Plan::unsealed(&())).await.unwrap();
    let error = get(&store, &posts(), "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.message().contains("in use"), "{error}");
    tx.abort().await.unwrap();
    assert!(get(&store, &posts(), "a").await.unwrap().is_none());
    store.close().await;
    place.end().await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 1))])
        .await
        .unwrap();
    let builder = PostgresStore::builder(&place.schema.url());
    let store = builder
        .statement_timeout(Duration::from_millis(50))
        .open()
        .await
        .unwrap();
    let mut lock = place.store.begin(Plan::unsealed(&())).await.unwrap();
    let batch = larder_core::store::Batch {
        layout: posts(),
        writes: vec![update("a", 2, 2, Condition::default())],
        returning: false,
    };
    lock.write(Plan::unsealed(&batch)).await.unwrap();
    let error = write(
        &store,
        &posts(),
        vec![update("a", 2, 3, Condition::default())],
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    lock.commit().await.unwrap();
    write(
        &store,
        &posts(),
        vec![update("a", 2, 3, Condition::default())],
    )
    .await
    .unwrap();
    place.end().await;
}

/// What the memory finishes leaves rows behind on the connection, or has to close it; either way the next read is whole.
#[tokio::test]
async fn pages_that_end_early() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let rows = (0..500).map(|n| insert(post(&format!("p{n:03}"), &format!("title {n}"), n)));
    write(&*place.store, &posts(), rows.collect())
        .await
        .unwrap();
    let store = PostgresStore::builder(&place.schema.url())
        .connections(1)
        .open()
        .await
        .unwrap();
    let odd = Filter::Test(Test {
        field: 1,
        op: Op::Match,
        operand: Bound::Pattern(Pattern::new("[13579]$", Flags::default()).unwrap()),
    });
    for _ in 0..3 {
        let select = Select {
            filter: odd.clone(),
            limit: Some(2),
            ..Select::all(posts())
        };
        assert_eq!(query(&store, &select).await.unwrap().rows.len(), 2);
        let bounded = Select {
            look_at: Some(100),
            total: true,
            ..select
        };
        let error = query(&store, &bounded).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert_eq!(ids(&store, &posts(), odd.clone()).await.len(), 250);
    }
    place.end().await;
}
