//! How SQLite goes about the statements of lists: which index each uses, and how many statements there are.
//!
//! The statements are those that are sent: they are said at TRACE under `larder::sql`, and explained on a connection of the test's own.

#[path = "plans/questions.rs"]
mod questions;

use larder::prelude::*;
use larder_sql::SqliteStore;
use larder_tests::{Answer, Client, Logs};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqlSafeStr};

use questions::{
    Author, CONDITIONS, CURSORS, NOTES, Note, ORDERS, Question, Sorted, fill, next, said,
};

/// The notes in a SQLite file, and a second look at it.
struct World {
    client: Client,
    logs: Logs,
    plain: SqliteConnection,
    _guard: tracing::subscriber::DefaultGuard,
    folder: tempfile::TempDir,
}

/// An answer with the statements that it took.
struct Asked {
    answer: Answer,
    statements: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plans.db");
        let logs = Logs::default();
        let guard = tracing::subscriber::set_default(logs.clone());
        let url = format!("sqlite:{}", file.display());
        let store = SqliteStore::open(&url).await.unwrap();
        let app = App::builder()
            .models(models![Author, Note])
            .store("main", store);
        let client = Client::new(&app.build().await.unwrap());
        fill(&client).await;
        let options = SqliteConnectOptions::new().filename(&file).read_only(true);
        Self {
            client,
            logs,
            plain: options.connect().await.unwrap(),
            _guard: guard,
            folder,
        }
    }

    async fn ask(&self, path: &str, counted: bool) -> Asked {
        let before = said(&self.logs).len();
        let preference = if counted { "count=exact" } else { "count=none" };
        let answer = self.client.get(path).header("prefer", preference);
        let answer = answer.go().await.is(200);
        Asked {
            answer,
            statements: said(&self.logs).split_off(before),
        }
    }

    /// What SQLite would do, a line for each step, and how many queries are inside.
    async fn plan(&mut self, sql: &str) -> Plan {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")).into_sql_str();
        let steps = sqlx::query(explain).fetch_all(&mut self.plain).await;
        let steps = steps.unwrap_or_else(|error| panic!("{error}: {sql}"));
        let mut plan = Plan::default();
        // The steps of an inner query hang below it.
        let mut inner: Vec<i64> = Vec::new();
        for step in &steps {
            let (id, parent): (i64, i64) = (step.get("id"), step.get("parent"));
            let detail: String = step.get("detail");
            let query = detail.starts_with("SCALAR SUBQUERY");
            if query || inner.contains(&parent) {
                inner.push(id);
                plan.queries += usize::from(query);
            } else {
                plan.steps.push(detail);
            }
        }
        plan
    }

    /// Asks for a list without a total, and compares the plan of its one statement. Through a link no one index decides, so there a
    /// guard is a part of it: how much is there to look at?
    async fn uses(&mut self, query: &str, question: &Question) -> Answer {
        let expected = steps(question);
        let guards = usize::from(query.contains('.'));
        let one = |statements: &[String]| match statements {
            [sql] => sql.clone(),
            other => panic!("{query}: {other:#?}"),
        };
        let asked = self.ask(&format!("/notes?{query}"), false).await;
        let sql = &one(&asked.statements);
        let plan = self.plan(sql).await;
        assert_eq!(plan.steps, expected, "{query}\n{sql}");
        assert_eq!(plan.queries, guards, "{query}\n{sql}");
        // With a total it is one statement too, which finds what it counts by the same index.
        let counted = self.ask(&format!("/notes?{query}"), true).await;
        let plan = self.plan(&one(&counted.statements)).await;
        assert_eq!(plan.queries, guards + 1, "{plan:?}");
        asked.answer
    }
}

/// The steps of a statement, and how many inner queries it has.
#[derive(Debug, Default)]
struct Plan {
    steps: Vec<String>,
    queries: usize,
}

/// The steps that SQLite takes to answer a question.
fn steps(question: &Question) -> Vec<String> {
    let read = |read: &questions::Read| {
        let index = read.index.unwrap_or("sqlite_autoindex_notes_1");
        let (word, by) = match read.by {
            "" => ("SCAN", String::new()),
            by => ("SEARCH", format!(" ({by})")),
        };
        let covering = if read.covering { "COVERING " } else { "" };
        format!("{word} {} USING {covering}INDEX {index}{by}", read.table)
    };
    let mut steps: Vec<String> = question.reads.iter().map(read).collect();
    steps.extend(match question.sorted {
        Sorted::ByIndex => None,
        Sorted::ByIndexButTheKey => Some("USE TEMP B-TREE FOR LAST TERM OF ORDER BY".to_owned()),
        Sorted::InMemory => Some("USE TEMP B-TREE FOR ORDER BY".to_owned()),
    });
    steps
}

