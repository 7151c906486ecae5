//! Tables that another app has made.

use larder::migrate::Effect;
use larder::prelude::*;
use larder_sql::MySqlStore;
use larder_tests::Client;
use serde_json::json;
use sqlx::Connection;
use sqlx::mysql::MySqlConnection;

use super::{Database, database};

const SHOP: &str = "
    CREATE TABLE articles (article_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
        headline VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, lock_version BIGINT DEFAULT 0,
        published TINYINT(1) NOT NULL DEFAULT 0, meta JSON, created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
        UNIQUE KEY one_headline (headline));
    INSERT INTO articles (headline, meta) VALUES ('One', '{\"a\": [1, \"caf\\\\u00e9\"]}'), ('Two', NULL);
    CREATE TABLE customers (mail VARBINARY(80) PRIMARY KEY, joined DATE)";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/articles",
    collection = "articles",
    version = "lock_version",
    id(database)
)]
#[model(rules(read = "true", write = "true"), search(title = eq), sort(title))]
struct Article {
    #[model(id, column = "article_id")]
    id: i64,
    #[model(column = "headline")]
    title: String,
    #[serde(default)]
    published: bool,
    #[serde(default)]
    meta: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/customers", collection = "customers", version = none, rules(read = "true", write = "true"))]
struct Customer {
    #[model(id)]
    mail: String,
    joined: Option<jiff::Timestamp>,
}

async fn run(database: &Database, sql: &'static str) {
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

async fn builder(database: &Database, models: larder::ModelSet) -> larder::AppBuilder {
    let store = MySqlStore::open(&database.url()).await.unwrap();
    App::builder().models(models).store("main", store)
}

#[tokio::test]
async fn a_table_is_served_as_it_is() {
    let Some(database) = database().await else {
        return;
    };
    run(&database, SHOP).await;
    let app = builder(&database, models![Article]).await;
    assert_eq!(app.schema_plan().await.unwrap(), [], "nothing is missing");
    let client = Client::new(&app.build().await.unwrap());
    let one = client.get("/articles/1").go().await.is(200);
    assert_eq!(
        one.json(),
        json!({"id": 1, "title": "One", "published": false, "meta": {"a": [1, "café"]}})
    );
    assert_eq!(one.etag(), "\"0\"");
    let found = client.get("/articles?title=Two").go().await.is(200);
    assert_eq!(found.each("id"), [2]);
    let made = client
        .post("/articles", json!({"title": "Three"}))
        .go()
        .await
        .is(201);
    assert_eq!(made.json()["id"], 3);
    let tag = client.get("/articles/3").go().await.is(200).etag();
    let changed = client
        .patch("/articles/3", json!({"title": "3"}))
        .header("if-match", &tag);
    changed.go().await.is(200);
    let late = client
        .patch("/articles/3", json!({"title": "4"}))
        .header("if-match", &tag);
    late.go().await.is(412);
    let taken = client
        .post("/articles", json!({"title": "One"}))
        .go()
        .await
        .is(409);
    assert_eq!(
        taken.json()["errors"][0]["field"],
        "title",
        "{}",
        taken.text()
    );
    let long = client
        .post("/articles", json!({"title": "x".repeat(41)}))
        .go()
        .await
        .is(422);
    assert_eq!(
        long.json()["errors"][0]["field"],
        "title",
        "{}",
        long.text()
    );
    database.drop().await.unwrap();
}

#[tokio::test]
async fn what_does_not_fit_is_said_with_its_statements() {
    let Some(database) = database().await else {
        return;
    };
    run(&database, SHOP).await;
    let app = builder(&database, models![Customer]).await;
    let plan = app.schema_plan().await.unwrap();
    let texts: Vec<String> = plan.iter().map(ToString::to_string).collect();
    // It may hold what is no text, and the other one holds no times.
    for (column, part) in [("mail", "varbinary(80)"), ("joined", "DATETIME(6)")] {
        let found = texts
            .iter()
            .find(|text| text.contains(&format!("its column `{column}`")));
        let found = found.unwrap_or_else(|| panic!("{texts:#?}"));
        assert!(found.contains(part), "{found}");
        assert!(found.contains("MODIFY COLUMN"), "{found}");
    }
    assert!(
        plan.iter().all(|change| change.effect == Effect::Manual),
        "{texts:#?}"
    );
    // The statements are what it takes.
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    for change in plan {
        let sql = sqlx::AssertSqlSafe(change.statements);
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
    let app = builder(&database, models![Customer]).await;
    assert_eq!(app.schema_plan().await.unwrap(), []);
    app.build().await.unwrap();
    database.drop().await.unwrap();
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/labels",
    collection = "labels",
    rules(read = "true", write = "true")
)]
struct Label {
    #[model(id)]
    id: String,
    #[model(index)]
    label: String,
}

/// A column that gets another type stays otherwise as it is: other programs rely on its default.
#[tokio::test]
async fn a_column_keeps_its_default() {
    let Some(database) = database().await else {
        return;
    };
    run(
        &database,
        r"CREATE TABLE labels (
            id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL PRIMARY KEY,
            label LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT 'it''s a \\ default' COMMENT 'Ann''s',
            _version BIGINT NOT NULL DEFAULT 0)",
    )
    .await;
    // An index takes no `LONGTEXT`.
    let app = builder(&database, models![Label]).await;
    let plan = app.schema_plan().await.unwrap();
    let texts: Vec<String> = plan.iter().map(ToString::to_string).collect();
    assert!(
        plan.iter().all(|change| change.effect == Effect::Additive),
        "{texts:#?}"
    );
    assert!(texts.concat().contains("MODIFY COLUMN"), "{texts:#?}");
    let client = Client::new(&app.build().await.unwrap());
    run(&database, "INSERT INTO labels (id) VALUES ('a')").await;
    let label = client.get("/labels/a").go().await.is(200).json();
    assert_eq!(label["label"], r"it's a \ default");
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    let comment = "SELECT COLUMN_COMMENT FROM information_schema.COLUMNS \
                   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'labels' AND COLUMN_NAME = 'label'";
    let comment: (String,) = sqlx::query_as(comment).fetch_one(&mut conn).await.unwrap();
    assert_eq!(comment.0, "Ann's");
    conn.close().await.unwrap();
    database.drop().await.unwrap();
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/hits", collection = "hits", version = none, rules(read = "true", write = "true"))]
struct Hit {
    #[model(id)]
    id: i64,
    count: i64,
    total: u64,
}

/// Numbers that a field can't have are found at the start, with the type that has them.
#[tokio::test]
async fn numbers_that_a_field_does_not_have() {
    let Some(database) = database().await else {
        return;
    };
    run(
        &database,
        "CREATE TABLE hits (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, count BIGINT UNSIGNED NOT NULL, total INT NOT NULL);
         INSERT INTO hits VALUES (1, 9223372036854775807, 2147483647)",
    )
    .await;
    let app = builder(&database, models![Hit]).await;
    assert_eq!(app.schema_plan().await.unwrap(), []);
    let client = Client::new(&app.build().await.unwrap());
    let hit = client.get("/hits/1").go().await.is(200).json();
    assert_eq!(hit["count"], i64::MAX);

    run(
        &database,
        "INSERT INTO hits VALUES (2, 9223372036854775808, -1)",
    )
    .await;
    let app = builder(&database, models![Hit]).await;
    let refused = app.build().await.unwrap_err();
    assert_eq!(refused.kind(), larder::ErrorKind::Setup);
    for part in [
        "`count` is `bigint unsigned` and holds numbers above 9223372036854775807: give the field `count` the type `u64`",
        "`total` is `int` and holds numbers below 0: give the field `total` the type `i64`",
    ] {
        assert!(refused.message().contains(part), "{refused}");
    }
    database.drop().await.unwrap();
}
