//! What is committed, as the log of changes tells it: who writes to it, how far it goes back, and what it costs where nobody asked.

use std::sync::Arc;
use std::time::Duration;

use larder_core::store::{Committed, Feed, Since, Watch, Write};
use larder_core::{Column, ErrorKind, Kind, Layout, Plan, Position, Result, Store};
use larder_query::Value;
use larder_sql::PostgresStore;
use larder_tests::Logs;
use sqlx::{AssertSqlSafe, Executor};

use crate::statements::statements;
use crate::support::{Place, column, get, insert, place, post, posts, record, update, write};

/// `posts`, whose changes are told.
fn told() -> Arc<Layout> {
    let mut layout = Layout::clone(&posts());
    layout.storage.changes = true;
    Arc::new(layout)
}

async fn listen(
    store: &PostgresStore,
    layout: &Arc<Layout>,
    since: Since,
) -> Result<Box<dyn Feed>> {
    let watch = Watch {
        layouts: vec![Arc::clone(layout)],
        since,
    };
    store.changes(Plan::unsealed_owned(watch)).await
}

async fn now(store: &PostgresStore) -> Box<dyn Feed> {
    listen(store, &told(), Since::Now).await.unwrap()
}

async fn next(feed: &mut dyn Feed) -> Result<Committed> {
    tokio::time::timeout(Duration::from_secs(20), feed.next())
        .await
        .expect("a change that is told")
}

async fn keys(feed: &mut dyn Feed) -> String {
    let committed = next(feed).await.unwrap();
    let keys = committed.changes.iter();
    keys.map(|change| change.key.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

async fn add(store: &PostgresStore, id: &str) {
    let title = format!("title of {id}");
    let added = vec![insert(post(id, &title, 1))];
    write(store, &told(), added).await.unwrap();
}

async fn kind_of_next(feed: &mut dyn Feed) -> ErrorKind {
    next(feed)
        .await
        .map(|committed| committed.changes.len())
        .unwrap_err()
        .kind()
}

#[tokio::test]
async fn where_nobody_asks_there_is_nothing() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let made = "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = n.oid AND relname LIKE 'larder_changes%') || ' ' || \
                       (SELECT count(*) FROM pg_proc WHERE pronamespace = n.oid) || ' ' || \
                       (SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = n.oid) \
                FROM pg_namespace n WHERE nspname = current_schema()";
    assert_eq!(place.texts(made).await, ["0 0 0"]);
    let refused = listen(&place.store, &posts(), Since::Now).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);

    // And where somebody does, a write is the statement that it was.
    let said = async |layout: &Arc<Layout>| {
        let logs = Logs::default();
        let _default = tracing::subscriber::set_default(logs.clone());
        let store = &*place.store;
        write(store, layout, vec![insert(post("a", "A", 1))])
            .await
            .unwrap();
        write(
            store,
            layout,
            vec![update("a", 2, 2, larder_core::store::Condition::default())],
        )
        .await
        .unwrap();
        let gone = Write::Delete {
            key: "a".into(),
            when: larder_core::store::Condition::default(),
        };
        write(store, layout, vec![gone]).await.unwrap();
        statements(&logs, 0)
    };
    let quiet = said(&posts()).await;
    place.store.prepare(&[told()]).await.unwrap();
    assert_eq!(place.texts(made).await, ["4 1 2"]);
    assert_eq!(said(&told()).await, quiet);
    assert_eq!(quiet.len(), 3);
    let plan = place.store.plan(&[told()]).await.unwrap();
    assert_eq!(plan, [], "all is there");
    place.end().await;
}

/// Other programs write too, also those that may not see the log.
#[tokio::test]
async fn whoever_writes_is_heard() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut feed = now(&place.store).await;
    place
        .execute("INSERT INTO posts (id, _version) VALUES ('theirs', 0)")
        .await;
    assert_eq!(keys(&mut *feed).await, "theirs");
    let mut conn = place.schema.raw().await;
    let schema: (String,) = sqlx::query_as("SELECT current_schema()::text")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let role = format!("{}_writer", schema.0);
    let run = |sql: String| sqlx::raw_sql(AssertSqlSafe(sql.replace("{}", &role)));
    let before = "DROP ROLE IF EXISTS {}; CREATE ROLE {}; GRANT INSERT ON posts TO {}".to_owned()
        + &format!("; GRANT USAGE ON SCHEMA {} TO {{}}", schema.0);
    conn.execute(run(before)).await.unwrap();
    let may_not = conn
        .execute(run("SET ROLE {}; SELECT * FROM larder_changes".to_owned()))
        .await;
    assert!(
        may_not
            .unwrap_err()
            .to_string()
            .contains("permission denied")
    );
    let other = "SET ROLE {}; SET search_path = ''; INSERT INTO ".to_owned()
        + &schema.0
        + ".posts (id, _version) VALUES ('of a stranger', 0)";
    conn.execute(run(other)).await.unwrap();
    assert_eq!(keys(&mut *feed).await, "of a stranger");
    let after = "RESET ROLE; DROP OWNED BY {}; DROP ROLE {}".to_owned();
    conn.execute(run(after)).await.unwrap();

    place.execute("TRUNCATE posts").await;
    assert_eq!(kind_of_next(&mut *feed).await, ErrorKind::Lost);
    let mut feed = now(&place.store).await;
    add(&place.store, "a").await;
    assert_eq!(keys(&mut *feed).await, "a");
    drop(feed);
    place.end().await;
}

