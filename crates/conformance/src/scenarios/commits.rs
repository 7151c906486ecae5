//! What a store tells of its commits: after them, in their order, each as a whole, and never less than all in silence.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use larder_core::store::{
    Committed, Condition, Feed, FieldChange, Image, Plan, Position, Since, Watch, Write,
};
use larder_core::{ErrorKind, Key, Layout, Result, Row};
use larder_query::Value;

use super::{Scenario, rows};
use crate::bench::{Bench, delete, insert, missed, put, set, soon};
use crate::harness::Need;
use crate::things::{
    AT, BIG, CODE, DAY, DOC, F, ID, N, NAME, OK, RAW, TAG, Thing, UUID, json, layout, thing,
};

mod transactional;

use transactional::{
    a_rollback_tells_nothing, a_transaction_is_one, it_is_told_as_a_whole_of_two_models,
    nothing_before_the_commit, the_order_is_of_commits, whoever_is_dropped_midway,
};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[Need::Tells];
        every_write_is_told, a_miss_tells_nothing, one_after_the_other, writers_of_one_record, nothing_from_before,
        other_models_are_not_told, a_model_that_nobody_prepared, a_wait_that_is_dropped_loses_nothing, dropped_feeds,
        several_listeners, a_slow_listener, a_position_of_no_store,
    ];
    all.extend(rows![&[Need::Tells, Need::OldRows]; old_rows, every_kind_of_value]);
    all.extend(rows![&[Need::Tells, Need::Transactions];
        nothing_before_the_commit, a_rollback_tells_nothing, a_transaction_is_one, it_is_told_as_a_whole_of_two_models,
        the_order_is_of_commits, whoever_is_dropped_midway,
    ]);
    all.extend(rows![&[Need::Tells, Need::Resume]; going_on_after_a_position]);
    all.extend(
        rows![&[Need::Tells, Need::Resume, Need::Transactions]; going_on_after_each_position],
    );
    all.extend(rows![&[Need::Tells, Need::AllProcesses, Need::Reopen]; another_process]);
    all.extend(rows![&[Need::Tells, Need::Resume, Need::Reopen]; going_on_after_reopening]);
    all
}

/// What is told comes within this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// The model of things, whose changes are told.
fn told_layout() -> Layout {
    let mut told = layout();
    told.storage.changes = true;
    told
}

