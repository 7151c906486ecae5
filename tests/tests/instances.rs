//! Two instances of a new version of an app that start at once on the database of the old one: the additive change is made once, both
//! serve, and nothing is lost.

#[path = "mysql/database.rs"]
mod database;
#[path = "postgres/schema.rs"]
mod schema;

use futures_util::future::join_all;
use larder::ModelSet;
use larder::prelude::*;
use larder_tests::{Client, server};
use serde_json::json;

const ROUNDS: usize = 5;
const RECORDS: usize = 200;

mod old {
    use larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/notes", id(client), rules(read = "true", write = "true"))]
    pub(super) struct Note {
        #[model(id)]
        id: String,
        text: String,
    }
}

mod new {
    use larder::prelude::*;

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/notes", id(client), rules(read = "true", write = "true"), search(tag = eq), sort(tag))]
    pub(super) struct Note {
        #[model(id)]
        id: String,
        text: String,
        #[serde(default = "none")]
        tag: String,
        #[model(unique)]
        #[serde(default)]
        code: Option<i64>,
    }

    fn none() -> String {
        "none".to_owned()
    }

    #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
    #[model(url = "/labels", id(client), rules(read = "true", write = "true"))]
    pub(super) struct Label {
        #[model(id)]
        id: String,
    }
}

async fn builder(url: &str, models: ModelSet) -> larder::AppBuilder {
    let store = store::open(url).await.expect("a store");
    App::builder().models(models).store("main", store)
}

async fn start_at_once(url: &str) {
    let app = builder(url, models![old::Note]).await.build().await;
    let client = Client::new(&app.expect("the old version"));
    for at in 0..RECORDS {
        let written = client.put(&format!("/notes/{at}"), json!({"text": "old"}));
        written.go().await.is(201);
    }
    let both = || models![new::Note, new::Label];
    let builders = join_all((0..2).map(|_| builder(url, both()))).await;
    let starts = builders
        .into_iter()
        .map(|builder| tokio::spawn(builder.build()));
    for (at, app) in join_all(starts).await.into_iter().enumerate() {
        let client = Client::new(&app.expect("a task").expect("an instance"));
        // The one before has written one more.
        let found = client.get("/notes?tag=none&count()").go().await.is(200);
        assert_eq!(found.text(), (RECORDS + at).to_string());
        let code = json!({"text": "new", "code": at});
        client
            .put(&format!("/notes/new{at}"), code)
            .go()
            .await
            .is(201);
        client
            .put(&format!("/labels/{at}"), json!({}))
            .go()
            .await
            .is(201);
        let taken = json!({"text": "taken", "code": 0});
        client.put("/notes/taken", taken).go().await.is(409);
    }
    // The old version goes on until it is stopped.
    client.get("/notes/1").go().await.is(200);
    let plan = builder(url, both()).await.schema_plan().await;
    assert_eq!(plan.expect("a plan"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_mysql() {
    for _ in 0..ROUNDS {
        let Some(server) = server("TEST_MYSQL_URL") else {
            return;
        };
        let database = database::Database::create(&server)
            .await
            .expect("a database");
        start_at_once(&database.url()).await;
        database.drop().await.expect("no database");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    for _ in 0..ROUNDS {
        let Some(server) = server("TEST_POSTGRES_URL") else {
            return;
        };
        let schema = schema::Schema::create(&server).await;
        start_at_once(&schema.url()).await;
        schema.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("notes.db");
        start_at_once(&format!("sqlite:{}", file.display())).await;
    }
}
