//! MongoDB beyond the conformance suite: its plans, its addresses, collections that were there before, two at once.
//!
//! It needs a replica set at `TEST_MONGODB_URL`; where that is unset each test says so and does nothing.

#[path = "mongodb/changes.rs"]
mod changes;
#[path = "mongodb/commands.rs"]
mod commands;
#[path = "mongodb/existing.rs"]
mod existing;
#[path = "mongodb/nested.rs"]
mod nested;
#[path = "mongodb/opening.rs"]
mod opening;
#[path = "mongodb/secured.rs"]
mod secured;
#[path = "mongodb/seen.rs"]
mod seen;

use std::sync::Arc;

use larder_core::store::{Aggregate, Batch, Condition, Grouping, Kept, Outcome, Plan, Write};
use larder_core::{
    Column, ErrorKind, Index, Kind, Layout, Record, Row, Select, SortKey, Storage, Store, Version,
    Versions,
};
use larder_mongodb::MongoStore;
use larder_query::{Filter, Op, Value};
use larder_tests::{mongodb::Scratch, server};
use mongodb::Collection;
use mongodb::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use tokio::sync::Barrier;

const V1: Version = Version(1_700_000_000_000_000 << 8);

fn column(name: &str, kind: Kind, nullable: bool) -> Column {
    Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
    }
}

/// Posts: `slug` is unique, `n` is indexed.
fn posts() -> Layout {
    Layout {
        model: "Post".into(),
        collection: "posts".into(),
        fields: vec![
            column("id", Kind::Text, false),
            column("slug", Kind::Text, true),
            column("n", Kind::Int, false),
            column("title", Kind::Text, false),
        ],
        key: 0.into(),
        indexes: vec![
            Index {
                fields: vec![1],
                unique: true,
            },
            Index {
                fields: vec![2],
                unique: false,
            },
        ],
        storage: Storage::default(),
    }
}

fn post(id: &str, slug: Option<&str>, n: i64) -> Row {
    let slug = slug.map_or(Value::Null, Value::from);
    Arc::new(Record::new(vec![id.into(), slug, n.into(), "t".into()], V1))
}

struct Bench {
    scratch: Scratch,
    store: MongoStore,
    layout: Arc<Layout>,
}

impl Bench {
    /// A prepared store; none where there is no server.
    async fn new() -> Option<Self> {
        let bench = Self::unprepared(posts()).await?;
        bench.prepare().await.unwrap();
        Some(bench)
    }

    async fn unprepared(layout: Layout) -> Option<Self> {
        let scratch = Scratch::new(&server("TEST_MONGODB_URL")?);
        let store = MongoStore::open(scratch.url()).await.unwrap();
        Some(Self {
            scratch,
            store,
            layout: Arc::new(layout),
        })
    }

    async fn prepare(&self) -> larder_core::Result<()> {
        self.store.prepare(std::slice::from_ref(&self.layout)).await
    }

    async fn write(&self, writes: Vec<Write>) -> larder_core::Result<Vec<Outcome>> {
        let batch = Batch {
            layout: self.layout.clone(),
            writes,
            returning: false,
        };
        self.store.write(Plan::unsealed(&batch)).await
    }

    async fn read(&self, select: &Select) -> larder_core::Page {
        self.store.query(Plan::unsealed(select)).await.unwrap()
    }

    fn all(&self) -> Select {
        Select::all(self.layout.clone())
    }

    async fn documents(&self) -> Collection<Document> {
        self.scratch
            .database()
            .await
            .collection(&self.layout.collection)
    }

    async fn end(self) {
        drop(self.store);
        self.scratch.drop().await;
    }
}

/// The stages of the winning plan, from what a profiled command says of itself.
async fn summary(bench: &Bench, select: &Select) -> String {
    let db = bench.scratch.database().await;
    db.run_command(doc! { "profile": 2 }).await.unwrap();
    bench.read(select).await;
    db.run_command(doc! { "profile": 0 }).await.unwrap();
    let seen: Collection<Document> = db.collection("system.profile");
    let mine = doc! { "ns": format!("{}.posts", db.name()), "op": { "$in": ["query", "command"] } };
    let found = seen
        .find_one(mine)
        .sort(doc! { "ts": -1 })
        .await
        .unwrap()
        .unwrap();
    seen.drop().await.unwrap();
    found.get_str("planSummary").unwrap().to_owned()
}

