//! What is committed, as change streams tell it: what is too much at once, and whose connections it takes.

use std::time::Duration;

use larder_core::store::{
    Batch, Committed, Condition, Feed, FieldChange, Kept, Plan, Since, Watch,
};
use larder_core::store::{Outcome, Write};
use larder_core::{ErrorKind, Result, Store};
use larder_mongodb::MongoStore;
use mongodb::Collection;
use mongodb::bson::{Document, doc};

use super::{Bench, post, posts};

/// After this nothing more is expected to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A store that tells the changes of posts; none where there is no server.
async fn bench() -> Option<Bench> {
    let mut layout = posts();
    layout.storage.changes = true;
    let bench = Bench::unprepared(layout).await?;
    bench.prepare().await.unwrap();
    Some(bench)
}

async fn listen(bench: &Bench, store: &MongoStore) -> Box<dyn Feed> {
    let watch = Watch {
        layouts: vec![bench.layout.clone()],
        since: Since::Now,
    };
    store.changes(Plan::unsealed_owned(watch)).await.unwrap()
}

async fn next(feed: &mut dyn Feed) -> Result<Committed> {
    tokio::time::timeout(PATIENCE, feed.next())
        .await
        .expect("a change that is told")
}

/// Adds posts in one transaction, past the store.
async fn add(bench: &Bench, name: &str, count: usize, title: &str) {
    let db = bench.scratch.database().await;
    let mut session = db.client().start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let posts: Collection<Document> = db.collection("posts");
    let new =
        |n| doc! { "_id": format!("{name}{n}"), "n": 1_i64, "title": title, "_version": 1_i64 };
    posts
        .insert_many((0..count).map(new))
        .session(&mut session)
        .await
        .unwrap();
    session.commit_transaction().await.unwrap();
}

/// A transaction is gathered until it is whole, and no further than to the bound.
#[tokio::test]
async fn more_at_once_than_is_told() {
    let Some(bench) = bench().await else {
        return;
    };
    let megabyte = "x".repeat(1024 * 1024);
    for part in 0..4 {
        add(&bench, &format!("large{part}-"), 10, &megabyte).await;
    }
    let mut feed = listen(&bench, &bench.store).await;
    add(&bench, "many", 10_000, "t").await;
    assert_eq!(next(&mut *feed).await.unwrap().changes.len(), 10_000);
    add(&bench, "more", 10_001, "t").await;
    for _ in 0..2 {
        let lost = next(&mut *feed).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Lost, "{lost:?}");
    }
    // A change has the document before and after it.
    let mut feed = listen(&bench, &bench.store).await;
    count_up(&bench, "^large[0-2]").await;
    assert_eq!(next(&mut *feed).await.unwrap().changes.len(), 30);
    count_up(&bench, "^large").await;
    let lost = next(&mut *feed).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Lost, "{lost:?}");
    drop(feed);
    bench.end().await;
}

/// Changes a number of the posts with such ids in one transaction, past the store.
async fn count_up(bench: &Bench, ids: &str) {
    let db = bench.scratch.database().await;
    let mut session = db.client().start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let posts: Collection<Document> = db.collection("posts");
    let (filter, more) = (
        doc! { "_id": { "$regex": ids } },
        doc! { "$inc": { "n": 1_i64 } },
    );
    posts
        .update_many(filter, more)
        .session(&mut session)
        .await
        .unwrap();
    session.commit_transaction().await.unwrap();
}

/// How many connections the server has of an app with this name.
async fn connections(bench: &Bench, name: &str) -> usize {
    let db = bench.scratch.database().await;
    let all = doc! { "$currentOp": { "allUsers": true, "idleConnections": true } };
    let of_it = [all, doc! { "$match": { "appName": name } }];
    let admin = db.client().database("admin");
    let mut cursor = admin.aggregate(of_it).await.unwrap();
    let mut count = 0;
    while cursor.advance().await.unwrap() {
        count += 1;
    }
    count
}

#[tokio::test]
async fn who_listens_takes_no_connection_from_others() {
    let Some(bench) = bench().await else {
        return;
    };
    let name = format!("ears_of_{}", std::process::id());
    let url = format!("{}&appName={name}", bench.scratch.url());
    let store = MongoStore::open(&url).await.unwrap();
    store
        .prepare(std::slice::from_ref(&bench.layout))
        .await
        .unwrap();
    let listeners = format!("{name} changes");
    assert_eq!(connections(&bench, &listeners).await, 0, "nobody has asked");
    assert!(connections(&bench, &name).await > 0);
    for _ in 0..2 {
        let feeds = [listen(&bench, &store).await, listen(&bench, &store).await];
        assert!(connections(&bench, &listeners).await > 0);
        drop(feeds);
        let closed = async {
            while connections(&bench, &listeners).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        let closed = tokio::time::timeout(PATIENCE, closed).await;
        closed.expect("connections that are closed with the last one who listens");
    }
    drop(store);
    bench.end().await;
}

/// A batch that is written in a transaction of its own takes its turn, and waits for it no longer than others.
#[tokio::test]
async fn a_batch_waits_for_its_turn() {
    let Some(bench) = bench().await else {
        return;
    };
    let store = MongoStore::builder(bench.scratch.url())
        .connections(2)
        .patience(Duration::from_millis(500))
        .open()
        .await
        .unwrap();
    store
        .prepare(std::slice::from_ref(&bench.layout))
        .await
        .unwrap();
    let batch = |writes| Batch {
        layout: bench.layout.clone(),
        writes,
        returning: false,
    };
    let set = |n: i64| Write::Update {
        key: "a".into(),
        changes: vec![(2, FieldChange::Set(n.into()))],
        when: Condition::default(),
    };
    let put = |id: &str| Write::Put {
        record: post(id, None, 1),
        kept: Kept::default(),
        when: Condition::default(),
        create: true,
    };
    let first = batch(vec![put("a")]);
    store.write(Plan::unsealed(&first)).await.unwrap();

    let mut open = store.begin(Plan::unsealed_owned(())).await.unwrap();
    let write = batch(vec![set(2)]);
    open.write(Plan::unsealed(&write)).await.unwrap();
    // It waits in the server for the transaction, and has the only turn.
    let waits = tokio::spawn({
        let (store, write) = (store.clone(), batch(vec![set(3)]));
        async move { store.write(Plan::unsealed_owned(write)).await }
    });
    let two = batch(vec![put("b"), put("c")]);
    let mut refused = None;
    for _ in 0..1_000 {
        if let Err(error) = store.write(Plan::unsealed(&two)).await {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("a batch that finds no turn");
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert!(
        refused.message().contains("are in use; try again"),
        "{refused}"
    );
    open.commit().await.unwrap();
    let written = waits.await.unwrap().unwrap();
    assert!(matches!(written[..], [Outcome::Updated(_)]), "{written:?}");
    store.write(Plan::unsealed(&two)).await.unwrap();
    drop(store);
    bench.end().await;
}
