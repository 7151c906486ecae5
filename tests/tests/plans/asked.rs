//! Puts the questions to a server through an app, and tells what the database was asked then.

use larder_tests::{Answer, Client, Logs};

use crate::questions::{CONDITIONS, CURSORS, ORDERS, Question, next, said};

async fn list(client: &Client, query: &str) -> Answer {
    let list = client.get(&format!("/notes?{query}"));
    list.header("prefer", "count=none").go().await.is(200)
}

/// The statements that are sent for a list, which has to find something.
pub(crate) async fn statements(client: &Client, query: &str) -> Vec<String> {
    let logs = Logs::default();
    let answer = {
        let _guard = tracing::subscriber::set_default(logs.clone());
        list(client, query).await
    };
    assert!(!answer.each("id").is_empty(), "{query} finds nothing");
    said(&logs)
}

/// All questions, each with the query string to ask it by: those about a place deep inside lead there with a cursor.
pub(crate) async fn questions(client: &Client) -> Vec<(String, &'static Question)> {
    let plain = CONDITIONS.iter().chain(ORDERS);
    let mut all: Vec<_> = plain.map(|it| (it.query.to_owned(), it)).collect();
    for question in CURSORS {
        let mut page = question.query.to_owned();
        for _ in 0..5 {
            page = next(&list(client, &page).await);
        }
        all.push((page, question));
    }
    all
}