#[tokio::test]
async fn conditions_use_their_index() {
    let mut world = World::new().await;
    for question in CONDITIONS {
        let found = world.uses(question.query, question).await;
        assert!(!found.each("id").is_empty(), "{question:?} finds nothing");
    }
}

/// Several indexes lead to the members of an *or*, and none of them has the order: so there is a guard, which looks at no more than they lead to.
#[tokio::test]
async fn an_or_uses_an_index_for_each_member() {
    let mut world = World::new().await;
    let asked = world.ask("/notes?(status=draft|rank==60)", false).await;
    assert_eq!(asked.answer.each("id").len(), 10);
    let [sql] = asked.statements.as_slice() else {
        panic!("{:#?}", asked.statements);
    };
    let guard = sql.split_once("CASE WHEN (").unwrap().1;
    let guard = guard.split_once(") IS NULL THEN ? ELSE 0 END").unwrap().0;
    let guard = world.plan(guard).await;
    assert_eq!(guard.steps[0], "MULTI-INDEX OR");
    let plan = world.plan(sql).await;
    assert_eq!(plan.queries, 1);
    assert_eq!(
        plan.steps,
        [
            "MULTI-INDEX OR",
            "INDEX 1",
            "SEARCH notes USING INDEX larder:notes:status (status=?)",
            "INDEX 2",
            "SEARCH notes USING INDEX larder:notes:rank (rank=?)",
            "USE TEMP B-TREE FOR ORDER BY",
        ]
    );
    // No index finds what is asked of the notes or of their authors.
    let both = "/notes?(status=draft|author.name=name%203)";
    let refused = world.client.get(both).go().await.is(400).text();
    assert!(refused.contains("to test `author.name`"), "{refused}");
}

#[tokio::test]
async fn orders_walk_their_index() {
    let mut world = World::new().await;
    for question in ORDERS {
        world.uses(question.query, question).await;
    }
}

#[tokio::test]
async fn cursors_seek() {
    let mut world = World::new().await;
    for question in CURSORS {
        // The plan of a page deep inside is that of every page behind the first.
        let mut page = question.query.to_owned();
        for _ in 0..5 {
            let asked = world.ask(&format!("/notes?{page}"), false).await;
            page = next(&asked.answer);
        }
        world.uses(&page, question).await;
    }
}