#[tokio::test]
async fn indexed_reads_use_their_index() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let rows = (0..200_i64).map(|n| Write::Insert {
        record: post(&format!("p{n:03}"), Some(&format!("s{n}")), n % 20),
    });
    bench.write(rows.collect()).await.unwrap();
    let n = |op, value: i64| Filter::test(2, op, value);
    let by = |field, descending| vec![SortKey { field, descending }];
    for (what, select, index) in [
        (
            "equal",
            Select {
                filter: n(Op::Eq, 3),
                limit: Some(5),
                ..bench.all()
            },
            "n: 1, _id: 1",
        ),
        (
            "a range in its order",
            Select {
                filter: n(Op::Ge, 3),
                sort: by(2, false),
                limit: Some(5),
                ..bench.all()
            },
            "n: 1, _id: 1",
        ),
        (
            "the other way round, keys ascending",
            Select {
                sort: by(2, true),
                limit: Some(5),
                ..bench.all()
            },
            "n: -1, _id: 1",
        ),
        (
            "a unique value",
            Select {
                filter: Filter::test(1, Op::Eq, "s7"),
                ..bench.all()
            },
            "slug: 1",
        ),
        (
            "the beginning of a text",
            Select {
                filter: Filter::test(1, Op::StartsWith, "s7"),
                ..bench.all()
            },
            "slug: 1",
        ),
        (
            "counted",
            Select {
                filter: n(Op::Eq, 3),
                limit: Some(5),
                total: true,
                ..bench.all()
            },
            "n: 1, _id: 1",
        ),
        (
            "grouped",
            Select {
                filter: n(Op::Eq, 3),
                group: Some(Grouping {
                    by: vec![1],
                    results: vec![Aggregate::Count],
                }),
                ..bench.all()
            },
            "n: 1, _id: 1",
        ),
        (
            "by key",
            Select {
                limit: Some(5),
                ..bench.all()
            },
            "_id: 1",
        ),
    ] {
        let found = summary(&bench, &select).await;
        assert!(
            found.starts_with("IXSCAN") && found.contains(index),
            "{what}: {found}"
        );
    }
    bench.end().await;
}