/// Who holds a transaction open, whatever it writes, holds up nobody who listens; and is told when it ends, however late.
#[tokio::test]
async fn an_open_transaction_is_no_hindrance() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut feed = now(&place.store).await;
    let mut open = place.schema.raw().await;
    let begun = "BEGIN; INSERT INTO posts (id, _version) VALUES ('late', 0)";
    open.execute(begun).await.unwrap();
    let mut told = Vec::new();
    for id in ["a", "b"] {
        add(&place.store, id).await;
        let committed = next(&mut *feed).await.unwrap();
        assert_eq!(committed.changes[0].key.to_string(), id);
        told.push(committed.position);
    }
    open.execute("SET CONSTRAINTS ALL IMMEDIATE").await.unwrap();
    add(&place.store, "c").await;
    assert_eq!(keys(&mut *feed).await, "c");
    open.execute("COMMIT").await.unwrap();
    assert_eq!(keys(&mut *feed).await, "late");
    // From each place the rest is told, and nothing is missed.
    for (position, rest) in told
        .into_iter()
        .zip([vec!["b", "c", "late"], vec!["c", "late"]])
    {
        let since = Since::After(position);
        let mut again = listen(&place.store, &self::told(), since).await.unwrap();
        let mut heard = Vec::new();
        for _ in &rest {
            heard.push(keys(&mut *again).await);
        }
        heard.sort();
        assert_eq!(heard, rest);
    }
    drop(feed);
    place.end().await;
}

/// Trims the log until so much is left: while somebody on the server has an older transaction open, it stays.
async fn until_left(place: &Place, store: &PostgresStore, count: &str) {
    let left = "SELECT count(*)::text FROM larder_changes WHERE no > 0";
    let reached = async {
        loop {
            store.trim_changes().await.unwrap();
            if place.texts(left).await == [count] {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reached)
        .await
        .unwrap_or_else(|_| panic!("{count} rows of the log"));
}

#[tokio::test]
async fn the_log_is_kept_within_its_bounds() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let store = PostgresStore::builder(&place.schema.url())
        .changes_kept(2, Duration::from_secs(3600))
        .open()
        .await
        .unwrap();
    store.prepare(&[told()]).await.unwrap();
    let mut feed = now(&store).await;
    let mut positions = Vec::new();
    for id in ["a", "b", "c", "d", "e"] {
        add(&store, id).await;
        positions.push(next(&mut *feed).await.unwrap().position);
    }
    until_left(&place, &store, "2").await;
    let since =
        async |position: &Position| listen(&store, &told(), Since::After(position.clone())).await;
    for old in &positions[..2] {
        assert_eq!(since(old).await.unwrap_err().kind(), ErrorKind::Lost);
    }
    let mut kept = since(&positions[2]).await.unwrap();
    assert_eq!(keys(&mut *kept).await, "d");
    // Who has heard all loses nothing.
    add(&store, "f").await;
    assert_eq!(keys(&mut *feed).await, "f");

    let brief = PostgresStore::builder(&place.schema.url())
        .changes_kept(1_000, Duration::ZERO)
        .open()
        .await
        .unwrap();
    until_left(&place, &brief, "0").await;
    let lost = since(&positions[3]).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Lost);
    drop((feed, kept, store, brief));
    place.end().await;
}

#[tokio::test]
async fn more_at_once_than_is_told() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut feed = now(&place.store).await;
    let many =
        "INSERT INTO posts (id, _version) SELECT 'p' || n, 0 FROM generate_series(1, 10001) n";
    place.execute(many).await;
    assert_eq!(kind_of_next(&mut *feed).await, ErrorKind::Lost);
    // In smaller ones it is told, more than are read at once too.
    let mut feed = now(&place.store).await;
    for part in 0..4 {
        let sql = format!(
            "INSERT INTO posts (id, _version) SELECT 'q{part}-' || n, 0 FROM generate_series(1, 4000) n"
        );
        place.execute(&sql).await;
    }
    let mut last = None;
    for part in 0..4 {
        let committed = next(&mut *feed).await.unwrap();
        assert_eq!(committed.changes.len(), 4_000);
        assert!(
            committed.changes[0]
                .key
                .to_string()
                .starts_with(&format!("q{part}"))
        );
        if part == 1 {
            last = Some(committed.position);
        }
    }
    let since = Since::After(last.unwrap());
    let mut again = listen(&place.store, &told(), since).await.unwrap();
    let committed = next(&mut *again).await.unwrap();
    assert!(committed.changes[0].key.to_string().starts_with("q2"));
    drop((feed, again));
    place.end().await;
}