/// Prepares the model again, so that its changes are told.
async fn told(mut bench: Bench<'_>) -> Bench<'_> {
    bench.layout = Arc::new(told_layout());
    bench.prepare(&bench.layout).await.unwrap();
    bench
}

/// Someone who listens.
struct Ear(Box<dyn Feed>);

impl Ear {
    /// The next commit, which must come.
    async fn next(&mut self) -> Committed {
        self.result().await.unwrap()
    }

    async fn result(&mut self) -> Result<Committed> {
        tokio::time::timeout(PATIENCE, self.0.next())
            .await
            .unwrap_or_else(|_| panic!("nothing was told for {PATIENCE:?}"))
    }

    /// The next commit, shown as [`show`] does.
    async fn shown(&mut self) -> String {
        show(&self.next().await)
    }

    /// That nothing is told of what is there now. The one way to show it is to commit something more and to hear that first.
    async fn nothing_but(&mut self, bench: &Bench<'_>, id: &str) {
        bench.fill([thing(id)]).await;
        assert_eq!(self.shown().await, format!("+{id}"));
    }
}

async fn listen(bench: &Bench<'_>) -> Ear {
    Ear(since(bench, Since::Now).await.unwrap())
}

async fn since(bench: &Bench<'_>, since: Since) -> Result<Box<dyn Feed>> {
    let watch = Watch {
        layouts: vec![bench.layout.clone()],
        since,
    };
    bench.store.changes(Plan::unsealed_owned(watch)).await
}

/// A commit as text: `+a` for a record that is new, `=a` for one that was changed, `-a` for one that is gone, sorted.
fn show(committed: &Committed) -> String {
    let mut all: Vec<String> = committed
        .changes
        .iter()
        .map(|change| {
            let sign = match (&change.old, &change.new) {
                (Image::Absent, Image::Absent) => "?",
                (Image::Absent, _) => "+",
                (_, Image::Absent) => "-",
                _ => "=",
            };
            format!("{sign}{}", change.key)
        })
        .collect();
    all.sort();
    all.join(" ")
}

fn row(image: &Image) -> Row {
    image
        .row()
        .unwrap_or_else(|| panic!("expected a record, found {image:?}"))
        .clone()
}

async fn every_write_is_told(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    bench.fill([thing("a").with(N, 1)]).await;
    let committed = ear.next().await;
    assert_eq!(show(&committed), "+a");
    assert_eq!(committed.changes[0].of, 0);
    assert_eq!(committed.changes[0].key, Key::from("a"));
    bench.one(set("a", N, 2)).await.unwrap();
    let committed = ear.next().await;
    assert_eq!(show(&committed), "=a");
    if let Image::Row(row) = &committed.changes[0].new {
        assert_eq!(row.get(N), &Value::from(2));
    }
    bench.one(put(thing("a").with(N, 3))).await.unwrap();
    assert_eq!(ear.shown().await, "=a");
    bench.one(put(thing("b"))).await.unwrap();
    assert_eq!(ear.shown().await, "+b");
    let added = Write::Update {
        key: "a".into(),
        changes: vec![(N, FieldChange::Add(Value::from(4)))],
        when: Condition::default(),
    };
    bench.one(added).await.unwrap();
    assert_eq!(ear.shown().await, "=a");
    bench.one(delete("a", Condition::default())).await.unwrap();
    assert_eq!(ear.shown().await, "-a");
    bench.fill([thing("a"), thing("c"), thing("d")]).await;
    assert_eq!(ear.shown().await, "+a +c +d");
}

async fn a_miss_tells_nothing(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench.fill([thing("a").with(N, 1)]).await;
    let mut ear = listen(&bench).await;
    let batch = vec![
        insert(thing("b")),
        set("a", N, 2),
        delete("absent", Condition::default()),
    ];
    missed(&bench.write(batch).await);
    bench
        .write(vec![insert(thing("b")), insert(thing("a"))])
        .await
        .unwrap_err();
    missed(&bench.write(vec![set("absent", N, 1)]).await);
    ear.nothing_but(&bench, "z").await;
}

async fn one_after_the_other(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let ids: Vec<String> = (0..30).map(|n| format!("t{n:02}")).collect();
    for id in &ids {
        bench.fill([thing(id)]).await;
    }
    for id in &ids {
        assert_eq!(ear.shown().await, format!("+{id}"));
    }
}

async fn writers_of_one_record(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench.fill([thing("a").with(N, 0)]).await;
    let mut ear = listen(&bench).await;
    let writers = (0..4).map(|_| async {
        for _ in 0..10 {
            loop {
                let added = Write::Update {
                    key: "a".into(),
                    changes: vec![(N, FieldChange::Add(Value::from(1)))],
                    when: Condition::default(),
                };
                match bench.one(added).await {
                    Ok(_) => break,
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
                }
            }
        }
    });
    join_all(writers).await;
    let mut last = 0;
    while last < 40 {
        let committed = ear.next().await;
        let Image::Row(row) = &committed.changes[0].new else {
            // The store tells keys alone: then there is no order to look at, only that all are told.
            last += 1;
            continue;
        };
        let now = row.get(N).as_i64().unwrap();
        assert_eq!(now, last + 1, "out of order");
        last = now;
    }
}

async fn nothing_from_before(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench.fill([thing("a")]).await;
    bench.one(set("a", N, 1)).await.unwrap();
    let mut ear = listen(&bench).await;
    ear.nothing_but(&bench, "z").await;
}

/// Another model with the same fields.
fn other() -> Arc<Layout> {
    let mut other = told_layout();
    other.model = "Other".into();
    other.collection = "others".into();
    Arc::new(other)
}

async fn other_models_are_not_told(bench: Bench<'_>) {
    let bench = told(bench).await;
    let other = other();
    bench.prepare(&other).await.unwrap();
    let mut ear = listen(&bench).await;
    let watch = Watch {
        layouts: vec![other.clone(), bench.layout.clone()],
        since: Since::Now,
    };
    let both = bench.store.changes(Plan::unsealed(&watch)).await.unwrap();
    let mut both = Ear(both);
    bench.fill_other(&other, [thing("o").row()]).await;
    ear.nothing_but(&bench, "z").await;
    let committed = both.next().await;
    assert_eq!(
        (show(&committed).as_str(), committed.changes[0].of),
        ("+o", 0)
    );
    let committed = both.next().await;
    assert_eq!(
        (show(&committed).as_str(), committed.changes[0].of),
        ("+z", 1)
    );
}

async fn a_model_that_nobody_prepared(bench: Bench<'_>) {
    let refused = since(&bench, Since::Now).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused:?}");
}

