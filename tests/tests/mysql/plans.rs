//! Which index MariaDB uses: the questions that SQLite and PostgreSQL are asked too.

use larder::prelude::*;
use larder_sql::MySqlStore;
use larder_tests::Client;
use sqlx::mysql::MySqlConnection;
use sqlx::{Connection, Executor};

use super::explain::{Step, explain};
use super::questions::{Author, Note, Question, Sorted, fill};
use super::{Database, asked, database};

/// The notes, and enough others that nobody would rather read them all.
async fn world(database: &Database) -> Client {
    let store = MySqlStore::open(&database.url()).await.unwrap();
    let app = App::builder()
        .models(models![Author, Note])
        .store("main", store);
    let client = Client::new(&app.build().await.unwrap());
    fill(&client).await;
    let mut conn = MySqlConnection::connect(&database.url()).await.unwrap();
    for sql in [
        "INSERT INTO notes (id, author, title, status, mood, rank, score, _version)
         SELECT CONCAT('x', seq), CONCAT('other ', seq), CONCAT('other ', seq), 'done', 'sad', 1000 + seq, 1000 + seq, 1
         FROM seq_1_to_5000",
        "INSERT INTO authors (id, name, _version) SELECT CONCAT('other ', seq), CONCAT('other ', seq), 1 FROM seq_1_to_5000",
        "ANALYZE TABLE notes, authors PERSISTENT FOR ALL",
    ] {
        conn.fetch_all(sql).await.unwrap();
    }
    conn.close().await.unwrap();
    client
}

fn literal(column: &str, before: &str) -> &'static str {
    match (column, before.ends_with('<')) {
        ("status", _) => "'draft'",
        ("rank" | "score", _) => "20",
        ("title", false) => "'note 1'",
        ("title", true) => "'note 2'",
        ("name", _) => "'name 3'",
        ("id", _) => "'100'",
        other => panic!("{other:?}"),
    }
}

/// Asks for a list, and compares the plan of its statement.
async fn uses(database: &Database, client: &Client, query: &str, question: &Question) {
    // Where no one index decides, as through a link, how much there is to look at is asked in the same statement.
    let statements = asked::statements(client, query).await;
    let [sql] = statements.as_slice() else {
        panic!("{statements:#?}");
    };
    let plan = explain(database, sql, literal).await;
    for read in question.reads {
        let index = read.index.unwrap_or("PRIMARY");
        let is_it = |step: &&Step| step.table == read.table && step.index == index;
        let step = plan.iter().find(is_it);
        let step = step.unwrap_or_else(|| panic!("{query}\n{sql}\n{plan:#?}"));
        let as_asked = match read.by {
            "" => step.how == "index",
            // A lookup of what is equal would test all that comes before the page.
            _ if query.contains("cursor=") => step.how == "range",
            _ => step.seeks(),
        };
        assert!(as_asked, "{query}\n{sql}\n{plan:#?}");
    }
    if question.sorted == Sorted::ByIndex {
        let sorts = |step: &Step| step.extra.contains("filesort");
        assert!(!plan.iter().any(sorts), "{query}\n{sql}\n{plan:#?}");
    }
}

#[tokio::test]
async fn an_index_answers_what_is_indexed() {
    let Some(database) = database().await else {
        return;
    };
    let client = world(&database).await;
    for (query, question) in asked::questions(&client).await {
        // Where the order turns at the key MariaDB sorts all that it finds: without a range that is the table.
        if question.sorted != Sorted::ByIndexButTheKey || !question.reads[0].by.is_empty() {
            uses(&database, &client, &query, question).await;
        }
    }
    database.drop().await.unwrap();
}