/// Large records are read in fewer at once, and one transaction may be too large with few of them.
#[tokio::test]
async fn more_bytes_at_once_than_are_told() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    // Then the size of a row is that of its text.
    let plain = "ALTER TABLE larder_changes ALTER COLUMN old SET STORAGE EXTERNAL, ALTER COLUMN new SET STORAGE EXTERNAL";
    place.execute(plain).await;
    let add = async |name: &str, count: usize| {
        let sql = format!(
            "INSERT INTO posts (id, doc, _version) SELECT '{name}' || n, to_jsonb(repeat('x', 1024 * 1024)), 0 FROM generate_series(1, {count}) n"
        );
        place.execute(&sql).await;
    };
    let mut feed = now(&place.store).await;
    for name in ["a", "b", "c"] {
        add(name, 25).await;
    }
    for name in ["a", "b", "c"] {
        let committed = next(&mut *feed).await.unwrap();
        assert_eq!(committed.changes.len(), 25);
        assert!(committed.changes[0].key.to_string().starts_with(name));
    }
    add("d", 65).await;
    assert_eq!(kind_of_next(&mut *feed).await, ErrorKind::Lost);
    drop(feed);
    place.end().await;
}

/// Who goes to do something else in the middle of a look keeps no connection from others.
#[tokio::test]
async fn a_wait_that_is_dropped_keeps_no_connection() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let store = PostgresStore::builder(&place.schema.url())
        .connections(1)
        .acquire_timeout(Duration::from_secs(2))
        .open()
        .await
        .unwrap();
    store.prepare(&[told()]).await.unwrap();
    for turns in 0..20 {
        let mut feed = now(&store).await;
        {
            let mut waiting = std::pin::pin!(feed.next());
            for _ in 0..turns {
                let ready = std::future::poll_fn(|cx| {
                    std::task::Poll::Ready(waiting.as_mut().poll(cx).is_ready())
                });
                assert!(!ready.await, "told before anything was committed");
                tokio::task::yield_now().await;
            }
        }
        let id = format!("p{turns:02}");
        add(&store, &id).await;
        assert_eq!(keys(&mut *feed).await, id);
    }
    // Nor one that has gone.
    let mut feed = now(&store).await;
    assert!(futures_util::FutureExt::now_or_never(feed.next()).is_none());
    tokio::task::yield_now().await;
    drop(feed);
    add(&store, "q").await;
    drop(store);
    place.end().await;
}

/// What was logged before somebody changed a column by hand does not fit the table, and never will.
#[tokio::test]
async fn a_column_gets_another_type_by_hand() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    // The server can't read the text as a number.
    let altered = "ALTER TABLE posts ALTER COLUMN title TYPE integer USING ascii(id)";
    let mut feed = now(&place.store).await;
    add(&place.store, "a").await;
    assert_eq!(keys(&mut *feed).await, "a");
    add(&place.store, "b").await;
    place.execute(altered).await;
    for _ in 0..2 {
        assert_eq!(kind_of_next(&mut *feed).await, ErrorKind::Lost, "{altered}");
    }
    place.end().await;
}

/// What is too old to be kept is so by its commit: the transaction may have begun long before.
#[tokio::test]
async fn the_log_has_the_time_of_the_commit() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut conn = place.schema.raw().await;
    conn.execute("BEGIN; INSERT INTO posts (id, _version) VALUES ('a', 0)")
        .await
        .unwrap();
    let late = "SELECT clock_timestamp()::text";
    let (late,): (String,) = sqlx::query_as(late).fetch_one(&mut conn).await.unwrap();
    conn.execute("COMMIT").await.unwrap();
    let sql = format!("SELECT (at > '{late}')::text FROM larder_changes WHERE no > 0");
    assert_eq!(place.texts(&sql).await, ["true"]);
    place.end().await;
}