#[tokio::test]
async fn a_wrong_address_says_what_to_do_and_no_password() {
    let nobody = "127.0.0.1:9";
    for (address, said) in [
        (
            format!("mongodb://ann:hunter2@{nobody}/db?replicaSet=rs"),
            "no primary server answers",
        ),
        ("mongodb://ann:hun/ter2@h/db".to_owned(), "can't be read"),
        ("mongodb://ann:hunter2@h".to_owned(), "names no database"),
        (
            "mongodb+srv://ann:hunter2@larder.invalid/db".to_owned(),
            "`mongodb+srv://ann:***@larder.invalid/db`",
        ),
        (
            "mongo://ann:hunter2@h/db".to_owned(),
            "no address of MongoDB",
        ),
        (
            "mongodb://ann:hunter2@h/db?w=many&tls=perhaps".to_owned(),
            "can't be read",
        ),
    ] {
        let error = MongoStore::open(&address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.message().contains(said), "{address}: {error}");
        let all = format!("{error} {error:?} {:?}", MongoStore::builder(&address));
        assert!(!all.contains("hunter2") && !all.contains("ter2"), "{all}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_at_once() {
    let Some(server) = server("TEST_MONGODB_URL") else {
        return;
    };
    let wrong = server.replacen("mongodb://", "mongodb://ann:hunter2@", 1);
    let error = MongoStore::open(&wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(
        error.message().contains("refuses this user or password"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn two_instances_start_at_once() {
    let Some(bench) = Bench::unprepared(posts()).await else {
        return;
    };
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(MongoStore::open(bench.scratch.url()).await.unwrap());
    }
    let barrier = Arc::new(Barrier::new(stores.len()));
    let starts = stores.into_iter().map(|store| {
        let (barrier, layout) = (barrier.clone(), bench.layout.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            store.prepare(&[layout]).await
        })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap().unwrap();
    }
    let left = bench.store.plan(std::slice::from_ref(&bench.layout)).await;
    assert_eq!(left.unwrap(), []);
    bench.end().await;
}

#[tokio::test]
async fn one_of_two_writers_wins() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .write(vec![Write::Insert {
            record: post("a", None, 0),
        }])
        .await
        .unwrap();
    let mut version = V1;
    let rounds = i64::try_from(larder_tests::rounds(200, 1_000)).unwrap();
    for round in 1..=rounds {
        let put = |n| {
            bench.write(vec![Write::Put {
                record: post("a", None, n),
                kept: Kept::default(),
                when: Condition::version(version),
                create: false,
            }])
        };
        let update = bench.write(vec![Write::Update {
            key: "a".into(),
            changes: vec![(2, (-round).into())],
            when: Condition::version(version),
        }]);
        let (one, other) = tokio::join!(put(round), update);
        let won = |outcomes: larder_core::Result<Vec<Outcome>>| match outcomes.unwrap().pop() {
            Some(Outcome::Updated(row)) => Some(row),
            Some(Outcome::Missed) => None,
            other => panic!("{other:?}"),
        };
        let winner = match (won(one), won(other)) {
            (Some(winner), None) | (None, Some(winner)) => winner,
            both => panic!("round {round}: {both:?}"),
        };
        let page = bench.read(&bench.all()).await;
        assert_eq!(*page.rows[0], *winner, "round {round}");
        version = winner.version;
        assert_eq!(version.0, V1.0 + round);
    }
    bench.end().await;
}

#[tokio::test]
async fn a_unique_index_that_cant_be_built_is_refused() {
    let Some(bench) = Bench::unprepared(posts()).await else {
        return;
    };
    let rows = ["a", "b"].map(|id| doc! { "_id": id, "slug": "same", "n": 1_i64, "title": "t" });
    bench.documents().await.insert_many(rows).await.unwrap();
    let error = bench.prepare().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(
        error.message().contains("documents share values of slug"),
        "{error}"
    );
    bench.end().await;
}

/// Documents of another program: other names and types of numbers, whole numbers as keys, no versions.
#[tokio::test]
async fn a_collection_that_was_there_before() {
    let mut layout = posts();
    layout.fields[0].kind = Kind::Int;
    layout.storage = Storage {
        columns: [(1, "short name".into())].into(),
        assigned_key: true,
        ..Storage::default()
    };
    let Some(mut bench) = Bench::unprepared(layout).await else {
        return;
    };
    let documents = bench.documents().await;
    let rows = vec![
        doc! { "_id": 7, "short name": "x", "n": 3, "title": "small numbers", "other": [1] },
        doc! { "_id": 9_i64, "short name": Bson::Null, "n": 4.0, "title": "a float" },
        doc! { "_id": 8_i64, "n": 5_i64, "title": "nothing" },
    ];
    documents.insert_many(rows).await.unwrap();
    bench.prepare().await.unwrap();
    bench.prepare().await.unwrap();
    assert_eq!(
        bench
            .store
            .plan(std::slice::from_ref(&bench.layout))
            .await
            .unwrap(),
        []
    );
    let page = bench.read(&bench.all()).await;
    let found: Vec<(Value, Value, i64)> = page
        .rows
        .iter()
        .map(|row| (row.get(0).clone(), row.get(2).clone(), row.version.0))
        .collect();
    assert_eq!(
        found,
        [
            (7.into(), 3.into(), 0),
            (8.into(), 5.into(), 0),
            (9.into(), 4.into(), 0)
        ]
    );
    let some = Select {
        filter: Filter::test(2, Op::Le, 4),
        ..bench.all()
    };
    assert_eq!(bench.read(&some).await.rows.len(), 2);
    // A key behind the largest, and what larder does not know of stays.
    let mut record = Record::clone(&post("", None, 6));
    record.values[0] = Value::Null;
    let made = bench
        .write(vec![Write::Insert {
            record: Arc::new(record),
        }])
        .await
        .unwrap();
    assert!(matches!(&made[0], Outcome::Created(row) if *row.get(0) == Value::from(10)));
    let set = Write::Update {
        key: 7.into(),
        changes: vec![(3, "new".into())],
        when: Condition::version(Version(0)),
    };
    assert!(matches!(
        bench.write(vec![set]).await.unwrap()[..],
        [Outcome::Updated(_)]
    ));
    let kept = documents
        .find_one(doc! { "_id": 7 })
        .await
        .unwrap()
        .unwrap();
    assert!(kept.contains_key("other"), "{kept}");
    // Without a version of its own.
    let layout = Arc::make_mut(&mut bench.layout);
    layout.storage.versions = Versions::Content(Arc::new([0, 2, 3]));
    bench.prepare().await.unwrap();
    let row = bench.read(&bench.all()).await.rows[0].clone();
    assert_eq!(row.version, Version::of_content(&row.values, &[0, 2, 3]));
    bench.end().await;
}

#[tokio::test]
async fn what_is_stored_otherwise_is_told() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let row =
        doc! { "_id": "a", "n": DateTime::now(), "title": ObjectId::new(), "_version": 1_i64 };
    bench.documents().await.insert_one(row).await.unwrap();
    let error = bench
        .store
        .query(Plan::unsealed(&bench.all()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    bench.end().await;
}

#[tokio::test]
async fn sixteen_megabytes_are_the_limit() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let large = |id: &str, bytes: usize| {
        let mut record = Record::clone(&post(id, None, 1));
        record.values[3] = "x".repeat(bytes).into();
        Arc::new(record)
    };
    let put = |record| Write::Put {
        record,
        kept: Kept::default(),
        when: Condition::default(),
        create: true,
    };
    let over = 17 << 20;
    for write in [
        Write::Insert {
            record: large("a", over),
        },
        put(large("a", over)),
        Write::Insert {
            record: large("a", (16 << 20) - 20),
        },
    ] {
        let error = bench.write(vec![write]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
    }
    bench.write(vec![put(large("a", 15 << 20))]).await.unwrap();
    let set = Write::Update {
        key: "a".into(),
        changes: vec![(1, "y".repeat(2 << 20).into())],
        when: Condition::default(),
    };
    let error = bench.write(vec![set]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
    assert_eq!(bench.read(&bench.all()).await.rows[0].version, V1);
    bench.end().await;
}
