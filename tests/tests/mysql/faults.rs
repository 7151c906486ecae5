//! What goes wrong, and what is said then.

use std::time::Duration;

use larder::ErrorKind;
use larder_sql::MySqlStore;
use serde_json::json;
use sqlx::mysql::MySqlConnection;
use sqlx::{Connection, Row};

use super::{client, database};

#[tokio::test]
async fn wrong_addresses_fail_soon_and_keep_the_password() {
    let Some(server) = larder_tests::server("TEST_MYSQL_URL") else {
        return;
    };
    let (_, place) = server.rsplit_once('@').unwrap();
    let host = place.split_once('/').map_or(place, |(host, _)| host);
    for (url, part) in [
        (format!("mysql://test:wr0ng-secret@{place}"), "password"),
        (format!("mysql://nobody:wr0ng-secret@{place}"), "nobody"),
        (
            format!("mysql://test:test@{host}/no_such_db_wr0ng"),
            "no_such_db_wr0ng",
        ),
        (
            "mysql://test:wr0ng-secret@127.0.0.1:1/test".to_owned(),
            "127.0.0.1:1",
        ),
        // An address that nobody answers at.
        (
            "mysql://test:wr0ng-secret@192.0.2.1/test".to_owned(),
            "192.0.2.1",
        ),
        (
            "mysql://test:wr0ng-secret@no-such-host.invalid/test".to_owned(),
            "no-such-host.invalid",
        ),
    ] {
        let opening = tokio::time::timeout(Duration::from_secs(5), MySqlStore::open(&url));
        let error = opening
            .await
            .expect("an answer within 5 seconds")
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{url}: {error:?}");
        assert!(error.message().contains(part), "{url}: {}", error.message());
        let said = format!("{error} {error:?}");
        assert!(!said.contains("wr0ng-secret"), "{said}");
    }
    assert!(larder::store::open(&server).await.is_ok());
    let mariadb = server.replacen("mysql:", "mariadb:", 1);
    assert!(larder::store::open(&mariadb).await.is_ok());
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_by_field() {
    let Some(database) = database().await else {
        return;
    };
    let client = client(&database).await;
    client
        .put("/notes/a", json!({"code": "1"}))
        .go()
        .await
        .is(201);
    let taken = client
        .put("/notes/b", json!({"code": "1"}))
        .go()
        .await
        .is(409);
    assert_eq!(
        taken.json()["errors"][0]["field"],
        "code",
        "{}",
        taken.text()
    );
    // Texts of other fields may be long.
    let text = "é".repeat(100_000);
    client
        .put("/notes/b", json!({"text": text}))
        .go()
        .await
        .is(201);
    assert_eq!(client.get("/notes/b").go().await.json()["text"], text);
    for field in ["tag", "code"] {
        let fits = json!({ field: "é".repeat(255) });
        client.patch("/notes/b", fits).go().await.is(200);
        // Of too many blanks the database would cut off some.
        for long in ["é".repeat(256), format!("{} ", "é".repeat(255))] {
            let long = json!({ field: long });
            for ask in [
                client.patch("/notes/b", long.clone()),
                client.put("/notes/b", long.clone()),
                client.put("/notes/c", long.clone()),
            ] {
                let refused = ask.go().await.is(422);
                assert_eq!(
                    refused.json()["errors"][0]["field"],
                    field,
                    "{}",
                    refused.text()
                );
                assert!(!refused.text().contains("row 1"), "{}", refused.text());
            }
        }
    }
    // Equality and uniqueness are by bytes: case, accents and spaces at the end count.
    for (id, code) in [("d", "a"), ("e", "A"), ("f", "á"), ("g", "a ")] {
        client
            .put(&format!("/notes/{id}"), json!({"code": code, "tag": code}))
            .go()
            .await
            .is(201);
    }
    let found = client.get("/notes?tag=a").go().await.is(200);
    assert_eq!(found.each("id"), ["d"]);
    database.drop().await.unwrap();
}

#[tokio::test]
async fn connections_that_were_cut_are_made_again() {
    let Some(database) = database().await else {
        return;
    };
    let client = client(&database).await;
    client
        .put("/notes/a", json!({"number": 1}))
        .go()
        .await
        .is(201);
    for round in 2..8 {
        cut(&database).await;
        assert_eq!(
            client.get("/notes/a").go().await.is(200).json()["number"],
            round - 1,
            "a read is done again"
        );
        cut(&database).await;
        // Of a write it may be unknown whether it was done.
        let written = client
            .patch("/notes/a", json!({"number": round}))
            .go()
            .await;
        if written.status != 200 {
            let written = written.is(503);
            assert_eq!(written.header("retry-after"), "1");
            client
                .patch("/notes/a", json!({"number": round}))
                .go()
                .await
                .is(200);
        }
    }
    database.drop().await.unwrap();
}

/// Cuts all connections to a database.
async fn cut(database: &super::Database) {
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    let others = sqlx::query(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()",
    );
    for row in others.fetch_all(&mut conn).await.unwrap() {
        let id: i64 = row.try_get_unchecked(0).unwrap();
        let kill = sqlx::AssertSqlSafe(format!("KILL CONNECTION {id}"));
        // It may have gone by itself.
        let _ = sqlx::raw_sql(kill).execute(&mut conn).await;
    }
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_table_that_is_gone_is_no_news_for_clients() {
    let Some(database) = database().await else {
        return;
    };
    let client = client(&database).await;
    client.put("/notes/a", json!({})).go().await.is(201);
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    sqlx::raw_sql("DROP TABLE notes")
        .execute(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    for ask in [
        client.get("/notes/a"),
        client.put("/notes/a", json!({})),
        client.get("/notes"),
    ] {
        let failed = ask.go().await.is(500);
        for word in [
            "SELECT",
            "INSERT",
            "UPDATE",
            "notes'",
            "1146",
            "doesn't exist",
        ] {
            assert!(!failed.text().contains(word), "{}", failed.text());
        }
    }
    database.drop().await.unwrap();
}
