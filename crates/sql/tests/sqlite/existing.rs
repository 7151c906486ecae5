//! Tables that somebody else made, and what a plan says of them.

use std::sync::Arc;

use larder_core::migrate::{Change, Effect};
use larder_core::store::{Condition, Outcome, Write};
use larder_core::{ErrorKind, Index, Key, Kind, Layout, Store, Version, Versions};
use larder_query::Value;
use larder_sql::SqliteStore;

use crate::support::{
    Place, batch, column, get, insert, layout, place, post, posts, put, record, url, write,
};
use larder_core::Plan;

fn with(base: &Arc<Layout>, change: impl FnOnce(&mut Layout)) -> Arc<Layout> {
    let mut layout = Layout::clone(base);
    change(&mut layout);
    Arc::new(layout)
}

async fn existing(sql: &str) -> Place {
    let place = place(&[]).await;
    place.execute(sql).await;
    place
}

async fn plan(place: &Place, layout: &Arc<Layout>) -> Vec<Change> {
    place
        .store
        .plan(std::slice::from_ref(layout))
        .await
        .unwrap()
}

async fn prepare(place: &Place, layout: &Arc<Layout>) -> larder_core::Result<()> {
    place.store.prepare(std::slice::from_ref(layout)).await
}

/// A table as a Rails app makes it.
const RAILS: &str = "CREATE TABLE articles (
    article_id INTEGER PRIMARY KEY, headline VARCHAR(200) NOT NULL, likes BIGINT, live BOOLEAN, rating DECIMAL(3,1),
    lock_version INTEGER DEFAULT 0, created_at DATETIME, kind TEXT NOT NULL DEFAULT 'news');
    CREATE UNIQUE INDEX one_headline ON articles (headline);
    CREATE INDEX by_likes ON articles (likes, kind);
    INSERT INTO articles (article_id, headline, likes, live, rating) VALUES (7, 'Seven', 1, 1, 4.5), (8, 'Eight', NULL, 0, 4);
    UPDATE articles SET lock_version = NULL WHERE article_id = 8";

fn articles() -> Arc<Layout> {
    let fields = vec![
        column("id", Kind::Int, false),
        column("title", Kind::Text, false),
        column("likes", Kind::Int, true),
        column("live", Kind::Bool, true),
        column("rating", Kind::Float, true),
    ];
    let index = |field, unique| Index {
        fields: vec![field],
        unique,
    };
    let base = layout("articles", fields, vec![index(1, true), index(2, false)]);
    with(&base, |layout| {
        layout.storage.columns = [(0, "article_id".into()), (1, "headline".into())].into();
        layout.storage.versions = Versions::Column("lock_version".into());
        layout.storage.assigned_key = true;
    })
}

#[tokio::test]
async fn a_table_of_another_app_is_served_as_it_is() {
    let place = existing(RAILS).await;
    let articles = articles();
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";
    let before = place.texts(schema).await;
    assert_eq!(plan(&place, &articles).await, []);
    prepare(&place, &articles).await.unwrap();
    assert_eq!(place.texts(schema).await, before, "its indexes serve too");
    let store = &place.store;
    let seven = get(store, &articles, 7).await.unwrap();
    let expected: Vec<Value> = vec![7.into(), "Seven".into(), 1.into(), true.into(), 4.5.into()];
    assert_eq!((seven.version, &seven.values), (Version(0), &expected));
    assert_eq!(
        get(store, &articles, 8).await.unwrap().version,
        Version(0),
        "null counts as 0"
    );
    let made = record([
        Value::Null,
        "New".into(),
        Value::Null,
        Value::Null,
        1.into(),
    ]);
    let [Outcome::Created(made)] = &write(store, &articles, vec![insert(&made)]).await.unwrap()[..]
    else {
        panic!("the table gives ids");
    };
    assert_eq!(made.get(0), &Value::from(9));
    for key in [7, 8] {
        let update = |version| Write::Update {
            key: Key::from(key),
            changes: vec![(2, 5.into())],
            when: Condition::version(Version(version)),
        };
        let outcomes = write(store, &articles, vec![update(0)]).await.unwrap();
        assert!(matches!(&outcomes[..], [Outcome::Updated(row)] if row.version == Version(1)));
        let outcomes = write(store, &articles, vec![update(0)]).await.unwrap();
        assert!(matches!(outcomes[..], [Outcome::Missed]));
    }
    let seven = record([7.into(), "7".into(), Value::Null, Value::Null, Value::Null]);
    write(
        store,
        &articles,
        vec![put(&seven, &[2], Condition::default())],
    )
    .await
    .unwrap();
    let rows = place
        .texts(
            "SELECT headline || likes || lock_version || kind FROM articles WHERE article_id = 7",
        )
        .await;
    assert_eq!(rows, ["752news"], "kept, counted, left alone");
    let taken = record([
        Value::Null,
        "7".into(),
        Value::Null,
        Value::Null,
        Value::Null,
    ]);
    let error = write(store, &articles, vec![insert(&taken)])
        .await
        .unwrap_err();
    assert_eq!(
        error.fields()[0].field,
        "title",
        "a field's name, not a column's"
    );
}