/// Nobody is told rows in the shape that a table no longer has.
#[tokio::test]
async fn a_table_gets_another_column() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut feed = now(&place.store).await;
    add(&place.store, "a").await;
    let position = next(&mut *feed).await.unwrap().position;
    let mut wider = Layout::clone(&told());
    wider.fields.push(Column {
        default: Some(Value::from("none")),
        ..column("subtitle", Kind::Text, true)
    });
    let wider = Arc::new(wider);
    let other = PostgresStore::open(&place.schema.url()).await.unwrap();
    // The same as it was changes nothing.
    other.prepare(&[told()]).await.unwrap();
    add(&place.store, "b").await;
    assert_eq!(keys(&mut *feed).await, "b");
    other.prepare(std::slice::from_ref(&wider)).await.unwrap();
    assert_eq!(kind_of_next(&mut *feed).await, ErrorKind::Lost);
    let lost = listen(&other, &wider, Since::After(position)).await;
    assert_eq!(lost.unwrap_err().kind(), ErrorKind::Lost);
    let mut feed = listen(&other, &wider, Since::Now).await.unwrap();
    let row = record([
        "c".into(),
        Value::Null,
        Value::Null,
        Value::Null,
        "new".into(),
    ]);
    write(&other, &wider, vec![insert(row.clone())])
        .await
        .unwrap();
    let committed = next(&mut *feed).await.unwrap();
    assert_eq!(committed.changes[0].new.row(), Some(&row));
    assert_eq!(get(&other, &wider, "c").await.unwrap(), Some(row));
    drop((feed, other));
    place.end().await;
}

/// The names of connections of a store that listen.
async fn listening(place: &Place, name: &str) -> usize {
    let sql = format!(
        "SELECT pid::text FROM pg_stat_activity WHERE application_name = '{name}' AND query ILIKE 'LISTEN%'"
    );
    place.texts(&sql).await.len()
}

/// Waits until so many connections listen.
async fn until_listening(place: &Place, name: &str, count: usize) {
    let reached = async {
        while listening(place, name).await != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached)
        .await
        .unwrap_or_else(|_| panic!("{count} connections that listen"));
}

#[tokio::test]
async fn the_connection_that_listens() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let name = "larder_ear";
    let url = format!("{}&application_name={name}", place.schema.url());
    let store = PostgresStore::open(&url).await.unwrap();
    store.prepare(&[told()]).await.unwrap();
    assert_eq!(listening(&place, name).await, 0, "nobody has asked");
    let mut feeds = vec![now(&store).await, now(&store).await];
    until_listening(&place, name, 1).await;
    // Cut, it is opened again, and nothing is missed meanwhile.
    place
        .texts(&format!(
            "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = '{name}'"
        ))
        .await;
    add(&place.store, "a").await;
    for feed in &mut feeds {
        assert_eq!(keys(&mut **feed).await, "a");
    }
    until_listening(&place, name, 1).await;
    drop(feeds.pop());
    assert_eq!(listening(&place, name).await, 1);
    drop(feeds);
    until_listening(&place, name, 0).await;
    drop(store);
    place.end().await;
}

#[tokio::test]
async fn a_view_is_no_table() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    place
        .execute("CREATE VIEW seen AS SELECT * FROM posts")
        .await;
    // Its triggers would tell of the parts, which are no models.
    place
        .execute("CREATE TABLE parts (LIKE posts) PARTITION BY RANGE (id)")
        .await;
    for table in ["seen", "parts"] {
        let mut seen = Layout::clone(&told());
        seen.collection = table.to_owned();
        seen.indexes.clear();
        let refused = place.store.prepare(&[Arc::new(seen)]).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Setup);
        assert!(
            refused.message().contains("of such no changes can be told"),
            "{refused}"
        );
    }
    place.end().await;
}

/// A table takes its triggers along, and what the log has of it stands under its old name.
#[tokio::test]
async fn a_renamed_table_goes_on() {
    let Some(place) = place(&[told()]).await else {
        return;
    };
    let mut feed = listen(&place.store, &told(), Since::Now).await.unwrap();
    add(&place.store, "a").await;
    let before = next(&mut *feed).await.unwrap().position;
    drop(feed);
    let mut renamed = Layout::clone(&told());
    renamed.storage.was = Some("posts".to_owned());
    renamed.collection = "letters".to_owned();
    let renamed = Arc::new(renamed);
    for _ in 0..2 {
        place.store.prepare(&[Arc::clone(&renamed)]).await.unwrap();
    }
    let gone_on = async {
        let mut feed = listen(&place.store, &renamed, Since::After(before)).await?;
        next(&mut *feed).await
    };
    assert_eq!(gone_on.await.unwrap_err().kind(), ErrorKind::Lost);
    let mut feed = listen(&place.store, &renamed, Since::Now).await.unwrap();
    let row = vec![insert(post("b", "B", 1))];
    write(&*place.store, &renamed, row).await.unwrap();
    assert_eq!(keys(&mut *feed).await, "b");
    place.end().await;
}
