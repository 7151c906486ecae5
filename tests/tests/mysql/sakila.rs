//! Tables of others with all that they have: orders of texts without case, enumerations, exact numbers, times in seconds.

use larder::prelude::*;
use larder_sql::MySqlStore;
use larder_tests::{Client, Logs};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::mysql::MySqlConnection;

use super::explain::explain;
use super::questions::said;
use super::{Database, database};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/languages",
    collection = "language",
    version = none,
    id(database)
)]
#[model(rules(read = "true", write = "true"), search(name = eq), sort(name))]
struct Language {
    #[model(id, column = "language_id")]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/films", collection = "film", version = none, id(database), rules(read = "true", write = "true"))]
#[model(search(title = starts_with, year = eq, rate = eq, rating = eq, language.name = eq))]
#[model(sort(title, year, rate, rating))]
struct Film {
    #[model(id, column = "film_id")]
    id: i64,
    title: String,
    #[serde(default)]
    description: Option<String>,
    #[model(column = "release_year")]
    #[serde(default)]
    year: Option<i64>,
    #[model(column = "language_id")]
    language: ModelLink<Language>,
    #[model(column = "rental_rate")]
    rate: Decimal,
    #[serde(default)]
    rating: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/customers", collection = "customer", version = none, id(database), rules(read = "true", write = "true"))]
#[model(search(since = ge, email = eq), sort(since))]
struct Customer {
    #[model(id, column = "customer_id")]
    id: i64,
    first_name: String,
    #[model(unique)]
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    active: bool,
    #[model(column = "create_date")]
    since: jiff::Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/payments", collection = "payment", version = none, id(database), rules(read = "true", write = "true"))]
#[model(search(at = ge, customer = eq), sort(at))]
struct Payment {
    #[model(id, column = "payment_id")]
    id: u32,
    #[model(column = "customer_id")]
    customer: ModelLink<Customer>,
    amount: Decimal,
    #[model(column = "payment_date")]
    at: jiff::Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/employees", collection = "employees", version = none, id(client), rules(read = "true", write = "true"))]
struct Employee {
    #[model(id, column = "emp_no")]
    id: i64,
    birth_date: jiff::civil::Date,
    first_name: String,
    gender: Gender,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
enum Gender {
    M,
    F,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/titles", collection = "titles", version = none, rules(read = "true", write = "true"))]
struct Title {
    #[model(id)]
    emp_no: i64,
    #[model(id)]
    title: String,
    #[model(id)]
    from_date: jiff::civil::Date,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/users", collection = "users", version = none, id(client), rules(read = "true", write = "true"))]
#[model(search(token = eq))]
struct User {
    #[model(id)]
    login: String,
    shown: String,
    #[model(unique)]
    token: uuid::Uuid,
    digest: larder::Bytes,
    #[serde(default)]
    enabled: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/orders", collection = "orders", version = none, read_only, rules(read = "true"))]
// Nobody may add an index to a table that is only read.
#[model(search(user = eq, user.shown = scan(eq)))]
struct Order {
    #[model(id)]
    id: i64,
    user: ModelLink<User>,
    weight: Option<f64>,
    created_at: Option<jiff::Timestamp>,
}

async fn run(database: &Database, sql: &str) {
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// An app on the tables as they are.
async fn served(database: &Database) -> Client {
    run(database, include_str!("sakila.sql")).await;
    let store = MySqlStore::open(&database.url()).await.unwrap();
    let app = App::builder()
        .models(models![
            Language, Film, Customer, Payment, Employee, Title, User, Order
        ])
        .store("main", store);
    let plan = app.schema_plan().await.unwrap();
    assert_eq!(plan, [], "nothing is missing, nothing does not fit");
    Client::new(&app.build().await.unwrap())
}

async fn ids(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).go().await.is(200).each("id")
}

/// A write is refused because of this field.
async fn refused(ask: larder_tests::Ask, status: u16, field: &str) {
    let answer = ask.go().await.is(status);
    let errors = answer.json()["errors"].clone();
    assert_eq!(errors[0]["field"], field, "{}", answer.text());
    assert!(!answer.text().contains("row 1"), "{}", answer.text());
}

#[tokio::test]
async fn texts_compare_by_their_bytes_whatever_the_column_says() {
    let Some(database) = database().await else {
        return;
    };
    let client = served(&database).await;
    for (query, found) in [
        ("title==ACADEMY%20DINOSAUR", vec![1]),
        ("title==academy%20dinosaur", vec![]),
        ("title=ACADEMY", vec![1]),
        ("title=AC", vec![1, 3]),
        ("title=a", vec![]),
        ("title=%25", vec![]),
        ("in(title,(Academy%20Dinosaur,ZEBRA,Zebra))", vec![2, 4]),
        ("title=lt=B&sort(title)", vec![1, 3, 2]),
        // By bytes: capitals first, letters beyond ASCII last.
        ("sort(title)", vec![1, 3, 2, 4, 5]),
        ("sort(-title)", vec![5, 4, 2, 3, 1]),
        ("title=ge=Z&sort(title)", vec![4, 5]),
        ("rating==PG", vec![1]),
        ("rating==pg", vec![]),
        ("rating==1", vec![]),
        ("in(rating,(G,R))", vec![3, 5]),
        // By their texts and not by their places in the enumeration; null first.
        ("sort(rating)", vec![4, 3, 2, 1, 5]),
        ("rating=gt=G&sort(rating)", vec![2, 1, 5]),
        ("rating==null", vec![4]),
        // Through a link, on a key of its own kind.
        ("language.name==English", vec![1, 4, 5]),
        ("language.name==english", vec![3]),
    ] {
        let found: Vec<Value> = found.into_iter().map(Value::from).collect();
        assert_eq!(
            ids(&client, &format!("/films?{query}")).await,
            found,
            "{query}"
        );
    }
    // Pages go on where they ended.
    let (mut path, mut seen) = ("/films?sort(title)&limit=2".to_owned(), Vec::new());
    loop {
        let page = client.get(&path).go().await.is(200);
        seen.extend(page.each("id"));
        let link = page.header("link").to_owned();
        let Some(next) = link.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
            break;
        };
        if !link.contains("rel=\"next\"") || seen.len() > 5 {
            break;
        }
        next.0.clone_into(&mut path);
    }
    assert_eq!(seen, [1, 3, 2, 4, 5]);
    database.drop().await.unwrap();
}

#[tokio::test]
async fn an_index_of_theirs_finds_what_is_equal_and_what_begins_alike() {
    let Some(database) = database().await else {
        return;
    };
    let client = served(&database).await;
    run(
        &database,
        "INSERT INTO film (title, language_id) SELECT CONCAT('film ', seq), 1 FROM seq_1_to_5000; ANALYZE TABLE film",
    )
    .await;
    for query in [
        "title==ACADEMY%20DINOSAUR",
        "title=ACADEMY",
        "in(title,(Zebra,x))",
    ] {
        let logs = Logs::default();
        let found = {
            let _guard = tracing::subscriber::set_default(logs.clone());
            let list = client.get(&format!("/films?{query}"));
            list.header("prefer", "count=none").go().await.is(200)
        };
        assert_eq!(found.each("id").len(), 1, "{query}");
        let sql = said(&logs).remove(0);
        let literal = |_: &str, before: &str| match before {
            before if before.contains("LIKE") => "'ACADEMY%'",
            before if before.ends_with('<') => "'ACADEMZ'",
            _ => "'ACADEMY'",
        };
        let plan = explain(&database, &sql, literal).await;
        assert!(
            plan[0].seeks() && plan[0].index == "idx_title",
            "{sql}\n{plan:#?}"
        );
    }
    database.drop().await.unwrap();
}

#[tokio::test]
async fn numbers_and_times_are_exact_or_refused() {
    let Some(database) = database().await else {
        return;
    };
    let client = served(&database).await;
    let film = client.get("/films/1").go().await.is(200).json();
    assert_eq!(
        film,
        json!({"id": 1, "title": "ACADEMY DINOSAUR", "description": "A Epic Drama", "year": 2006, "language": 1,
               "rate": "0.99", "rating": "PG"})
    );
    for (query, found) in [
        ("rate==4.99", vec![2]),
        ("rate==4.990", vec![2]),
        ("rate==4.991", vec![]),
        ("rate=lt=2.005&sort(rate)", vec![1, 4]),
        ("rate=gt=2.005&sort(rate)", vec![5, 2, 3]),
        ("rate=ge=100", vec![]),
        ("rate=lt=100&sort(-rate)", vec![3, 2, 5, 4, 1]),
        ("rate=gt=-1000000&sort(rate)&limit=1", vec![1]),
        ("in(rate,(2,2.01,2.011))&sort(rate)", vec![4, 5]),
        ("year==2006", vec![1, 4, 5]),
        // The database would take it for 2006.
        ("year==6", vec![]),
        ("year=gt=6&sort(year)", vec![2, 1, 4, 5]),
        ("sort(year)", vec![3, 2, 1, 4, 5]),
    ] {
        let found: Vec<Value> = found.into_iter().map(Value::from).collect();
        assert_eq!(
            ids(&client, &format!("/films?{query}")).await,
            found,
            "{query}"
        );
    }
    let patch = |body: Value| client.patch("/films/1", body);
    refused(patch(json!({"rate": "1.005"})), 422, "rate").await;
    refused(patch(json!({"rate": "100"})), 422, "rate").await;
    refused(patch(json!({"year": 6})), 422, "year").await;
    refused(patch(json!({"rating": "pg"})), 422, "rating").await;
    refused(patch(json!({"rating": "2"})), 422, "rating").await;
    refused(patch(json!({"title": "x".repeat(129)})), 422, "title").await;
    // MySQL would cut off the blanks without a word.
    let blanks = format!("x{}", " ".repeat(128));
    refused(patch(json!({"title": blanks})), 422, "title").await;
    let all = json!({"rate": "99.99", "year": 2155, "rating": "NC-17", "title": "x ", "description": "\u{1f980}"});
    let now = patch(all).go().await.is(200).json();
    assert_eq!(now, client.get("/films/1").go().await.is(200).json());
    assert_eq!(
        (&now["rate"], &now["title"]),
        (&json!("99.99"), &json!("x "))
    );

    let mary = client.get("/customers/1").go().await.is(200).json();
    assert_eq!(mary["since"], "2006-02-14T22:04:36Z");
    assert_eq!(mary["active"], true);
    let found = ids(&client, "/customers?since=gt=2006-02-14T22:04:36.5Z").await;
    assert_eq!(found, [2]);
    let found = ids(&client, "/customers?since==2006-02-14T22:04:36.5Z").await;
    assert_eq!(found, [0; 0]);
    let halves = json!({"since": "2024-01-01T00:00:00.5Z"});
    refused(client.patch("/customers/1", halves), 422, "since").await;
    let old = json!({"since": "1069-12-31T23:59:59Z"});
    client.patch("/customers/1", old).go().await.is(200);
    assert_eq!(ids(&client, "/customers?sort(since)").await, [1, 2]);

    let paid = client.get("/payments/1").go().await.is(200).json();
    assert_eq!(paid["at"], "2005-05-25T11:30:37.125Z");
    let patch = |at: &str| client.patch("/payments/1", json!({ "at": at }));
    refused(patch("2005-05-25T11:30:37.1255Z"), 422, "at").await;
    // A `TIMESTAMP` ends in 2038.
    refused(patch("2039-01-01T00:00:00Z"), 422, "at").await;
    refused(patch("1969-01-01T00:00:00Z"), 422, "at").await;
    for (query, found) in [
        ("at=gt=0001-01-01T00:00:00Z", 2),
        ("at=lt=0001-01-01T00:00:00Z", 0),
        ("at=lt=9999-12-30T22:00:00Z", 2),
        ("at=gt=2005-05-25T11:30:37.125Z", 1),
        ("at==2005-05-25T11:30:37.125Z", 1),
    ] {
        let all = ids(&client, &format!("/payments?{query}")).await;
        assert_eq!(all.len(), found, "{query}");
    }
    database.drop().await.unwrap();
}

#[tokio::test]
async fn keys_are_their_texts_and_their_index_may_be_stricter() {
    let Some(database) = database().await else {
        return;
    };
    let client = served(&database).await;
    client.get("/users/Ann").go().await.is(200);
    // Another spelling is another key, which nobody can have while this one is there.
    for path in ["/users/ann", "/users/ANN", "/users/Ann%20"] {
        client.get(path).go().await.is(404);
        client.delete(path).go().await.is(404);
    }
    let user = |login: &str, token: &str| json!({"login": login, "shown": "Å", "token": token, "digest": "AAECAw==", "enabled": true});
    let fresh = "10112233-4455-6677-8899-aabbccddeeff";
    client.post("/users", user("ANN", fresh)).go().await.is(409);
    client
        .put("/users/ANN", user("ANN", fresh))
        .go()
        .await
        .is(409);
    client
        .put("/users/cleo", user("cleo", fresh))
        .go()
        .await
        .is(201);
    client
        .put("/users/cleo", user("cleo", fresh))
        .go()
        .await
        .is(200);
    let taken = user("dan", "00112233-4455-6677-8899-aabbccddeeff");
    refused(client.post("/users", taken), 409, "token").await;
    // It has no place in latin1.
    let greek = json!({"shown": "Ω"});
    refused(client.patch("/users/cleo", greek), 422, "shown").await;
    let short = json!({"digest": "AAE="});
    refused(client.patch("/users/cleo", short), 422, "digest").await;
    let ann = client.get("/users/Ann").go().await.is(200).json();
    assert_eq!(
        ann,
        json!({"login": "Ann", "shown": "Ännchen", "token": "00112233-4455-6677-8899-aabbccddeeff",
               "digest": "AQIDBA==", "enabled": true})
    );
    let by_token = client
        .get("/users?token==f0112233-4455-6677-8899-aabbccddeeff")
        .go()
        .await
        .is(200);
    assert_eq!(by_token.each("login"), ["bob"]);
    let off = json!({"enabled": false});
    let now = client.patch("/users/Ann", off).go().await.is(200).json();
    assert_eq!(now["enabled"], false);

    // A link leads to the very text, though the two columns have two orders, in both of which `ann` is `Ann`.
    assert_eq!(ids(&client, "/orders?user.shown==%C3%84nnchen").await, [1]);
    assert_eq!(ids(&client, "/orders?user==ann").await, [2]);
    let orders = client.get("/orders").go().await.is(200);
    assert_eq!(
        orders.each("weight"),
        [json!(0.5), json!(null), json!(2.25)]
    );

    client
        .get("/titles/10001,Senior%20Engineer,1986-06-26")
        .go()
        .await;
    let titles = client.get("/titles").go().await.is(200);
    assert_eq!(titles.each("title"), ["Senior Engineer", "Staff"]);
    let georgi = client.get("/employees/10001").go().await.is(200).json();
    assert_eq!(
        (&georgi["gender"], &georgi["birth_date"]),
        (&json!("M"), &json!("1953-09-02"))
    );
    let mail = json!({"first_name": "M", "email": "mary@X.org", "since": "2024-01-01T00:00:00Z"});
    refused(client.post("/customers", mail), 409, "email").await;

    // `CHAR` drops blanks at the end, so such a text is refused.
    refused(
        client.post("/languages", json!({"name": "Dutch "})),
        422,
        "name",
    )
    .await;
    let made = client
        .post("/languages", json!({"name": "Dutch"}))
        .go()
        .await
        .is(201);
    assert_eq!(made.json(), json!({"id": 4, "name": "Dutch"}));
    assert_eq!(ids(&client, "/languages?name==english").await, [3]);
    assert_eq!(ids(&client, "/languages?name==Dutch%20").await, [0; 0]);
    assert_eq!(ids(&client, "/languages?sort(name)").await, [4, 1, 2, 3]);
    database.drop().await.unwrap();
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/films",
    collection = "film",
    id(database),
    timestamps,
    rules(read = "true", write = "true")
)]
struct Misfit {
    #[model(id, column = "film_id")]
    id: i64,
    #[model(column = "rental_rate")]
    rate: f64,
    #[model(column = "special_features")]
    features: String,
    length: Option<bool>,
}

#[tokio::test]
async fn what_cannot_be_is_listed() {
    let Some(database) = database().await else {
        return;
    };
    run(&database, include_str!("sakila.sql")).await;
    let store = MySqlStore::open(&database.url()).await.unwrap();
    let app = App::builder().models(models![Misfit]).store("main", store);
    let error = app.build().await.unwrap_err();
    for part in [
        "no column `_version`",
        "its column `rental_rate` is `decimal(4,2)`, and the field `rate` needs `DOUBLE`",
        "its column `special_features` is `set('Trailers',",
        "its column `length` is `smallint unsigned`, and the field `length` needs `TINYINT(1)`",
        "no field names its column `title`, which every record needs",
        "MODIFY COLUMN `rental_rate` DOUBLE NOT NULL DEFAULT 4.99;",
    ] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    database.drop().await.unwrap();
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/places", id(client), rules(read = "true", write = "true"))]
struct Place {
    #[model(id)]
    id: String,
    #[model(unique)]
    corners: Vec<f64>,
}

#[tokio::test]
async fn a_unique_list_is_refused() {
    let Some(database) = database().await else {
        return;
    };
    let store = MySqlStore::open(&database.url()).await.unwrap();
    let app = App::builder().models(models![Place]).store("main", store);
    let said = app.build().await.unwrap_err();
    let said = said.message();
    assert!(
        said.contains("`corners` is unique") && said.contains("take `unique` from it"),
        "{said}"
    );
    database.drop().await.unwrap();
}
