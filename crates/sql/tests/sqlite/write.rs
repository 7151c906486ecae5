//! Writes: outcomes, conditions, unique values, group commit.

use std::sync::Arc;

use larder_core::store::{Condition, Outcome, Write};
use larder_core::{ErrorKind, Kind, Select, Version};
use larder_query::{Filter, Op, Value};
use larder_sql::SqliteStore;

use crate::support::{
    FIRST, column, get, insert, layout, place, post, posts, put, record, select, write,
};

fn update(key: &str, set: Vec<(usize, Value)>, when: Condition) -> Write {
    Write::Update {
        key: key.into(),
        changes: set
            .into_iter()
            .map(|(field, value)| (field, value.into()))
            .collect(),
        when,
    }
}

#[tokio::test]
async fn put_creates_replaces_keeps_and_misses() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let store = &place.store;
    let one = |write| async {
        super::support::write(store, &posts, vec![write])
            .await
            .unwrap()
            .pop()
            .unwrap()
    };

    assert!(matches!(
        one(put(&post("a", "A", 1), &[2], Condition::default())).await,
        Outcome::Created(_)
    ));
    let Outcome::Updated(row) =
        one(put(&post("a", "A2", 9), &[2], Condition::version(FIRST))).await
    else {
        panic!()
    };
    assert_eq!(
        (row.version, row.get(1), row.get(2)),
        (FIRST.next(), &"A2".into(), &1.into())
    );
    assert_eq!(get(store, &posts, "a").await.unwrap(), row);
    assert!(matches!(
        one(put(&post("a", "A3", 9), &[], Condition::version(FIRST))).await,
        Outcome::Missed
    ));
    let mine = Condition::filter(Filter::test(2, Op::Gt, 5));
    assert!(matches!(
        one(put(&post("a", "A3", 9), &[], mine)).await,
        Outcome::Missed
    ));
    let replace = |id: &str| Write::Put {
        record: post(id, "R", 3),
        kept: larder_core::store::Kept(Arc::from([1])),
        when: Condition {
            not_versions: vec![FIRST],
            ..Condition::default()
        },
        create: false,
    };
    assert!(matches!(one(replace("z")).await, Outcome::Missed));
    let Outcome::Updated(row) = one(replace("a")).await else {
        panic!()
    };
    assert_eq!(
        (row.version, row.get(1), row.get(2)),
        (Version(FIRST.0 + 2), &"A2".into(), &3.into())
    );

    let Outcome::Updated(row) =
        one(update("a", vec![(2, Value::Null)], Condition::default())).await
    else {
        panic!()
    };
    assert_eq!(
        (row.version, row.get(1), row.get(2)),
        (Version(FIRST.0 + 3), &"A2".into(), &Value::Null)
    );
    let Outcome::Deleted(Some(old)) = one(Write::Delete {
        key: "a".into(),
        when: Condition::default(),
    })
    .await
    else {
        panic!()
    };
    assert_eq!(old, row);
    assert!(matches!(
        one(Write::Delete {
            key: "a".into(),
            when: Condition::default()
        })
        .await,
        Outcome::Missed
    ));
}

#[tokio::test]
async fn a_taken_value_names_its_field() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    write(
        &place.store,
        &posts,
        vec![insert(&post("a", "A", 1)), insert(&post("b", "B", 1))],
    )
    .await
    .unwrap();
    let taken = |write| async {
        let error = super::support::write(&place.store, &posts, vec![write])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Duplicate);
        error.fields()[0].field.clone()
    };
    assert_eq!(taken(insert(&post("a", "new", 1))).await, "id");
    assert_eq!(taken(insert(&post("c", "A", 1))).await, "title");
    assert_eq!(
        taken(put(&post("b", "A", 1), &[], Condition::default())).await,
        "title"
    );
    assert_eq!(
        taken(update("b", vec![(1, "A".into())], Condition::default())).await,
        "title"
    );
    // Nulls never collide.
    let no_title = |id: &str| insert(&record([id.into(), Value::Null, Value::Null]));
    write(&place.store, &posts, vec![no_title("x"), no_title("y")])
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_column_cannot_hold_names_its_field() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let field = |values: [Value; 3]| async {
        let error = write(&place.store, &posts, vec![insert(&record(values))])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        (error.fields()[0].field.clone(), error.fields()[0].code)
    };
    assert_eq!(
        field(["a".into(), "A".into(), "many".into()]).await,
        ("likes".to_owned(), "type")
    );
    assert_eq!(
        field([Value::Null, "A".into(), 1.into()]).await,
        ("id".to_owned(), "required")
    );
}

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let store = &place.store;
    write(store, &posts, vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
    let stale = Condition::version(Version(7));
    let missed = write(
        store,
        &posts,
        vec![
            insert(&post("b", "B", 1)),
            update("a", vec![(2, 5.into())], stale),
        ],
    )
    .await;
    assert!(matches!(
        missed.unwrap()[..],
        [Outcome::Created(_), Outcome::Missed]
    ));
    let failed = write(
        store,
        &posts,
        vec![
            insert(&post("b", "B", 1)),
            put(&post("c", "A", 1), &[], Condition::default()),
        ],
    );
    assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::Duplicate);
    assert_eq!(
        select(store, &Select::all(Arc::clone(&posts)))
            .await
            .rows
            .len(),
        1
    );
}

