//! What is asked of the indexes of every SQL database, and what must answer it. How a database says what it does is its own test's.

use larder::prelude::*;
use larder_tests::{Answer, Client, Logs};
use serde_json::json;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(url = "/authors", id(client), rules(read = "true", write = "true"))]
pub(crate) struct Author {
    #[model(id)]
    pub(crate) id: Id<Author>,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
#[model(
    url = "/notes",
    id(client),
    rules(read = "true", write = "true"),
    page = 10
)]
#[model(search(title = starts_with, status = eq, rank = ge, score = ge, mood = scan(eq), author.name = eq))]
#[model(sort(title, rank, score, author.name))]
pub(crate) struct Note {
    #[model(id)]
    pub(crate) id: String,
    pub(crate) author: ModelLink<Author>,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) mood: String,
    pub(crate) rank: i64,
    pub(crate) score: Option<i64>,
}

/// How many notes there are.
pub(crate) const NOTES: usize = 200;

fn note(at: usize) -> serde_json::Value {
    json!({
        "author": format!("a{}", at % 7),
        "title": format!("note {at:03}"),
        "status": if at.is_multiple_of(5) { "draft" } else { "done" },
        "mood": if at.is_multiple_of(2) { "glad" } else { "sad" },
        "rank": at / 3,
        // A quarter has none.
        "score": (!at.is_multiple_of(4)).then_some(at / 2),
    })
}

/// Writes the authors and the notes.
pub(crate) async fn fill(client: &Client) {
    for at in 0..7 {
        let author = json!({"name": format!("name {at}")});
        client
            .put(&format!("/authors/a{at}"), author)
            .go()
            .await
            .is(201);
    }
    for at in 0..NOTES {
        client
            .put(&format!("/notes/{at:03}"), note(at))
            .go()
            .await
            .is(201);
    }
}

/// The query string of the next page.
pub(crate) fn next(answer: &Answer) -> String {
    let link = answer.header("link");
    let target = link
        .strip_prefix("</notes?")
        .and_then(|rest| rest.split_once('>'));
    target
        .unwrap_or_else(|| panic!("no next page: {link}"))
        .0
        .to_owned()
}

/// The statements that were sent so far.
pub(crate) fn said(logs: &Logs) -> Vec<String> {
    let text = logs.text();
    let lines = text.lines().filter_map(|line| {
        let sql = line.strip_prefix("TRACE larder::sql sql=")?;
        // As `Debug` has it, which is JSON for these texts.
        Some(serde_json::from_str(sql).unwrap())
    });
    lines.collect()
}

/// A list, and how it is to be found.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) query: &'static str,
    pub(crate) reads: &'static [Read],
    pub(crate) sorted: Sorted,
}

/// One table that is read by an index.
#[derive(Debug)]
pub(crate) struct Read {
    /// Its name in the statement.
    pub(crate) table: &'static str,
    /// None for that of the key.
    pub(crate) index: Option<&'static str>,
    /// What is sought in it, in SQLite's words; nothing where it is walked from its beginning.
    pub(crate) by: &'static str,
    /// Whether the table itself is not needed.
    #[allow(dead_code, reason = "only SQLite says it")]
    pub(crate) covering: bool,
}

/// What gives records their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorted {
    ByIndex,
    /// Records of one value are sorted a few at a time: the order turns at the key.
    ByIndexButTheKey,
    InMemory,
}

const fn notes(index: &'static str, by: &'static str) -> Read {
    Read {
        table: "notes",
        index: Some(index),
        by,
        covering: false,
    }
}

const fn key(by: &'static str) -> Read {
    Read {
        table: "notes",
        index: None,
        by,
        covering: false,
    }
}

/// Filters.
pub(crate) const CONDITIONS: &[Question] = &[
    Question {
        query: "status=draft",
        reads: &[notes("larder:notes:status", "status=?")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "in(status,(draft,lost))",
        reads: &[notes("larder:notes:status", "status=?")],
        sorted: Sorted::InMemory,
    },
    Question {
        query: "rank=20&sort(rank)",
        reads: &[notes("larder:notes:rank", "rank>?")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "between(rank,5,20)&sort(-rank)",
        reads: &[notes("larder:notes:rank", "rank>? AND rank<?")],
        sorted: Sorted::ByIndexButTheKey,
    },
    Question {
        query: "title=note%201&sort(title)",
        reads: &[notes("larder:notes:title", "title>? AND title<?")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "author.name=name%203",
        reads: &[
            Read {
                table: "larder_join_1",
                index: Some("larder:authors:name"),
                by: "name=?",
                covering: true,
            },
            notes("larder:notes:author", "author=?"),
        ],
        sorted: Sorted::InMemory,
    },
];

/// Whole lists.
pub(crate) const ORDERS: &[Question] = &[
    Question {
        query: "",
        reads: &[key("")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "sort(rank)",
        reads: &[notes("larder:notes:rank", "")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "sort(-rank)",
        reads: &[notes("larder:notes:rank", "")],
        sorted: Sorted::ByIndexButTheKey,
    },
];

/// Lists of which a page deep inside is asked for.
pub(crate) const CURSORS: &[Question] = &[
    Question {
        query: "limit=10",
        reads: &[key("id>?")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "sort(rank)",
        reads: &[notes("larder:notes:rank", "(rank,id)>(?,?)")],
        sorted: Sorted::ByIndex,
    },
    Question {
        query: "sort(-rank)",
        reads: &[notes("larder:notes:rank", "rank<?")],
        sorted: Sorted::ByIndexButTheKey,
    },
    Question {
        query: "status=draft&limit=3",
        reads: &[notes("larder:notes:status", "status=? AND id>?")],
        sorted: Sorted::ByIndex,
    },
];