async fn a_wait_that_is_dropped_loses_nothing(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    for n in 0..20 {
        let id = format!("t{n:02}");
        {
            let mut waiting = pin!(ear.0.next());
            for _ in 0..n {
                let polled = std::future::poll_fn(|cx| {
                    std::task::Poll::Ready(waiting.as_mut().poll(cx).is_ready())
                });
                assert!(!polled.await, "told before anything was committed");
                tokio::task::yield_now().await;
            }
        }
        bench.fill([thing(&id)]).await;
        assert_eq!(ear.shown().await, format!("+{id}"));
    }
}

async fn dropped_feeds(bench: Bench<'_>) {
    let bench = told(bench).await;
    for n in 0..12 {
        let mut ear = listen(&bench).await;
        if n % 3 == 1 {
            assert!(soon(ear.0.next()).await.is_none());
        }
        bench.fill([thing(&format!("t{n:02}"))]).await;
        if n % 3 == 2 {
            ear.next().await;
        }
    }
    drop(since(&bench, Since::Now));
    let mut ear = listen(&bench).await;
    ear.nothing_but(&bench, "z").await;
}

async fn several_listeners(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ears = Vec::new();
    for _ in 0..5 {
        ears.push(listen(&bench).await);
    }
    bench.fill([thing("a")]).await;
    drop(ears.pop());
    bench.one(set("a", N, 1)).await.unwrap();
    for ear in &mut ears {
        assert_eq!(ear.shown().await, "+a");
        assert_eq!(ear.shown().await, "=a");
    }
}

/// It may be told that it lost, or all of it; the writers never wait for it, and later listeners hear what comes later.
async fn a_slow_listener(bench: Bench<'_>) {
    const EACH: usize = 525;
    let bench = told(bench).await;
    let mut slow = listen(&bench).await;
    for batch in 0..20 {
        let things = (0..EACH).map(|n| thing(&format!("t{batch:02}-{n:03}")));
        bench.fill(things).await;
    }
    let mut later = listen(&bench).await;
    let mut heard = 0;
    while heard < 20 * EACH {
        match slow.result().await {
            Ok(committed) => heard += committed.changes.len(),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Lost, "{error:?}");
                let again = slow.result().await.map(|committed| show(&committed));
                assert_eq!(
                    again.unwrap_err().kind(),
                    ErrorKind::Lost,
                    "once lost, for ever"
                );
                break;
            }
        }
    }
    later.nothing_but(&bench, "z").await;
}

async fn a_position_of_no_store(bench: Bench<'_>) {
    let bench = told(bench).await;
    bench.fill([thing("a")]).await;
    for bytes in [&b""[..], b"12", &[0; 24], &[255; 64]] {
        // A store that can't tell where a position leads may say so at the first wait.
        let error = match since(&bench, Since::After(Position::new(bytes))).await {
            Ok(feed) => Ear(feed).result().await.map(|committed| show(&committed)),
            Err(error) => Err(error),
        };
        let error = error.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Lost | ErrorKind::Unsupported),
            "{error:?}"
        );
    }
}

async fn old_rows(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    bench.fill([thing("a").with(N, 1).with(TAG, "x")]).await;
    let first = bench.get("a").await.unwrap();
    bench.one(set("a", N, 2)).await.unwrap();
    let second = bench.get("a").await.unwrap();
    bench.one(put(thing("a").with(N, 3))).await.unwrap();
    let third = bench.get("a").await.unwrap();
    bench.one(delete("a", Condition::default())).await.unwrap();
    let images = [
        Image::Absent,
        Image::Row(first),
        Image::Row(second),
        Image::Row(third),
        Image::Absent,
    ];
    for pair in images.windows(2) {
        let change = ear.next().await.changes.remove(0);
        assert_eq!((&change.old, &change.new), (&pair[0], &pair[1]));
    }
}

