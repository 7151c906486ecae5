//! How changes are done: in how many statements, with hooks and listeners, and many at once.

use std::sync::atomic::Ordering;

use larder::ErrorKind;
use larder::prelude::*;
use larder_tests::{Backend, Counts, scenarios};

use super::{Counter, Post, World, refused, world};

async fn one_statement_where_it_will_do(backend: Backend) {
    let World { app, store, .. } = world(&backend).await;
    let ann = app.as_actor(&Actor::user("ann"));
    let one = Counts {
        writes: 1,
        ..Counts::default()
    };
    let plain = ann
        .update::<Post>("a")
        .add(Post::LIKES, 1)
        .push(Post::TAGS, "x")
        .set(Post::TITLE, "t");
    plain.when(Post::OPEN.eq(true)).await.unwrap();
    assert_eq!(store.take(), one);
    ann.update::<Post>("a")
        .pull(Post::TAGS, "x")
        .add(Post::VIEWS, 1)
        .add(Post::SCORE, 1.0)
        .await
        .unwrap();
    assert_eq!(store.take(), one);
    // Bounds of a sum are a condition of the write.
    let bounded = || ann.update::<Post>("a");
    let post = bounded()
        .add(Post::STARS, 10)
        .add(Post::SMALL, -7)
        .add(Post::BONUS, 250)
        .await
        .unwrap();
    assert_eq!((post.stars, post.small, post.bonus), (10, -7, Some(250)));
    assert_eq!(store.take(), one);
    let tags = ["x".to_owned(), "y".to_owned()];
    bounded().set(Post::TAGS, tags.to_vec()).await.unwrap();
    assert_eq!(store.take(), one);
    bounded().set_item(Post::TAGS, 1, "z").await.unwrap();
    assert_eq!(store.take(), one);
    let post = bounded().remove_item(Post::TAGS, 0).await.unwrap();
    assert_eq!(post.tags, ["z"]);
    assert_eq!(store.take(), one);
    // Where the condition does not hold, the record is looked at to say what is wrong.
    let missed = Counts {
        queries: 1,
        writes: 1,
        begun: 1,
        commits: 0,
    };
    refused(bounded().add(Post::STARS, 1).await, "/stars", "maximum");
    assert_eq!(store.take(), missed);
    refused(bounded().add(Post::BONUS, 6).await, "/bonus", "maximum");
    assert_eq!(store.take(), missed);
    // A list with a length is looked at, where nobody else can change it.
    bounded().push(Post::FEW, 1).await.unwrap();
    let looked = Counts {
        queries: 1,
        writes: 1,
        begun: 1,
        commits: 1,
    };
    assert_eq!(store.take(), looked);
    let nothing = ann.update::<Post>("a").add(Post::LIKES, 0);
    let before = ann.get::<Post>("a").await.unwrap();
    assert_eq!(
        nothing.await.unwrap().version(),
        before.version(),
        "nothing to do is no change"
    );
}

async fn hooks_and_listeners(backend: Backend) {
    let World {
        app,
        store,
        runs,
        heard,
    } = world(&backend).await;
    let session = app.as_system("test");
    let counter = Counter {
        id: "c".to_owned(),
        count: 1,
        ..Counter::default()
    };
    session.create(&counter).await.unwrap();
    let changed = session
        .update::<Counter>("c")
        .add(Counter::COUNT, 2)
        .push(Counter::LIST, 5)
        .await
        .unwrap();
    assert_eq!(
        (changed.count, changed.double, &changed.list[..]),
        (3, 6, &[5][..]),
        "the hook sees the sum"
    );
    assert_eq!(heard.lock().unwrap().as_slice(), [3]);
    // A lost race runs again, and the increment is there once.
    store.conflict(30);
    let ran = runs.0.load(Ordering::SeqCst);
    let changed = session
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    assert_eq!(changed.count, 4);
    assert_eq!(runs.0.load(Ordering::SeqCst) - ran, 31);
    assert_eq!(
        heard.lock().unwrap().as_slice(),
        [3, 4],
        "listeners hear of what is committed"
    );
    let before = changed.version();
    for amount in [-670, -671] {
        let error = session
            .update::<Counter>("c")
            .add(Counter::COUNT, amount)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied(418));
    }
    assert_eq!(session.get::<Counter>("c").await.unwrap().version(), before);
    assert!(
        session
            .update::<Counter>("c")
            .add(Counter::COUNT, 1)
            .when(Counter::COUNT.gt(9))
            .attempt()
            .await
            .unwrap()
            .is_none()
    );
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, 0)
        .await
        .unwrap();
    assert_eq!(
        heard.lock().unwrap().as_slice(),
        [3, 4],
        "no listener hears of nothing"
    );
    // A change inside the transaction of another.
    let all = Counter {
        id: "all".to_owned(),
        ..Counter::default()
    };
    session.create(&all).await.unwrap();
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, 1)
        .await
        .unwrap();
    session
        .update::<Counter>("c")
        .add(Counter::COUNT, -672)
        .await
        .unwrap_err();
    let all = session.get::<Counter>("all").await.unwrap();
    assert_eq!((all.count, all.double), (1, 2), "it is undone with it");
}

scenarios! {
    one_statement_where_it_will_do, hooks_and_listeners,
}

/// As many writers as an app has, with a hook that lets others in between looking and writing.
async fn nothing_is_lost(backend: Backend, rounds: i64) {
    let World { app, .. } = world(&backend).await;
    let session = app.as_system("test");
    let counter = Counter {
        id: "c".to_owned(),
        ..Counter::default()
    };
    session.create(&counter).await.unwrap();
    let writers = (0..32).map(|who: i64| {
        let session = session.clone();
        tokio::spawn(async move {
            for round in 0..rounds {
                session
                    .update::<Counter>("c")
                    .add(Counter::COUNT, 1)
                    .push(Counter::LIST, who * rounds + round)
                    .await?;
                session
                    .update::<Post>("a")
                    .add(Post::LIKES, 1)
                    .add(Post::VIEWS, 1)
                    .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    let counter = session.get::<Counter>("c").await.unwrap();
    assert_eq!((counter.count, counter.double), (32 * rounds, 64 * rounds));
    let mut list = counter.list.clone();
    list.sort_unstable();
    assert!(
        list.into_iter().eq(0..32 * rounds),
        "each element is there once"
    );
    let post = session.get::<Post>("a").await.unwrap();
    assert_eq!(
        (post.likes, post.views),
        (32 * rounds, Some(32 * rounds.unsigned_abs()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_memory() {
    nothing_is_lost(Backend::memory(), 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_sqlite() {
    nothing_is_lost(Backend::sqlite().await, 25).await;
}