#[tokio::test]
async fn many_records_go_in_together() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    // Chunks, a rest of a chunk, and another kind of write in between.
    let mut writes: Vec<Write> = (0..523)
        .map(|n| insert(&post(&format!("{n:04}"), &format!("t{n}"), n)))
        .collect();
    writes.insert(
        120,
        update("0007", vec![(2, (-7).into())], Condition::default()),
    );
    let outcomes = write(&place.store, &posts, writes).await.unwrap();
    assert_eq!(outcomes.len(), 524);
    assert!(matches!(outcomes[120], Outcome::Updated(_)));
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Created(_)))
            .count(),
        523
    );
    let page = select(&place.store, &Select::all(posts)).await;
    assert_eq!(
        (page.rows.len(), page.rows[522].get(2), page.rows[7].get(2)),
        (523, &522.into(), &(-7).into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_meet_share_a_commit_and_stay_apart() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    let store = Arc::new(place.store);
    // Every third one collides with another, and must fail alone.
    let writers = (0..100).map(|n| {
        let (store, posts) = (Arc::clone(&store), Arc::clone(&posts));
        tokio::spawn(async move {
            let title = if n % 3 == 0 {
                "same".to_owned()
            } else {
                n.to_string()
            };
            let writes = vec![
                insert(&post(&format!("{n}"), &title, n)),
                insert(&record([format!("{n}-2").into(), Value::Null, Value::Null])),
            ];
            let writes = if n % 2 == 0 {
                writes
            } else {
                writes.into_iter().take(1).collect()
            };
            write(&store, &posts, writes).await
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut failed = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(outcomes) => assert!(
                outcomes
                    .iter()
                    .all(|outcome| matches!(outcome, Outcome::Created(_)))
            ),
            Err(error) => {
                assert_eq!(
                    (error.kind(), error.fields()[0].field.as_str()),
                    (ErrorKind::Duplicate, "title")
                );
                failed += 1;
            }
        }
    }
    assert_eq!(failed, 33);
    let rows = select(&store, &Select::all(Arc::clone(&posts))).await.rows;
    let firsts = rows
        .iter()
        .filter(|row| !row.get(0).as_str().unwrap().ends_with("-2"))
        .count();
    assert_eq!(firsts, 67);
}

/// Adds one to `likes` under the version it read, until it succeeds.
async fn count_up(store: &SqliteStore, posts: &Arc<larder_core::Layout>) -> u32 {
    for tries in 1.. {
        let old = get(store, posts, "a").await.unwrap();
        let likes = old.get(2).as_i64().unwrap() + 1;
        let change = update(
            "a",
            vec![(2, likes.into())],
            Condition::version(old.version),
        );
        if matches!(
            write(store, posts, vec![change]).await.unwrap()[0],
            Outcome::Updated(_)
        ) {
            return tries;
        }
    }
    0
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_is_lost_under_versions() {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    write(&place.store, &posts, vec![insert(&post("a", "A", 0))])
        .await
        .unwrap();
    // Two stores on one file, as two processes would have.
    let other = Arc::new(SqliteStore::open(&place.url()).await.unwrap());
    let store = Arc::new(place.store);
    let tasks: Vec<_> = [&store, &store, &other, &other]
        .into_iter()
        .map(|store| {
            let (store, posts) = (Arc::clone(store), Arc::clone(&posts));
            tokio::spawn(async move {
                for _ in 0..25 {
                    count_up(&store, &posts).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = get(&store, &posts, "a").await.unwrap();
    assert_eq!(
        (row.get(2), row.version),
        (&100.into(), Version(FIRST.0 + 100))
    );
}

#[tokio::test]
async fn a_put_with_an_integer_key_and_odd_values() {
    let kinds = layout(
        "kinds",
        vec![column("n", Kind::Int, false), column("j", Kind::Json, true)],
        vec![],
    );
    let place = place(std::slice::from_ref(&kinds)).await;
    for key in [i64::MIN, -1, 0, i64::MAX] {
        let value = Value::from(serde_json::json!({"a": [1, 2.5, u64::MAX, null, "\u{0}é"]}));
        let record = record([key.into(), value.clone()]);
        assert!(matches!(
            write(
                &place.store,
                &kinds,
                vec![put(&record, &[], Condition::default())]
            )
            .await
            .unwrap()[0],
            Outcome::Created(_)
        ));
        assert_eq!(get(&place.store, &kinds, key).await.unwrap().get(1), &value);
    }
}