/// Nulls stand at the other end of the index than what they come behind.
#[tokio::test]
async fn cursors_seek_where_nulls_come_last() {
    let mut world = World::new().await;
    let values = "SEARCH notes USING INDEX larder:notes:score (score<?)";
    let nulls = "SEARCH notes USING INDEX larder:notes:score (score=? AND id>?)";
    let (mut page, mut seen, mut halved) = ("sort(-score)".to_owned(), Vec::new(), 0);
    loop {
        let asked = world.ask(&format!("/notes?{page}"), false).await;
        let mut plans = Vec::new();
        for sql in &asked.statements {
            plans.push(world.plan(sql).await.steps);
        }
        let begun = seen.len();
        seen.extend(asked.answer.each("id"));
        let first = plans.first().and_then(|plan| plan.first()).unwrap();
        match (begun, asked.statements.len()) {
            (0, 1) => assert_eq!(first, "SCAN notes USING INDEX larder:notes:score"),
            (..140, 1) => assert_eq!(first, values),
            (160.., 1) => assert_eq!(first, nulls),
            // The last values came out short of a page, and it is read again in one transaction.
            _ => {
                halved += 1;
                assert_eq!(plans.len(), 3, "{:#?}", asked.statements);
                assert_eq!(plans[1][0], values);
                assert_eq!(
                    plans[2][0],
                    "SEARCH notes USING INDEX larder:notes:score (score=?)"
                );
            }
        }
        if asked.answer.header("link").is_empty() {
            break;
        }
        page = next(&asked.answer);
    }
    assert_eq!((seen.len(), halved), (NOTES, 2));
    let mut expected: Vec<(Option<usize>, String)> = (0..NOTES)
        .map(|at| {
            (
                (!at.is_multiple_of(4)).then_some(at / 2),
                format!("{at:03}"),
            )
        })
        .collect();
    expected.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let expected: Vec<serde_json::Value> = expected.into_iter().map(|(_, id)| id.into()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn one_record_and_one_value_take_one_statement() {
    let mut world = World::new().await;
    for (path, expected) in [
        (
            "/notes/007",
            "SEARCH notes USING INDEX sqlite_autoindex_notes_1 (id=?)",
        ),
        (
            "/notes?status=draft&count()",
            "SEARCH notes USING COVERING INDEX larder:notes:status (status=?)",
        ),
        (
            "/notes/_count?rank=ge=30",
            "SEARCH notes USING COVERING INDEX larder:notes:rank (rank>?)",
        ),
    ] {
        let asked = world.ask(path, true).await;
        let [sql] = asked.statements.as_slice() else {
            panic!("{path}: {:#?}", asked.statements);
        };
        assert_eq!(world.plan(sql).await.steps, [expected], "{path}\n{sql}");
    }
}

/// What looks at records one by one asks in the same statement whether there are too many of them. Only where nothing is found it has to
/// be asked why.
#[tokio::test]
async fn a_scan_is_guarded() {
    let mut world = World::new().await;
    for (query, order) in [
        ("mood=contains=gla", ""),
        ("mood=contains=gla", "&sort(rank)"),
    ] {
        let asked = world.ask(&format!("/notes?{query}{order}"), true).await;
        let [sql] = asked.statements.as_slice() else {
            panic!("{:#?}", asked.statements);
        };
        assert_eq!(world.plan(sql).await.queries, 2, "{sql}");
        let asked = world.ask(&format!("/notes?{query}x{order}"), true).await;
        let [_, guard] = asked.statements.as_slice() else {
            panic!("{:#?}", asked.statements);
        };
        assert!(
            guard.starts_with("SELECT 1 FROM ") && guard.ends_with(" LIMIT 1 OFFSET ?"),
            "{guard}"
        );
    }
}

/// A guard that refuses ends the statement before it reads anything else.
#[tokio::test]
async fn a_guard_ends_the_statement() {
    let world = World::new().await;
    let all = "SELECT id FROM notes WHERE instr(mood, 'nobody')";
    let guard = "CASE WHEN (SELECT 1 FROM notes LIMIT 1 OFFSET 3) IS NULL THEN 9 ELSE 0 END";
    let steps = async |sql: &str| {
        let explain = AssertSqlSafe(format!("EXPLAIN {sql}")).into_sql_str();
        let options = SqliteConnectOptions::new().filename(world.folder.path().join("plans.db"));
        let mut plain = options.read_only(true).connect().await.unwrap();
        let steps = sqlx::query(explain).fetch_all(&mut plain).await.unwrap();
        let name = |step: &sqlx::sqlite::SqliteRow| step.get::<String, _>("opcode");
        steps.iter().map(name).collect::<Vec<_>>()
    };
    let guarded = steps(&format!("{all} LIMIT {guard}")).await;
    // The limit is known, and tested, before the first row is looked for.
    let tested = guarded.iter().position(|step| step == "IfNot").unwrap();
    let walked = guarded.iter().rposition(|step| step == "Rewind").unwrap();
    assert!(tested < walked, "{guarded:?}");
}

/// The memory store counts what it looks at: from a place on, a page looks at little more than itself.
#[tokio::test]
async fn pages_in_memory_seek() {
    let app = App::builder()
        .models(models![Author, Note])
        .store("main", larder::MemoryStore::new())
        // A page of 10, one more to know whether there is a next one, and the notes between them: a third of those with a score is glad.
        .look_at(40);
    let client = Client::new(&app.build().await.unwrap());
    fill(&client).await;
    for order in ["", "sort(rank)", "sort(-rank)", "sort(-score)"] {
        let ask = async |query: &str| {
            let get = client.get(&format!("/notes?mood=contains=gla&{order}{query}"));
            get.header("prefer", "count=none").go().await
        };
        let first = ask("").await;
        assert_eq!(first.status, 200, "{order}: {}", first.text());
        let (mut page, mut seen) = (first, 0);
        loop {
            seen += page.each("id").len();
            if page.header("link").is_empty() {
                break;
            }
            let path = format!("/notes?{}", next(&page));
            let get = client.get(&path).header("prefer", "count=none");
            page = get.go().await.is(200);
        }
        assert_eq!(seen, NOTES / 2, "{order}");
        // To pass over as many takes looking at them.
        let skipped = ask("&skip=80").await.is(400);
        assert!(skipped.text().contains("look"), "{}", skipped.text());
    }
}
