//! Writers, transactions and instances that race.

use std::sync::Arc;

use larder_core::store::{Batch, Condition, Kept, Outcome, Plan, Write};
use larder_core::{ErrorKind, Result, Store};
use larder_query::{Bound, Filter, Flags, Op, Pattern, Test, Value};
use tokio::sync::Semaphore;

use crate::support::{FIRST, get, insert, place, post, posts, update, write};

/// Each of two writers has read the same version; each sends it along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_with_one_version_one_wins() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 0))])
        .await
        .unwrap();
    let mut version = FIRST;
    let rounds = i64::try_from(larder_tests::rounds(200, 1_000)).unwrap();
    for round in 0..rounds {
        let writer = |likes: i64, whole: bool| {
            let store = Arc::clone(&place.store);
            let when = Condition::version(version);
            tokio::spawn(async move {
                // One replaces the record, the other sets a field.
                let one = if whole {
                    Write::Put {
                        record: post("a", "A", likes),
                        kept: Kept::default(),
                        when,
                        create: true,
                    }
                } else {
                    update("a", 2, likes, when)
                };
                write(&*store, &posts(), vec![one]).await.unwrap().remove(0)
            })
        };
        let (one, other) = (
            writer(round * 2, round % 2 == 0),
            writer(round * 2 + 1, false),
        );
        let outcomes = [one.await.unwrap(), other.await.unwrap()];
        let won: Vec<usize> = (0..2)
            .filter(|at| matches!(outcomes[*at], Outcome::Updated(_)))
            .collect();
        assert_eq!(won.len(), 1, "round {round}: {outcomes:?}");
        let now = get(&*place.store, &posts(), "a").await.unwrap().unwrap();
        assert_eq!(now.get(2), &Value::from(round * 2 + won[0] as i64));
        version = now.version;
    }
    assert_eq!(version.0, FIRST.0 + rounds);
    place.end().await;
}

/// 32 tasks, each adding 100 times by reading, and writing under the condition that nothing has changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_by_retry_lose_nothing() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 0))])
        .await
        .unwrap();
    // So that not all of them read what only one of them can write.
    let turns = Arc::new(Semaphore::new(4));
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (store, turns) = (Arc::clone(&place.store), Arc::clone(&turns));
            tokio::spawn(async move {
                for _ in 0..100 {
                    loop {
                        let _turn = turns.acquire().await.unwrap();
                        let row = get(&*store, &posts(), "a").await.unwrap().unwrap();
                        let likes = row.get(2).as_i64().unwrap() + 1;
                        let one = update("a", 2, likes, Condition::version(row.version));
                        let outcomes = write(&*store, &posts(), vec![one]).await.unwrap();
                        if matches!(outcomes[0], Outcome::Updated(_)) {
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = get(&*place.store, &posts(), "a").await.unwrap().unwrap();
    assert_eq!(
        (row.get(2), row.version.0),
        (&Value::from(3_200), FIRST.0 + 3_200)
    );
    place.end().await;
}

async fn add(store: &dyn Store) -> Result<()> {
    let mut tx = store.begin(Plan::unsealed(&())).await?;
    let select = larder_core::Select::one(posts(), "a".into(), Filter::True);
    let row = tx.query(Plan::unsealed(&select)).await?.rows.remove(0);
    let batch = Batch {
        layout: posts(),
        writes: vec![update(
            "a",
            2,
            row.get(2).as_i64().unwrap() + 1,
            Condition::default(),
        )],
        returning: false,
    };
    tx.write(Plan::unsealed(&batch)).await?;
    tx.commit().await
}

/// A transaction that read what another one has changed since fails with a conflict, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_read_and_write() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 0))])
        .await
        .unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&place.store);
            tokio::spawn(async move {
                for _ in 0..10 {
                    while let Err(error) = add(&*store).await {
                        assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = get(&*place.store, &posts(), "a").await.unwrap().unwrap();
    assert_eq!(row.get(2), &Value::from(80));
    place.end().await;
}

/// A condition that SQL can't decide is tested on the record that is then written, whoever else writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_that_sql_cannot_decide() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "n0", 0))])
        .await
        .unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&place.store);
            tokio::spawn(async move {
                let mut won = 0;
                for n in 0..20 {
                    // Only the writer who finds the number before has the right to write the next one.
                    let pattern = Pattern::new(&format!("n{n}$"), Flags::default()).unwrap();
                    let when = Condition::filter(Filter::Test(Test {
                        field: 1,
                        op: Op::Match,
                        operand: Bound::Pattern(pattern),
                    }));
                    let next = update("a", 1, format!("n{}", n + 1), when);
                    match write(&*store, &posts(), vec![next]).await {
                        Ok(outcomes) => {
                            won += i32::from(matches!(outcomes[0], Outcome::Updated(_)));
                        }
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    let row = get(&*place.store, &posts(), "a").await.unwrap().unwrap();
    assert_eq!(
        row.get(1),
        &Value::from(format!("n{won}")),
        "each write that was told so was kept"
    );
    place.end().await;
}

/// Two instances that start at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_prepare_at_once() {
    let Some(place) = place(&[]).await else {
        return;
    };
    for round in 0..5 {
        let mut grown = larder_core::Layout::clone(&posts());
        for n in 0..round {
            let field = crate::support::column(&format!("more{n}"), larder_core::Kind::Text, true);
            grown.fields.push(field);
            grown.indexes.push(crate::support::index(&[4 + n], false));
        }
        let models: [Arc<larder_core::Layout>; 1] = [Arc::new(grown)];
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (url, models) = (place.schema.url(), models.clone());
                tokio::spawn(async move {
                    let store = larder_sql::PostgresStore::open(&url).await.unwrap();
                    store.prepare(&models).await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(place.store.plan(&models).await.unwrap(), []);
    }
    place.end().await;
}