fn everything(id: &str) -> Thing {
    thing(id)
        .with(NAME, "Grüße, \"quoted\" \\ and\nlines\t\u{1F980}")
        .with(N, i64::MIN)
        .with(BIG, u64::MAX)
        .with(F, 0.1_f64 + 0.2)
        .with(OK, true)
        .with(AT, "2024-02-29T23:59:59.123456Z".parse::<jiff::Timestamp>().unwrap())
        .with(DAY, "0999-12-31".parse::<jiff::civil::Date>().unwrap())
        .with(RAW, Value::bytes([0, 1, 0xff, b'\\', b'x']))
        .with(UUID, uuid::Uuid::from_u128(7))
        .with(
            DOC,
            json(r#"{"b": [1, 2.5, null, "\u0022ü"], "a": {"deep": {"er": true}}, "big": 18446744073709551615}"#),
        )
        .with(TAG, "")
        .with(CODE, id)
}

async fn every_kind_of_value(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let small = thing("small")
        .with(F, -1.5e-300)
        .with(OK, false)
        .with(N, 0)
        .with(BIG, 0_u64)
        .with(RAW, Value::bytes([0; 0]))
        .with(DOC, json(r#""text""#))
        .with(NAME, "null");
    for thing in [everything("all"), small, thing("none")] {
        let id = Key::from(thing.clone().row().get(ID).clone()).to_string();
        bench.fill([thing]).await;
        let stored = bench.get(&id).await.unwrap();
        let change = ear.next().await.changes.remove(0);
        assert_eq!(
            row(&change.new),
            stored,
            "new: {:?}",
            row(&change.new).values
        );
        bench.one(delete(&id, Condition::default())).await.unwrap();
        let change = ear.next().await.changes.remove(0);
        assert_eq!(
            row(&change.old),
            stored,
            "old: {:?}",
            row(&change.old).values
        );
    }
}

async fn going_on_after_a_position(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    bench.fill([thing("a")]).await;
    let position = ear.next().await.position;
    bench.fill([thing("b")]).await;
    assert_eq!(ear.shown().await, "+b");
    drop(ear);
    bench.fill([thing("c")]).await;
    let position = Position::new(position.as_bytes());
    let mut ear = Ear(since(&bench, Since::After(position)).await.unwrap());
    for id in ["b", "c"] {
        assert_eq!(ear.shown().await, format!("+{id}"));
    }
    ear.nothing_but(&bench, "z").await;
}

/// Whatever a listener was told last before it went, it hears the rest, wherever in what was read at once that lay.
async fn going_on_after_each_position(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    let mut open = bench.begin().await.unwrap();
    open.one(insert(thing("open"))).await.unwrap();
    let ids = ["a", "b", "c"];
    for id in ids {
        // Where there is one writer at a time, it waits for the transaction.
        if soon(bench.fill([thing(id)])).await.is_none() {
            break;
        }
    }
    open.commit().await.unwrap();
    bench.fill([thing("last")]).await;
    let mut told = Vec::new();
    while told.last().is_none_or(|(shown, _)| shown != "+last") {
        let committed = ear.next().await;
        told.push((show(&committed), committed.position));
    }
    for (at, (_, position)) in told.iter().enumerate() {
        let feed = since(&bench, Since::After(position.clone())).await.unwrap();
        let mut again = Ear(feed);
        for (shown, _) in &told[at + 1..] {
            assert_eq!(&again.shown().await, shown, "after {:?}", told[at].0);
        }
    }
}

async fn another_process(bench: Bench<'_>) {
    let bench = told(bench).await;
    let beside = bench.beside().await;
    let mut ear = listen(&bench).await;
    beside.fill([thing("a").with(N, 1)]).await;
    assert_eq!(ear.shown().await, "+a");
    let mut theirs = listen(&beside).await;
    bench.one(set("a", N, 2)).await.unwrap();
    assert_eq!(theirs.shown().await, "=a");
    assert_eq!(ear.shown().await, "=a");
}

/// Where positions outlive the process, and else an error.
async fn going_on_after_reopening(bench: Bench<'_>) {
    let bench = told(bench).await;
    let mut ear = listen(&bench).await;
    bench.fill([thing("a")]).await;
    let position = ear.next().await.position;
    bench.fill([thing("b")]).await;
    drop(ear);
    let bench = bench.reopen(told_layout()).await;
    match since(&bench, Since::After(position)).await {
        Ok(feed) => assert_eq!(Ear(feed).shown().await, "+b"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Lost, "{error:?}"),
    }
}
