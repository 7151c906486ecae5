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
