//! Tables of others whose primary key has a parent in it, served under that parent's URL as they stand: on every database.

use larder::prelude::*;
use larder::{MemoryStore, Store};
use larder_tests::Client;
use serde_json::json;
use std::sync::Arc;

#[cfg(feature = "mysql")]
#[path = "mysql/database.rs"]
mod database;
#[cfg(feature = "postgres")]
#[path = "postgres/schema.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod schema;

/// Of SQL that all three databases take.
const SHOP: &str = "
    CREATE TABLE orders (order_id BIGINT NOT NULL PRIMARY KEY, who VARCHAR(40) COLLATION);
    CREATE TABLE order_lines (order_id BIGINT NOT NULL, line_no BIGINT NOT NULL, sku VARCHAR(40) COLLATION NOT NULL, pieces BIGINT NOT NULL,
        PRIMARY KEY (order_id, line_no));
    INSERT INTO orders VALUES (1, 'ann'), (2, 'bob');
    INSERT INTO order_lines VALUES (1, 1, 'nail', 100), (1, 2, 'hammer', 1), (2, 1, 'nail', 5);";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", version = none, rules(read = "true", write = "true"))]
struct Order {
    #[model(id, column = "order_id")]
    id: i64,
    who: Option<String>,
    lines: ModelRelated<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders/{order}/lines", collection = "order_lines", version = none)]
#[model(rules(read = "true", write = "true"))]
struct Line {
    #[model(id, column = "order_id")]
    order: ModelParent<Order>,
    #[model(id, column = "line_no")]
    number: i64,
    sku: String,
    pieces: i64,
}

/// The whole of it over HTTP, and what other apps then see.
async fn serve(store: Arc<dyn Store>) {
    let app = App::builder()
        .models(models![Order, Line])
        .store("main", store);
    assert_eq!(app.schema_plan().await.unwrap(), [], "nothing is missing");
    let app = app.build().await.unwrap();
    let client = Client::new(&app);
    let list = client.get("/orders/1/lines").go().await.is(200).json();
    let nail = json!({"order": 1, "number": 1, "sku": "nail", "pieces": 100});
    let hammer = json!({"order": 1, "number": 2, "sku": "hammer", "pieces": 1});
    assert_eq!(list, json!([nail, hammer]));
    let one = client.get("/orders/1/lines/2").go().await.is(200);
    assert_eq!(one.json(), hammer);
    client.get("/orders/2/lines/2").go().await.is(404);
    let body = json!({"number": 2, "sku": "saw", "pieces": 1});
    let taken = client
        .post("/orders/1/lines", body.clone())
        .go()
        .await
        .is(409)
        .json();
    assert_eq!(taken["errors"][0]["code"], "unique");
    let made = client
        .post("/orders/2/lines", body.clone())
        .go()
        .await
        .is(201);
    assert_eq!(made.header("location"), "/orders/2/lines/2");
    client.post("/orders/7/lines", body).go().await.is(404);
    let change = client.patch("/orders/1/lines/2", json!({"pieces": 2}));
    change.header("if-match", &one.etag()).go().await.is(200);
    let late = client.patch("/orders/1/lines/2", json!({"pieces": 3}));
    late.header("if-match", &one.etag()).go().await.is(412);
    let put = client
        .put("/orders/1/lines/9", json!({"sku": "glue", "pieces": 4}))
        .go()
        .await;
    assert_eq!(put.is(201).header("location"), "/orders/1/lines/9");
    client.delete("/orders/1/lines/1").go().await.is(204);
    let session = app.as_system("a test");
    let order = session.get::<Order>(1).await.unwrap();
    let lines = order.related(Order::LINES).all().await.unwrap();
    let lines: Vec<(i64, i64)> = lines
        .iter()
        .map(|line| (line.number, line.pieces))
        .collect();
    assert_eq!(lines, [(2, 2), (9, 4)]);
    let other = session.get::<Line>((2_i64, 1_i64)).await.unwrap();
    assert_eq!(
        (other.order.id(), other.pieces),
        (2, 5),
        "nobody else's line was touched"
    );
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
fn sql(collation: &str) -> String {
    SHOP.replace(" COLLATION", collation)
}

/// What needs no table of others: the same over larder's own.
async fn serve_own(store: Arc<dyn Store>) {
    let app = App::builder()
        .models(models![Order, Line])
        .store("main", store.clone());
    let app = app.build().await.unwrap();
    let session = app.as_system("a test");
    for (id, who) in [(1, "ann"), (2, "bob")] {
        let who = Some(who.to_owned());
        let order = Order {
            id,
            who,
            lines: ModelRelated::new(),
        };
        session.save(&order).await.unwrap();
    }
    let lines = [(1, 1, "nail", 100), (1, 2, "hammer", 1), (2, 1, "nail", 5)];
    let lines = lines.map(|(order, number, sku, pieces)| Line {
        order: ModelParent::new(order),
        number,
        sku: sku.to_owned(),
        pieces,
    });
    session.create_many(&lines).await.unwrap();
    serve(store).await;
}

#[tokio::test]
async fn in_memory() {
    serve_own(Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn on_sqlite() {
    use sqlx::ConnectOptions;

    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("shop.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    let sql = sqlx::AssertSqlSafe(SHOP.replace(" COLLATION", ""));
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();
    let store = store::open(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    serve(store).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn on_postgres() {
    let Some(server) = larder_tests::server("TEST_POSTGRES_URL") else {
        return;
    };
    let schema = schema::Schema::create(&server).await;
    let mut conn = schema.raw().await;
    let sql = sqlx::AssertSqlSafe(sql(" COLLATE \"C\""));
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    let store = larder_sql::PostgresStore::open(&schema.url())
        .await
        .unwrap();
    serve(Arc::new(store)).await;
    schema.drop().await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn on_mysql() {
    use sqlx::Connection;

    let Some(server) = larder_tests::server("TEST_MYSQL_URL") else {
        return;
    };
    let database = database::Database::create(&server).await.unwrap();
    let mut conn = sqlx::mysql::MySqlConnection::connect(&database.url())
        .await
        .unwrap();
    let sql = sqlx::AssertSqlSafe(sql(" CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"));
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let store = larder_sql::MySqlStore::open(&database.url()).await.unwrap();
    serve(Arc::new(store)).await;
    database.drop().await.unwrap();
}

/// MongoDB's own collection: its documents have the parts under `_id`.
#[cfg(feature = "mongodb")]
#[tokio::test]
async fn on_mongodb() {
    let Some(server) = larder_tests::server("TEST_MONGODB_URL") else {
        return;
    };
    let scratch = larder_tests::mongodb::Scratch::new(&server);
    let store = store::open(scratch.url()).await.unwrap();
    serve_own(store).await;
    scratch.drop().await;
}