#[tokio::test]
async fn values_that_sqlite_would_convert_in_silence_are_told() {
    let place = existing(RAILS).await;
    let articles = articles();
    prepare(&place, &articles).await.unwrap();
    for (column, value, usual) in [
        ("likes", "'many'", "1"),
        ("likes", "1.5", "1"),
        ("live", "2", "1"),
        ("rating", "'x'", "1"),
        ("headline", "x'00'", "'h'"),
    ] {
        let set = async |value: &str| {
            let sql = format!("UPDATE articles SET {column} = {value} WHERE article_id = 7");
            place.execute(&sql).await;
        };
        set(value).await;
        let select =
            larder_core::Select::one(articles.clone(), 7.into(), larder_query::Filter::True);
        let error = place
            .store
            .query(Plan::unsealed(&select))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal, "{column} {value}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(column), "{source}");
        set(usual).await;
        assert!(get(&place.store, &articles, 7).await.is_some());
    }
}

#[tokio::test]
async fn a_table_without_versions() {
    let place =
        existing("CREATE TABLE posts (id TEXT PRIMARY KEY, title TEXT, likes INTEGER)").await;
    let layout = with(&posts(), |layout| {
        layout.indexes.clear();
        layout.storage.versions = Versions::Content([0, 1].into());
    });
    prepare(&place, &layout).await.unwrap();
    let store = &place.store;
    write(
        store,
        &layout,
        vec![insert(&post("a", "A", 1)), insert(&post("b", "B", 2))],
    )
    .await
    .unwrap();
    let a = get(store, &layout, "a").await.unwrap();
    assert_eq!(a.version, Version::of_content(&a.values, &[0, 1]));
    let set = |likes: i64| Write::Update {
        key: "a".into(),
        changes: vec![(2, likes.into())],
        when: Condition::default(),
    };
    let outcomes = write(store, &layout, vec![set(9)]).await.unwrap();
    assert!(
        matches!(&outcomes[..], [Outcome::Updated(row)] if row.version == a.version),
        "likes do not count"
    );
    // It can't answer these, and says so rather than pass over the version.
    let versioned = Write::Delete {
        key: "a".into(),
        when: Condition::version(a.version),
    };
    for refused in [
        versioned,
        put(&post("a", "A", 1), &[], Condition::default()),
    ] {
        let error = write(store, &layout, vec![refused]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    // A model with nothing but its key still has something to set.
    place
        .execute("CREATE TABLE bare (id TEXT PRIMARY KEY)")
        .await;
    let bare = with(
        &crate::support::layout("bare", vec![column("id", Kind::Text, false)], vec![]),
        |layout| {
            layout.storage.versions = Versions::Content([0].into());
        },
    );
    prepare(&place, &bare).await.unwrap();
    write(store, &bare, vec![insert(&record(["x".into()]))])
        .await
        .unwrap();
    let replace = Write::Put {
        record: record(["x".into()]),
        kept: larder_core::store::Kept::default(),
        when: Condition::default(),
        create: false,
    };
    assert!(matches!(
        write(store, &bare, vec![replace]).await.unwrap()[..],
        [Outcome::Updated(_)]
    ));
}

#[tokio::test]
async fn a_read_only_table_is_never_touched() {
    let place = existing(
        "CREATE TABLE posts (id TEXT, title VARCHAR(9), likes, must TEXT NOT NULL);
         CREATE VIEW liked AS SELECT id, title, likes, 0 AS _version FROM posts;
         INSERT INTO posts VALUES ('a', 'A', 1, 'm')",
    )
    .await;
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";
    let before = place.texts(schema).await;
    for collection in ["posts", "liked"] {
        let only = with(&posts(), |layout| {
            layout.collection = collection.into();
            layout.storage.read_only = true;
            layout.storage.versions = Versions::Content([0, 1, 2].into());
        });
        prepare(&place, &only).await.unwrap();
        assert_eq!(
            get(&place.store, &only, "a").await.unwrap().values[1],
            Value::from("A")
        );
        let error = write(&place.store, &only, vec![insert(&post("b", "B", 1))])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    let grown = with(&posts(), |layout| {
        layout.fields.push(column("more", Kind::Text, true));
        layout.storage.read_only = true;
    });
    let changes = plan(&place, &grown).await;
    assert!(
        changes.iter().all(|change| change.effect == Effect::Manual),
        "{changes:?}"
    );
    let message = prepare(&place, &grown).await.unwrap_err().to_string();
    assert!(
        message.contains("its column \"more\" is missing"),
        "{message}"
    );
    let missing = with(&posts(), |layout| {
        layout.collection = "nowhere".into();
        layout.storage.read_only = true;
    });
    assert!(
        prepare(&place, &missing)
            .await
            .unwrap_err()
            .message()
            .contains("it is missing")
    );
    assert_eq!(place.texts(schema).await, before);
}

#[tokio::test]
async fn every_difference_at_once() {
    let place = existing(
        "CREATE TABLE posts (number INTEGER PRIMARY KEY, id TEXT NOT NULL, title INTEGER, likes INTEGER NOT NULL, must TEXT NOT NULL);
         CREATE TABLE counted (id TEXT PRIMARY KEY, title TEXT, likes INTEGER, lock_version TEXT)",
    )
    .await;
    let counted = with(&posts(), |layout| {
        layout.collection = "counted".into();
        layout.storage.versions = Versions::Column("lock_version".into());
        layout.storage.assigned_key = true;
    });
    let error = place.store.prepare(&[posts(), counted]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    for part in [
        "the table \"posts\" does not fit the model Post: its primary key is not `id`",
        "it was not made by larder: it has no column `_version`",
        "`#[model(version = none)]`",
        "no field names its column `must`, which every record needs",
        "its column \"title\" is `INTEGER`, and the field `title` needs `TEXT`",
        "its column \"likes\" can't hold null, which `likes` may be",
        "the table \"counted\" does not fit the model Post: it does not give new rows their `id`",
        "its column \"lock_version\" is `TEXT`, versions need `INTEGER`",
    ] {
        assert!(
            error.message().contains(part),
            "{part}\n--- is not in ---\n{error}"
        );
    }
    assert!(
        !error.message().contains("`number`"),
        "a row gets its number by itself: {error}"
    );
}

#[tokio::test]
async fn a_unique_column_serves_as_the_key() {
    let place = existing(
        "CREATE TABLE posts (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT, likes INTEGER, _version INTEGER NOT NULL)",
    )
    .await;
    prepare(&place, &posts()).await.unwrap();
    let store = &place.store;
    write(
        store,
        &posts(),
        vec![put(&post("a", "A", 1), &[], Condition::default())],
    )
    .await
    .unwrap();
    write(
        store,
        &posts(),
        vec![put(&post("a", "B", 1), &[], Condition::default())],
    )
    .await
    .unwrap();
    assert_eq!(
        get(store, &posts(), "a").await.unwrap().values[1],
        Value::from("B")
    );
}

#[tokio::test]
async fn renames_need_one_name_to_be_there() {
    let place = place(&[posts()]).await;
    write(&place.store, &posts(), vec![insert(&post("a", "A", 1))])
        .await
        .unwrap();
    let renamed = with(&posts(), |layout| {
        layout.collection = "entries".into();
        layout.storage.was = Some("posts".into());
        layout.fields[1].name = "headline".into();
        layout.storage.renamed = [(1, "title".into())].into();
    });
    let changes = plan(&place, &renamed).await;
    let statements: Vec<&str> = changes
        .iter()
        .map(|change| change.statements.as_str())
        .collect();
    assert_eq!(
        statements,
        [
            r#"ALTER TABLE "posts" RENAME TO "entries";"#,
            r#"ALTER TABLE "entries" RENAME COLUMN "title" TO "headline";"#,
            r#"DROP INDEX "larder:posts:likes";"#,
            r#"DROP INDEX "larder:posts:title:unique";"#,
            r#"CREATE UNIQUE INDEX "larder:entries:headline:unique" ON "entries" ("headline");"#,
            r#"CREATE INDEX "larder:entries:likes" ON "entries" ("likes", "id");"#,
        ]
    );
    assert!(
        changes
            .iter()
            .all(|change| change.effect == Effect::Additive)
    );
    assert!(
        get(&place.store, &posts(), "a").await.is_some(),
        "a plan changes nothing"
    );
    prepare(&place, &renamed).await.unwrap();
    assert_eq!(plan(&place, &renamed).await, []);
    assert_eq!(
        get(&place.store, &renamed, "a").await.unwrap().values[1],
        Value::from("A")
    );
    place
        .execute("ALTER TABLE entries ADD COLUMN title TEXT; CREATE TABLE posts (id TEXT)")
        .await;
    let message = prepare(&place, &renamed).await.unwrap_err().to_string();
    for part in [
        "`posts` and `entries` are both there",
        "DROP TABLE \"posts\";",
        "its columns \"title\" and \"headline\" are both there, and the field `headline` was renamed",
        "UPDATE \"entries\" SET \"headline\" = \"title\";\nALTER TABLE \"entries\" DROP COLUMN \"title\";",
    ] {
        assert!(
            message.contains(part),
            "{part}\n--- is not in ---\n{message}"
        );
    }
}

#[tokio::test]
async fn a_plan_asks_the_rows_and_is_what_prepare_does() {
    let place = place(&[posts()]).await;
    let grown = with(&posts(), |layout| {
        layout.fields.push(column("author", Kind::Text, false));
        layout.indexes.push(Index {
            fields: vec![2, 3],
            unique: true,
        });
    });
    let effects = |changes: &[Change]| {
        changes
            .iter()
            .map(|change| change.effect)
            .collect::<Vec<_>>()
    };
    assert_eq!(effects(&plan(&place, &grown).await), [Effect::Additive; 2]);
    write(
        &place.store,
        &posts(),
        vec![insert(&post("a", "A", 1)), insert(&post("b", "B", 1))],
    )
    .await
    .unwrap();
    let changes = plan(&place, &grown).await;
    assert_eq!(effects(&changes)[0], Effect::Manual, "there are rows now");
    assert_eq!(changes[0].model, "Post");
    assert!(prepare(&place, &grown).await.is_err());
    // Nulls never collide, so a unique index over a new column that is null is no question.
    let nullable = with(&posts(), |layout| {
        layout.fields.push(column("author", Kind::Text, true));
        layout.indexes.push(Index {
            fields: vec![2, 3],
            unique: true,
        });
    });
    prepare(&place, &nullable).await.unwrap();
    // Two rows with one default do.
    let same = with(&nullable, |layout| {
        layout.fields.push(larder_core::Column {
            default: Some("x".into()),
            ..column("slug", Kind::Text, false)
        });
        layout.indexes.push(Index {
            fields: vec![4],
            unique: true,
        });
    });
    let message = prepare(&place, &same).await.unwrap_err().to_string();
    assert!(
        message.contains("records that break the unique index on `slug`"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_start_at_once_do_not_fight() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder);
    let grown = with(&posts(), |layout| {
        layout.fields.push(column("note", Kind::Text, true));
    });
    for layout in [posts(), grown] {
        let starts = (0..6).map(|_| {
            let (url, layout) = (url.clone(), layout.clone());
            tokio::spawn(async move {
                let store = SqliteStore::open(&url).await.unwrap();
                store.prepare(std::slice::from_ref(&layout)).await.unwrap();
                assert_eq!(store.plan(std::slice::from_ref(&layout)).await.unwrap(), []);
                store.close().await;
            })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_reserved_name_is_a_name_like_any_other() {
    let place = existing(
        r#"CREATE TABLE "select" ("order" TEXT PRIMARY KEY, "group ""x""" TEXT, "from" INTEGER)"#,
    )
    .await;
    let odd = with(&posts(), |layout| {
        layout.collection = "select".into();
        layout.indexes.clear();
        layout.storage.columns = [(0, "order".into()), (1, "group \"x\"".into())].into();
        layout.storage.versions = Versions::Column("from".into());
    });
    // One column is missing, and is added under the field's own name.
    prepare(&place, &odd).await.unwrap();
    let batch = batch(
        &odd,
        vec![put(&post("a", "A", 3), &[], Condition::default())],
    );
    place.store.write(Plan::unsealed(&batch)).await.unwrap();
    let filter = larder_query::Filter::test(1, larder_query::Op::Eq, "A");
    let select = larder_core::Select {
        filter,
        ..larder_core::Select::all(odd)
    };
    assert_eq!(
        crate::support::select(&place.store, &select)
            .await
            .rows
            .len(),
        1
    );
}
