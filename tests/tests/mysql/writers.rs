//! Writers that meet.

use futures_util::future::join_all;
use larder::prelude::*;
use larder_sql::MySqlStore;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{Note, app, client, database};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_with_one_version_one_wins() {
    let Some(database) = database().await else {
        return;
    };
    let (one, other) = (client(&database).await, client(&database).await);
    let mut tag = one
        .put("/notes/a", json!({"number": 0}))
        .go()
        .await
        .is(201)
        .etag();
    let rounds = i64::try_from(larder_tests::rounds(200, 1_000)).unwrap();
    for round in 1..=rounds {
        let write = |client: &larder_tests::Client, number: i64| {
            let ask = match round % 2 {
                0 => client.put("/notes/a", json!({"number": number})),
                _ => client.patch("/notes/a", json!({"number": number})),
            };
            tokio::spawn(ask.header("if-match", &tag).go())
        };
        let (first, second) = (write(&one, round), write(&other, -round));
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(
            statuses,
            [200, 412],
            "round {round}: {} {}",
            first.text(),
            second.text()
        );
        let winner = if first.status == 200 { first } else { second };
        let now = one.get("/notes/a").go().await.is(200);
        assert_eq!(now.json()["number"], winner.json()["number"]);
        assert_eq!(now.etag(), winner.etag());
        assert_ne!(now.etag(), tag);
        tag = now.etag();
    }
    database.drop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_creators_one_creates() {
    let Some(database) = database().await else {
        return;
    };
    let (one, other) = (client(&database).await, client(&database).await);
    for round in 0..50 {
        let path = format!("/notes/n{round}");
        for conditional in [false, true] {
            let path = format!("{path}{conditional}");
            let write = |client: &larder_tests::Client, number: i64| {
                let ask = client.put(&path, json!({"number": number}));
                let ask = if conditional {
                    ask.header("if-none-match", "*")
                } else {
                    ask
                };
                tokio::spawn(ask.go())
            };
            let (first, second) = (write(&one, 1), write(&other, 2));
            let mut statuses = [first.await.unwrap().status, second.await.unwrap().status];
            statuses.sort_unstable();
            let loser = if conditional { [201, 412] } else { [200, 201] };
            assert_eq!(statuses, loser);
        }
    }
    database.drop().await.unwrap();
}

/// Each reads the number, adds one and sends the version it has seen; who is too late begins again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_increment_is_lost() {
    const WRITERS: i64 = 32;
    const EACH: i64 = 100;
    let Some(database) = database().await else {
        return;
    };
    let client = client(&database).await;
    client
        .put("/notes/a", json!({"number": 0}))
        .go()
        .await
        .is(201);
    // So that not all of them read what only one of them can write.
    let turns = Semaphore::new(4);
    let writer = || async {
        let mut done = 0;
        while done < EACH {
            let _turn = turns.acquire().await.unwrap();
            let now = client.get("/notes/a").go().await;
            let number = now.json()["number"].as_i64().unwrap();
            let ask = client.patch("/notes/a", json!({"number": number + 1}));
            let answer = ask.header("if-match", &now.etag()).go().await;
            match answer.status {
                200 => done += 1,
                412 => {}
                other => panic!("{other}: {}", answer.text()),
            }
        }
    };
    join_all((0..WRITERS).map(|_| writer())).await;
    let sum = client.get("/notes/a").go().await.json()["number"].as_i64();
    assert_eq!(sum, Some(WRITERS * EACH));
    database.drop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_start_at_once() {
    for _ in 0..5 {
        let Some(database) = database().await else {
            return;
        };
        let builders = join_all((0..4).map(|_| async {
            let store = MySqlStore::open(&database.url()).await.unwrap();
            App::builder().models(models![Note]).store("main", store)
        }))
        .await;
        let starts = builders
            .into_iter()
            .map(|builder| tokio::spawn(builder.build()));
        for app in join_all(starts).await {
            app.unwrap().unwrap();
        }
        let app = app(&database).await;
        let count = app.as_system("test").count::<Note>().await.unwrap();
        assert_eq!(count, 0);
        let store = MySqlStore::open(&database.url()).await.unwrap();
        let plan = App::builder().models(models![Note]).store("main", store);
        assert_eq!(plan.schema_plan().await.unwrap(), []);
        database.drop().await.unwrap();
    }
}
