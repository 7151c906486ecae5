//! A SQLite file of another app, served as it stands; and the schema commands.

use larder::migrate::{Effect, Migrations};
use larder::prelude::*;
use larder_tests::{Client, Logs};
use serde_json::json;
use sqlx::ConnectOptions;
use tempfile::TempDir;

/// A file that another app has made.
struct File(TempDir);

impl File {
    async fn with(sql: &str) -> Self {
        let file = Self(TempDir::new().unwrap());
        file.run(sql).await;
        file
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.path().join("shop.db").display())
    }

    async fn run(&self, sql: &str) {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.0.path().join("shop.db"))
            .create_if_missing(true);
        let mut conn = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut conn)
            .await
            .unwrap();
        sqlx::Connection::close(conn).await.unwrap();
    }

    async fn app(&self, models: larder::ModelSet) -> larder::AppBuilder {
        App::builder()
            .models(models)
            .store("main", store::open(&self.url()).await.unwrap())
    }
}

const SHOP: &str = "
    CREATE TABLE articles (article_id INTEGER PRIMARY KEY AUTOINCREMENT, headline VARCHAR(200) NOT NULL,
        lock_version INTEGER DEFAULT 0, created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
    CREATE INDEX by_headline ON articles (headline);
    CREATE TABLE customers (mail VARCHAR(80) PRIMARY KEY, full_name TEXT, password TEXT NOT NULL DEFAULT '');
    CREATE VIEW stats AS SELECT 'articles' AS name, (SELECT COUNT(*) FROM articles) AS n;
    INSERT INTO articles (headline) VALUES ('One'), ('Two');
    INSERT INTO customers VALUES ('ann@x.org', 'Ann', 'hash');";

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/articles",
    collection = "articles",
    version = "lock_version",
    id(database)
)]
#[model(rules(read = "true", write = "true"), search(title = contains), sort(title))]
struct Article {
    #[model(id, column = "article_id")]
    id: i64,
    #[model(column = "headline")]
    title: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/customers", collection = "customers", version = none)]
#[model(rules(read = "true", write = "true"))]
struct Customer {
    #[model(id)]
    mail: String,
    #[model(column = "full_name")]
    name: Option<String>,
    #[model(server_only)]
    password: Secret<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/stats", collection = "stats", read_only, version = none, rules(read = "true"))]
struct Stat {
    #[model(id)]
    name: String,
    n: i64,
}

#[tokio::test]
async fn a_shop_is_served_as_it_is() {
    let file = File::with(SHOP).await;
    let app = file.app(models![Article, Customer, Stat]).await;
    assert_eq!(app.schema_plan().await.unwrap(), [], "nothing is missing");
    let client = Client::new(&app.build().await.unwrap());
    let list = client
        .get("/articles?title=w&sortBy=-title")
        .go()
        .await
        .is(200);
    assert_eq!(list.json(), json!([{"id": 2, "title": "Two"}]));
    let one = client.get("/articles/1").go().await.is(200);
    assert_eq!(one.etag(), "\"0\"");
    let ask = || {
        client
            .patch("/articles/1", json!({"title": "Uno"}))
            .header("if-match", "\"0\"")
    };
    assert_eq!(ask().go().await.is(200).etag(), "\"1\"");
    ask().go().await.is(412);
    // The other app counts in the same column.
    file.run("UPDATE articles SET headline = 'Theirs', lock_version = lock_version + 1 WHERE article_id = 1").await;
    client
        .put("/articles/1", json!({"title": "Mine"}))
        .header("if-match", "\"1\"")
        .go()
        .await
        .is(412);
    let made = client
        .post("/articles", json!({"title": "Three"}))
        .go()
        .await
        .is(201);
    assert_eq!(
        (made.header("location"), made.json()),
        ("/articles/3", json!({"id": 3, "title": "Three"}))
    );
    let ann = client.get("/customers/ann@x.org").go().await.is(200);
    assert_eq!(ann.json(), json!({"mail": "ann@x.org", "name": "Ann"}));
    file.run("UPDATE customers SET full_name = 'Anna'").await;
    let late = client
        .put("/customers/ann@x.org", json!({"name": "A"}))
        .header("if-match", &ann.etag());
    late.go().await.is(412);
    client
        .put("/customers/ann@x.org", json!({"name": "A"}))
        .go()
        .await
        .is(200);
    // A `CHECK` fails if the hidden field was not kept.
    file.run("CREATE TABLE proof (password TEXT CHECK (password = 'hash')); INSERT INTO proof SELECT password FROM customers").await;
    assert_eq!(
        client.get("/stats/articles").go().await.is(200).json()["n"],
        3
    );
    client.delete("/stats/articles").go().await.is(405);
    let taken = client.get("/openapi.json").go().await.text();
    assert!(
        !taken.contains("headline") && !taken.contains("full_name"),
        "columns are nobody's business"
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/seats", collection = "seats", version = none, id(client))]
#[model(rules(read = "true", write = "true"))]
struct Seat {
    #[model(id)]
    id: String,
    row: i64,
}

#[tokio::test]
async fn a_constraint_of_the_table_is_no_missing_record() {
    let file = File::with(
        "CREATE TABLE seats (id TEXT PRIMARY KEY, row INTEGER NOT NULL CHECK (row > 0))",
    )
    .await;
    let app = file.app(models![Seat]).await.build().await.unwrap();
    let client = Client::new(&app);
    let bad = json!({"id": "a", "row": 0});
    client.post("/seats", bad.clone()).go().await.is(409);
    client.put("/seats/a", bad.clone()).go().await.is(409);
    let only_new = client.put("/seats/a", bad).header("if-none-match", "*");
    only_new.go().await.is(409);
    client.put("/seats/a", json!({"row": 1})).go().await.is(201);
}

/// The key of its table stands in another order, and its columns have other names.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/lines", collection = "order_items", version = none)]
#[model(rules(read = "true", write = "true"), search(order = eq))]
struct OrderLine {
    #[model(id, column = "order_id")]
    order: i64,
    #[model(id, column = "line_no")]
    line: i32,
    #[model(column = "sku")]
    article: String,
    amount: i64,
}

const ORDERS: &str = "
    CREATE TABLE order_items (sku VARCHAR(20) NOT NULL, line_no INTEGER NOT NULL, order_id INTEGER NOT NULL, amount INT NOT NULL,
        PRIMARY KEY (line_no, order_id));
    INSERT INTO order_items VALUES ('b', 10, 7, 1), ('a', 9, 7, 2), ('c', 1, 8, 3);";

#[tokio::test]
async fn a_table_whose_key_is_several_columns() {
    let file = File::with(ORDERS).await;
    let app = file.app(models![OrderLine]).await;
    assert_eq!(app.schema_plan().await.unwrap(), [], "nothing is missing");
    assert_eq!(command(&app, &["schema", "check"]).await.0, Some(0));
    let client = Client::new(&app.build().await.unwrap());
    let line = |order: i64, line: i64, article: &str, amount: i64| json!({"order": order, "line": line, "article": article, "amount": amount});
    let list = client.get("/lines").go().await.is(200).json();
    assert_eq!(
        list,
        json!([line(7, 9, "a", 2), line(7, 10, "b", 1), line(8, 1, "c", 3)])
    );
    let of_order = client.get("/lines?order=7").go().await.is(200).json();
    assert_eq!(of_order.as_array().map(Vec::len), Some(2));
    let one = client.get("/lines/7,10").go().await.is(200);
    assert_eq!(one.json(), line(7, 10, "b", 1));
    client.get("/lines/10,7").go().await.is(404);
    let more = client
        .put("/lines/7,10", json!({"article": "b", "amount": 5}))
        .header("if-match", &one.etag());
    assert_eq!(more.go().await.is(200).json(), line(7, 10, "b", 5));
    let late = client
        .patch("/lines/7,10", json!({"amount": 6}))
        .header("if-match", &one.etag());
    late.go().await.is(412);
    let made = client.post("/lines", line(8, 2, "d", 1)).go().await.is(201);
    assert_eq!(made.header("location"), "/lines/8,2");
    let taken = client
        .post("/lines", line(8, 2, "e", 1))
        .go()
        .await
        .is(409)
        .json();
    assert_eq!(
        taken["detail"],
        "another record has this `order` and `line`"
    );
    client
        .put("/lines/9,1", json!({"article": "f", "amount": 1}))
        .go()
        .await
        .is(201);
    client.delete("/lines/7,9").go().await.is(204);
    // A `CHECK` fails unless exactly these are there.
    file.run("CREATE TABLE proof (n INTEGER CHECK (n = 4)); INSERT INTO proof SELECT COUNT(*) FROM order_items WHERE
        (order_id, line_no, amount) IN (VALUES (7, 10, 5), (8, 1, 3), (8, 2, 1), (9, 1, 1))").await;
}

#[tokio::test]
async fn keys_of_several_columns_that_do_not_fit() {
    for (columns, told) in [
        (
            "PRIMARY KEY (order_id)",
            Some("its primary key is not `order_id`, `line_no`"),
        ),
        (
            "PRIMARY KEY (order_id, line_no, sku)",
            Some("its primary key is not `order_id`, `line_no`"),
        ),
        ("UNIQUE (line_no, order_id)", None),
    ] {
        let file = File::with(&format!(
            "CREATE TABLE order_items (sku TEXT NOT NULL, line_no INTEGER NOT NULL, order_id INTEGER NOT NULL, amount INT NOT NULL, {columns})"
        ))
        .await;
        let plan = file
            .app(models![OrderLine])
            .await
            .schema_plan()
            .await
            .unwrap();
        let whats: Vec<&str> = plan.iter().map(|change| change.what.as_str()).collect();
        assert_eq!(whats, told.as_slice(), "{columns}");
    }
    // In SQLite a part of a primary key can be null, which no record can.
    let file = File::with(
        "CREATE TABLE order_items (sku TEXT NOT NULL, line_no INTEGER, order_id INTEGER, amount INT NOT NULL, PRIMARY KEY (order_id, line_no));
         INSERT INTO order_items VALUES ('a', NULL, 7, 1)",
    )
    .await;
    let plan = file
        .app(models![OrderLine])
        .await
        .schema_plan()
        .await
        .unwrap();
    assert_eq!(plan.len(), 1, "{plan:?}");
    assert_eq!(
        plan[0].what,
        "its column \"line_no\" holds nulls, which `line` may not be"
    );
    file.run("UPDATE order_items SET line_no = 1").await;
    assert_eq!(
        file.app(models![OrderLine])
            .await
            .schema_plan()
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_new_table_for_a_key_of_several_fields() {
    let file = File::with("").await;
    let app = file.app(models![OrderLine]).await;
    let (code, script) = command(&app, &["schema", "plan"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        script,
        "-- store main, table order_items, model OrderLine: it is missing\n\
         CREATE TABLE \"order_items\" (\"order_id\" INTEGER NOT NULL, \"line_no\" INTEGER NOT NULL, \"sku\" TEXT NOT NULL, \"amount\" INTEGER NOT NULL, PRIMARY KEY (\"order_id\", \"line_no\"));\n"
    );
    assert_eq!(command(&app, &["schema", "apply"]).await.0, Some(0));
    assert_eq!(command(&app, &["schema", "check"]).await.0, Some(0));
    let client = Client::new(&app.build().await.unwrap());
    client
        .put("/lines/1,1", json!({"article": "a", "amount": 1}))
        .go()
        .await
        .is(201);
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(collection = "articles", version = none)]
struct Misfit {
    #[model(id)]
    id: i64,
    headline: i64,
    note: String,
}

async fn command(app: &larder::AppBuilder, words: &[&str]) -> (Option<u8>, String) {
    let mut out = Vec::new();
    let code = larder::command_with(app, words.iter().copied(), &mut out).await;
    (code, String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn plan_apply_and_check() {
    let file = File::with("").await;
    let app = file.app(models![Article, Customer]).await;
    let (code, text) = command(&app, &["schema", "check"]).await;
    assert_eq!(code, Some(1));
    assert!(
        text.contains("the table \"articles\" does not fit the model Article: it is missing"),
        "{text}"
    );
    let (code, script) = command(&app, &["schema", "plan"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        script,
        "-- store main, table articles, model Article: it is missing\n\
         CREATE TABLE \"articles\" (\"article_id\" INTEGER PRIMARY KEY AUTOINCREMENT, \"headline\" TEXT NOT NULL, \"lock_version\" INTEGER NOT NULL);\n\n\
         -- store main, table articles, model Article: its index on `title` is missing\n\
         CREATE INDEX \"larder:articles:title\" ON \"articles\" (\"headline\", \"article_id\");\n\n\
         -- store main, table customers, model Customer: it is missing\n\
         CREATE TABLE \"customers\" (\"mail\" TEXT NOT NULL PRIMARY KEY, \"full_name\" TEXT, \"password\" TEXT NOT NULL);\n"
    );
    let (code, text) = command(&app, &["schema", "apply"]).await;
    assert_eq!(
        (code, text.ends_with("-- Done.\n")),
        (Some(0), true),
        "{text}"
    );
    for word in ["plan", "apply", "check"] {
        let (code, text) = command(&app, &["schema", word]).await;
        assert_eq!(
            (code, text.contains("The database fits the models.")),
            (Some(0), true),
            "{text}"
        );
    }
    // What the script says does the same.
    let other = File::with(&script).await;
    assert_eq!(
        command(
            &other.app(models![Article, Customer]).await,
            &["schema", "check"]
        )
        .await
        .0,
        Some(0)
    );
    assert_eq!(command(&app, &["schema"]).await.0, Some(2));
    assert_eq!(command(&app, &["schema", "drop"]).await.0, Some(2));
    for (words, meant) in [
        (
            vec!["schem", "plan"],
            "there is no command `schem plan`; did you mean `schema plan`?\n",
        ),
        (vec!["Schema", "apply"], "did you mean `schema apply`?\n"),
        (
            vec!["schema", "plna"],
            "there is no command `schema plna`; did you mean `schema plan`?\n",
        ),
        (
            vec!["schema", "plan", "all"],
            "did you mean `schema plan`?\n",
        ),
    ] {
        let (code, text) = command(&app, &words).await;
        assert_eq!((code, text.contains(meant)), (Some(2), true), "{text}");
        assert!(text.contains("usage: schema plan"), "{text}");
    }
    // Every other word is the app's own.
    assert_eq!(command(&app, &["serve"]).await, (None, String::new()));
    assert_eq!(command(&app, &["seed", "plan"]).await.0, None);
    assert_eq!(command(&app, &[]).await.0, None);
}

#[tokio::test]
async fn what_could_lose_data_is_left_to_a_person() {
    let file = File::with(SHOP).await;
    let app = file.app(models![Misfit]).await;
    let changes = app.schema_plan().await.unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change.effect == Effect::Manual && change.store == "main")
    );
    let (code, text) = command(&app, &["schema", "apply"]).await;
    assert_eq!(code, Some(1));
    for part in [
        "its primary key is not `id`",
        "its column \"headline\" is `VARCHAR(200)`",
        "the field `id` is new and it has no default for the rows that are there (if it is what the column `article_id` holds:",
        "the field `note` is new",
        "Nothing was changed.",
    ] {
        assert!(text.contains(part), "{part}\n--- is not in ---\n{text}");
    }
    let error = app.build().await.unwrap_err().to_string();
    for part in [
        "the store `main` could not be prepared",
        "its primary key is not `id`",
        "`VARCHAR(200)`, and the field `headline` needs `INTEGER`",
        "the field `note` is new",
    ] {
        assert!(error.contains(part), "{part}\n--- is not in ---\n{error}");
    }
}

/// What an operator reads at the start: one line whatever is new, more of it only at DEBUG, and a warning where a name may have changed.
#[tokio::test]
async fn what_the_log_says_of_a_start() {
    let file = File::with("").await;
    let start = async |models| {
        let logs = Logs::default();
        let _guard = tracing::subscriber::set_default(logs.clone());
        file.app(models).await.build().await.unwrap();
        let text = logs.text();
        let of_level = |level: &str| {
            let begin = format!("{level} larder::schema ");
            text.lines()
                .filter_map(|line| line.strip_prefix(&begin).map(str::to_owned))
                .collect::<Vec<String>>()
        };
        (of_level("INFO"), of_level("WARN"), of_level("DEBUG"))
    };
    let models = || models![Article, Customer];
    let (told, warned, details) = start(models()).await;
    assert!(told.len() == 1 && warned.is_empty(), "{told:?} {warned:?}");
    // Two tables, and the index that a list is sorted by.
    assert!(told[0].contains("changes=3 tables=2"), "{told:?}");
    assert!(details.len() == 3 && details[0].contains("CREATE TABLE"));
    assert_eq!(start(models()).await, Default::default());
    // A column that no field has any more, and an optional field that it may hold.
    file.run("ALTER TABLE customers RENAME COLUMN full_name TO called; INSERT INTO customers VALUES ('a@x.org', 'Ann', 'hash')")
        .await;
    let (told, warned, _) = start(models()).await;
    assert_eq!((told.len(), warned.len()), (1, 1));
    for part in [
        "customers",
        "full_name",
        "(if it is what the column `called` holds: `#[model(was = ",
    ] {
        assert!(warned[0].contains(part), "{warned:?}");
    }
}

#[tokio::test]
async fn an_app_may_leave_all_changes_to_a_person() {
    let file = File::with("").await;
    let manual = async || {
        file.app(models![Article])
            .await
            .migrations(Migrations::Manual)
    };
    let error = manual().await.build().await.unwrap_err();
    assert!(
        error.message().contains("CREATE TABLE \"articles\""),
        "{error}"
    );
    assert!(error.message().contains("Migrations::Manual"), "{error}");
    assert_eq!(
        command(&manual().await, &["schema", "check"]).await.0,
        Some(1),
        "and nothing was made"
    );
    assert_eq!(
        command(&manual().await, &["schema", "apply"]).await.0,
        Some(0)
    );
    let client = Client::new(&manual().await.build().await.unwrap());
    client
        .post("/articles", json!({"title": "t"}))
        .go()
        .await
        .is(201);
    // A store that lasts no longer than the app is always made ready.
    let app = App::builder()
        .models(models![Article])
        .store("main", larder::MemoryStore::new());
    let client = Client::new(&app.migrations(Migrations::Manual).build().await.unwrap());
    client
        .post("/articles", json!({"title": "t"}))
        .go()
        .await
        .is(201);
}
