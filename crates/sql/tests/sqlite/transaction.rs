//! Transactions: what they see, what they leave behind, and who waits.

use std::sync::Arc;
use std::time::Duration;

use larder_core::store::{Condition, Outcome};
use larder_core::{ErrorKind, Plan, Select};
use larder_query::Filter;
use larder_sql::SqliteStore;

use crate::support::{batch, begin, get, insert, place, post, posts, put, url, write};

#[tokio::test]
async fn a_transaction_sees_its_own_writes_and_keeps_them_at_commit() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let mut tx = begin(&place.store).await.unwrap();
    tx.write(Plan::unsealed(&batch(
        &posts,
        vec![insert(&post("a", "A", 1))],
    )))
    .await
    .unwrap();
    let one = Select::one(Arc::clone(&posts), "a".into(), Filter::True);
    assert_eq!(tx.query(Plan::unsealed(&one)).await.unwrap().rows.len(), 1);
    assert!(
        get(&place.store, &posts, "a").await.is_none(),
        "not yet for others"
    );
    tx.commit().await.unwrap();
    assert!(get(&place.store, &posts, "a").await.is_some());
}

#[tokio::test]
async fn dropping_and_aborting_roll_back_and_let_others_write() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    for abort in [true, false] {
        let mut tx = begin(&place.store).await.unwrap();
        tx.write(Plan::unsealed(&batch(
            &posts,
            vec![insert(&post("a", "A", 1))],
        )))
        .await
        .unwrap();
        if abort {
            tx.abort().await.unwrap();
        } else {
            drop(tx);
        }
        assert!(get(&place.store, &posts, "a").await.is_none());
    }
    write(&place.store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_batch_that_misses_or_fails_leaves_the_transaction_as_it_was() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let mut tx = begin(&place.store).await.unwrap();
    tx.write(Plan::unsealed(&batch(
        &posts,
        vec![insert(&post("a", "A", 1))],
    )))
    .await
    .unwrap();
    let never = Condition::filter(Filter::False);
    let missed = batch(
        &posts,
        vec![
            insert(&post("b", "B", 1)),
            put(&post("a", "A2", 1), &[], never),
        ],
    );
    assert!(matches!(
        tx.write(Plan::unsealed(&missed)).await.unwrap()[..],
        [Outcome::Created(_), Outcome::Missed]
    ));
    let failed = batch(
        &posts,
        vec![
            insert(&post("b", "B", 1)),
            put(&post("c", "A", 1), &[], Condition::default()),
        ],
    );
    assert_eq!(
        tx.write(Plan::unsealed(&failed)).await.unwrap_err().kind(),
        ErrorKind::Duplicate
    );
    tx.commit().await.unwrap();
    assert!(get(&place.store, &posts, "a").await.is_some());
    assert!(get(&place.store, &posts, "b").await.is_none());
}

#[tokio::test]
async fn those_who_wait_too_long_are_told() {
    let posts = posts();
    let folder = place(std::slice::from_ref(&posts)).await.folder;
    let store = SqliteStore::builder(&url(&folder))
        .busy_timeout(Duration::from_millis(30))
        .open()
        .await
        .unwrap();
    let held = begin(&store).await.unwrap();
    let write_past = write(&store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap_err();
    assert_eq!(write_past.kind(), ErrorKind::Unavailable);
    assert_eq!(
        begin(&store).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    // Another store on the same file meets SQLite's own lock.
    let other = SqliteStore::builder(&url(&folder))
        .busy_timeout(Duration::from_millis(30))
        .open()
        .await
        .unwrap();
    let locked = write(&other, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap_err();
    assert_eq!(
        (locked.kind(), locked.message().contains("locked")),
        (ErrorKind::Unavailable, true)
    );
    assert_eq!(
        begin(&other).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    drop(held);
    write(&store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
    write(&other, &posts, vec![insert(&post("b", "B", 1))])
        .await
        .unwrap();
}

#[tokio::test]
async fn futures_dropped_anywhere_leave_no_lock() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    for polls in 0..40 {
        let work = async {
            let mut tx = begin(&place.store).await.unwrap();
            let two = vec![
                insert(&post("a", "A", 1)),
                put(&post("b", "B", 1), &[], Condition::default()),
            ];
            tx.write(Plan::unsealed(&batch(&posts, two))).await.unwrap();
            tx.query(Plan::unsealed(&Select::all(Arc::clone(&posts))))
                .await
                .unwrap();
            tx.abort().await.unwrap();
        };
        poll_some(work, polls).await;
        assert!(get(&place.store, &posts, "a").await.is_none());
        let key = format!("k{polls}");
        write(&place.store, &posts, vec![insert(&post(&key, &key, 1))])
            .await
            .unwrap();
    }
}

/// Polls a future a few times, letting the others run in between, then drops it.
async fn poll_some(work: impl Future<Output = ()>, polls: usize) {
    let mut work = std::pin::pin!(work);
    for _ in 0..polls {
        let done =
            std::future::poll_fn(|cx| std::task::Poll::Ready(work.as_mut().poll(cx).is_ready()))
                .await;
        if done {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_transaction_whose_call_was_cancelled_is_over() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let mut tx = begin(&place.store).await.unwrap();
    let two = batch(
        &posts,
        vec![
            insert(&post("a", "A", 1)),
            put(&post("b", "B", 1), &[], Condition::default()),
        ],
    );
    poll_some(async { drop(tx.write(Plan::unsealed(&two)).await) }, 1).await;
    assert_eq!(
        tx.write(Plan::unsealed(&two)).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert!(tx.commit().await.is_err());
    assert!(get(&place.store, &posts, "a").await.is_none());
}
