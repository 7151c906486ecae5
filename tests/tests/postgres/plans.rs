//! Which index PostgreSQL uses: the questions that SQLite and MariaDB are asked too.

use larder::prelude::*;
use larder_sql::PostgresStore;
use larder_tests::Client;

use crate::asked;
use crate::questions::{Author, Note, Question, Sorted, fill};
use crate::support::{Place, place};

/// Asks for a list, and compares the plan of its statement, for whatever values.
async fn uses(place: &Place, client: &Client, query: &str, question: &Question) {
    let statements = asked::statements(client, query).await;
    let sql = statements.first().unwrap();
    let marks = (1..).take_while(|mark| sql.contains(&format!("${mark}")));
    let nulls = vec!["NULL"; marks.count()].join(", ");
    let plan = place
        .texts(&format!(
            "SET plan_cache_mode = force_generic_plan; PREPARE asked AS {sql}; EXPLAIN EXECUTE asked ({nulls})"
        ))
        .await
        .join("\n");
    assert!(!plan.contains("Seq Scan"), "{query}\n{sql}\n{plan}");
    // What is sorted in memory may be found in one way or the other.
    if question.sorted != Sorted::InMemory {
        for read in question.reads {
            let index = read.index.unwrap_or("notes_pkey");
            let seeks = read.by.is_empty() || plan.contains("Index Cond");
            let as_asked = seeks && plan.contains(index) && plan.contains(read.table);
            assert!(as_asked, "{query}\n{sql}\n{plan}");
        }
        let sorts = plan.replace("Incremental Sort", "").contains("Sort  (");
        assert!(!sorts, "{query}\n{sql}\n{plan}");
    }
}

#[tokio::test]
async fn an_index_answers_each_question() {
    let Some(place) = place(&[]).await else {
        return;
    };
    let store = PostgresStore::open(&place.schema.url()).await.unwrap();
    let app = App::builder()
        .models(models![Author, Note])
        .store("main", store);
    let client = Client::new(&app.build().await.unwrap());
    fill(&client).await;
    place
        .execute(
            "INSERT INTO notes (id, author, title, status, mood, rank, score, _version)
             SELECT 'x' || n, 'other ' || n, 'other ' || n, 'done', 'sad', 1000 + n, 1000 + n, 1 FROM generate_series(1, 5000) AS n;
             INSERT INTO authors (id, name, _version) SELECT 'other ' || n, 'other ' || n, 1 FROM generate_series(1, 5000) AS n",
        )
        .await;
    place.execute("ANALYZE notes, authors").await;
    for (query, question) in asked::questions(&client).await {
        uses(&place, &client, &query, question).await;
    }
    place.end().await;
}
