//! The statements themselves: how many a call takes, and which index answers them.

use larder_core::store::{After, Condition, Kept, Write};
use larder_core::{Select, SortKey};
use larder_query::{Filter, Op};
use larder_tests::Logs;

use crate::support::{get, insert, place, post, posts, query, update, write};

/// The statements that were said since, with their marks.
pub(crate) fn statements(logs: &Logs, since: usize) -> Vec<String> {
    let text = logs.text();
    let lines = text.get(since..).unwrap_or_default().lines();
    let said = lines.filter_map(|line| line.strip_prefix("TRACE larder::sql sql="));
    said.map(|sql| serde_json::from_str(sql).unwrap()).collect()
}

#[tokio::test]
async fn one_call_is_one_statement() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let logs = Logs::default();
    let _default = tracing::subscriber::set_default(logs.clone());
    let store = &*place.store;
    let put = |likes: i64, when: Condition| Write::Put {
        record: post("a", "A", likes),
        kept: Kept([1].into()),
        when,
        create: true,
    };
    let page = Select {
        filter: Filter::test(2, Op::Ge, 0),
        limit: Some(20),
        total: true,
        ..Select::all(posts())
    };
    let many = (0..40).map(|n| insert(post(&format!("m{n}"), &format!("M{n}"), n)));
    let guarded = Condition::filter(Filter::test(2, Op::Lt, 100));
    for (what, writes) in [
        ("insert", vec![insert(post("a", "A", 1))]),
        ("many inserts", many.collect()),
        ("put", vec![put(2, Condition::default())]),
        ("conditional put", vec![put(3, guarded.clone())]),
        (
            "conditional update",
            vec![update("a", 2, 4, guarded.clone())],
        ),
        (
            "conditional delete",
            vec![Write::Delete {
                key: "a".into(),
                when: guarded,
            }],
        ),
    ] {
        let since = logs.text().len();
        write(store, &posts(), writes).await.unwrap();
        let said = statements(&logs, since);
        assert_eq!(said.len(), 1, "{what}: {said:?}");
    }
    let since = logs.text().len();
    get(store, &posts(), "m1").await.unwrap().unwrap();
    assert_eq!(statements(&logs, since).len(), 1);
    let since = logs.text().len();
    let found = query(store, &page).await.unwrap();
    assert_eq!((found.rows.len(), found.total), (20, Some(40)));
    assert_eq!(statements(&logs, since).len(), 1, "with its total");
    place.end().await;
}

#[tokio::test]
async fn an_index_answers_what_is_indexed() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let rows =
        (0..2_000).map(|n| insert(post(&format!("p{n:04}"), &format!("title {n}"), n % 500)));
    write(&*place.store, &posts(), rows.collect())
        .await
        .unwrap();
    place.execute("ANALYZE posts").await;
    let logs = Logs::default();
    let _default = tracing::subscriber::set_default(logs.clone());
    let by = |field: usize, descending: bool| vec![SortKey { field, descending }];
    let all = || Select::all(posts());
    let five = || Select {
        limit: Some(5),
        ..all()
    };
    let (likes, title, key) = (
        "larder:posts:likes",
        "larder:posts:title:unique",
        "posts_pkey",
    );
    // Each with the values of its marks.
    for (select, values, used) in [
        (
            Select {
                filter: Filter::test(2, Op::Eq, 7),
                ..all()
            },
            "7",
            likes,
        ),
        (
            Select {
                filter: Filter::test(2, Op::Ge, 497),
                sort: by(2, false),
                ..five()
            },
            "497, 5",
            likes,
        ),
        (
            Select {
                sort: by(2, true),
                ..five()
            },
            "5",
            likes,
        ),
        (
            Select {
                filter: Filter::test(1, Op::Eq, "title 7"),
                ..all()
            },
            "'title 7'",
            title,
        ),
        (
            Select {
                filter: Filter::test(1, Op::StartsWith, "title 77"),
                ..all()
            },
            "'title 77', 'title 78'",
            title,
        ),
        (
            Select {
                sort: by(1, false),
                ..five()
            },
            "5",
            title,
        ),
        (five(), "5", key),
        (
            Select::one(posts(), "p0007".into(), Filter::True),
            "'p0007'",
            key,
        ),
        (
            Select {
                after: Some(After {
                    values: vec!["p1990".into()],
                }),
                ..five()
            },
            "'p1990', 5",
            key,
        ),
        (
            Select {
                sort: by(2, false),
                after: Some(After {
                    values: vec![498.into(), "p0100".into()],
                }),
                ..five()
            },
            "498, 'p0100', 5",
            likes,
        ),
    ] {
        let since = logs.text().len();
        query(&*place.store, &select).await.unwrap();
        let said = statements(&logs, since);
        let [sql] = said.as_slice() else {
            panic!("{said:?}")
        };
        // On one connection: a prepared statement is known nowhere else.
        let plan = place
            .texts(&format!(
                "PREPARE asked AS {sql}; EXPLAIN EXECUTE asked ({values})"
            ))
            .await
            .join("\n");
        assert!(
            plan.contains(used) && !plan.contains("Seq Scan"),
            "{sql}\n{plan}"
        );
    }
    place.end().await;
}
