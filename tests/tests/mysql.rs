//! What people see of MySQL and MariaDB: addresses that are wrong, values that do not fit, writers that meet, connections that are
//! cut, tables that are there already.

#[path = "plans/asked.rs"]
mod asked;
#[path = "mysql/database.rs"]
mod database;
#[path = "mysql/existing.rs"]
mod existing;
#[path = "mysql/explain.rs"]
mod explain;
#[path = "mysql/faults.rs"]
mod faults;
#[path = "mysql/plans.rs"]
mod plans;
#[path = "plans/questions.rs"]
mod questions;
#[path = "mysql/sakila.rs"]
mod sakila;
#[path = "mysql/writers.rs"]
mod writers;

use larder::prelude::*;
use larder_sql::MySqlStore;
use larder_tests::Client;

use database::Database;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/notes", id(client), rules(read = "true", write = "true"))]
#[model(search(tag = eq), sort(tag))]
struct Note {
    #[model(id)]
    id: String,
    #[serde(default)]
    text: String,
    #[model(index)]
    #[serde(default)]
    tag: String,
    #[model(unique)]
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    number: i64,
}

/// A database of the test's own, if there is a server.
async fn database() -> Option<Database> {
    let server = larder_tests::server("TEST_MYSQL_URL")?;
    Some(Database::create(&server).await.unwrap())
}

/// An app on a database, with a pool of its own as another process would have one.
async fn app(database: &Database) -> App {
    let store = MySqlStore::open(&database.url()).await.unwrap();
    let app = App::builder().models(models![Note]).store("main", store);
    app.build().await.unwrap()
}

async fn client(database: &Database) -> Client {
    Client::new(&app(database).await)
}
