//! What `prepare` does to a file, and what it refuses to do.

use std::sync::Arc;

use larder_core::{Column, ErrorKind, Index, Kind, Layout, Store};
use larder_query::Value;

use crate::support::{Place, column, get, insert, layout, place, post, posts, write};

/// `posts()` with other fields.
fn changed(change: impl FnOnce(&mut Layout)) -> Arc<Layout> {
    let mut layout = Layout::clone(&posts());
    change(&mut layout);
    Arc::new(layout)
}

fn with(field: Column) -> Arc<Layout> {
    changed(|layout| layout.fields.push(field))
}

async fn filled() -> Place {
    let posts = posts();
    let place = place(std::slice::from_ref(&posts)).await;
    write(
        &place.store,
        &posts,
        vec![insert(&post("a", "A", 1)), insert(&post("b", "B", 2))],
    )
    .await
    .unwrap();
    place
}

async fn refusal(place: &Place, layout: &Arc<Layout>) -> String {
    let before = place
        .texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
        .await;
    let error = place
        .store
        .prepare(std::slice::from_ref(layout))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    assert_eq!(
        before,
        place
            .texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
            .await,
        "nothing was changed"
    );
    error.message().to_owned()
}

#[tokio::test]
async fn tables_and_indexes_are_created_once() {
    let place = filled().await;
    place.store.prepare(&[posts()]).await.unwrap();
    assert_eq!(
        place
            .texts("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
            .await,
        [
            r#"CREATE TABLE "posts" ("id" TEXT NOT NULL PRIMARY KEY, "title" TEXT, "likes" INTEGER, "_version" INTEGER NOT NULL)"#,
            r#"CREATE UNIQUE INDEX "larder:posts:title:unique" ON "posts" ("title")"#,
            r#"CREATE INDEX "larder:posts:likes" ON "posts" ("likes", "id")"#,
        ]
    );
}

#[tokio::test]
async fn a_new_field_gets_its_default_in_old_rows() {
    let place = filled().await;
    let field = |name: &str, kind, nullable, default: Value| Column {
        default: Some(default),
        ..column(name, kind, nullable)
    };
    let day = jiff::civil::date(2024, 2, 29);
    let layout = changed(|layout| {
        layout.fields.extend([
            field("note", Kind::Text, false, "it's".into()),
            field("many", Kind::Uint, false, u64::MAX.into()),
            field("score", Kind::Float, true, 1.into()),
            field("tags", Kind::Json, false, Value::from(vec!["x".into()])),
            field("raw", Kind::Bytes, false, Value::bytes([0, 255])),
            field("day", Kind::Date, false, day.into()),
            column("empty", Kind::Instant, true),
        ]);
    });
    place
        .store
        .prepare(std::slice::from_ref(&layout))
        .await
        .unwrap();
    let values = &get(&place.store, &layout, "b").await.unwrap().values;
    let expected: Vec<Value> = vec![
        "b".into(),
        "B".into(),
        2.into(),
        "it's".into(),
        Value::U64(u64::MAX),
        1.0.into(),
        Value::from(vec!["x".into()]),
        Value::bytes([0, 255]),
        day.into(),
        Value::Null,
    ];
    assert_eq!(values, &expected);
    // The old version of the app still works on the file.
    place.store.prepare(&[posts()]).await.unwrap();
    write(&place.store, &posts(), vec![insert(&post("c", "C", 3))])
        .await
        .unwrap();
    assert_eq!(
        get(&place.store, &layout, "c").await.unwrap().values[3],
        Value::from("it's")
    );
}

#[tokio::test]
async fn a_required_field_without_a_default_needs_an_empty_table() {
    let layout = with(column("author", Kind::Text, false));
    let message = refusal(&filled().await, &layout).await;
    assert_eq!(
        message,
        "the table \"posts\" does not fit the model Post: the field `author` is new and it has no default for the rows that \
         are there: `#[serde(default)]` or an `Option` would give it one. If that is meant, run:\nALTER TABLE \"posts\" ADD COLUMN \"author\" TEXT NOT NULL DEFAULT <value>;"
    );
    let empty = place(&[posts()]).await;
    empty.store.prepare(&[layout]).await.unwrap();
}

#[tokio::test]
async fn another_type_is_refused_with_the_statements() {
    let place = filled().await;
    let layout = changed(|layout| layout.fields[2].kind = Kind::Text);
    assert_eq!(
        refusal(&place, &layout).await,
        "the table \"posts\" does not fit the model Post: its column \"likes\" is `INTEGER`, and the field `likes` needs `TEXT`. \
         If that is meant, run:\n\
         -- let it end at the first fault (`sqlite3 -bail`): the rows are dropped behind the copy\nBEGIN;\n\
         CREATE TABLE \"posts_new\" (\"id\" TEXT NOT NULL PRIMARY KEY, \"title\" TEXT, \"likes\" TEXT, \"_version\" INTEGER NOT NULL);\n\
         INSERT INTO \"posts_new\" (\"id\", \"title\", \"likes\", \"_version\") SELECT \"id\", \"title\", CAST(\"likes\" AS TEXT), \"_version\" FROM \"posts\";\n\
         DROP TABLE \"posts\";\n\
         ALTER TABLE \"posts_new\" RENAME TO \"posts\";\n\
         COMMIT;"
    );
    // What it printed does it.
    let sql = refusal(&place, &layout).await;
    place.execute(sql.split_once("run:\n").unwrap().1).await;
    place
        .store
        .prepare(std::slice::from_ref(&layout))
        .await
        .unwrap();
    assert_eq!(
        get(&place.store, &layout, "b").await.unwrap().values[2],
        Value::from("2")
    );
}

#[tokio::test]
async fn nulls_and_keys_that_do_not_fit_are_refused() {
    let place = filled().await;
    let strict = changed(|layout| layout.fields[2].nullable = false);
    place
        .store
        .prepare(std::slice::from_ref(&strict))
        .await
        .unwrap();
    place
        .execute("UPDATE posts SET likes = NULL WHERE id = 'a'")
        .await;
    let message = refusal(&place, &strict).await;
    assert!(
        message.ends_with(r#"UPDATE "posts" SET "likes" = <value> WHERE "likes" IS NULL;"#),
        "{message}"
    );
    let loose = changed(|layout| layout.fields[0].nullable = true);
    assert!(refusal(&place, &loose).await.contains("can't hold null"));
    let keyed = changed(|layout| layout.key = 1.into());
    assert!(
        refusal(&place, &keyed)
            .await
            .contains("its primary key is not `title`")
    );
    place
        .execute("CREATE TABLE other (id TEXT PRIMARY KEY)")
        .await;
    let foreign = layout("other", vec![column("id", Kind::Text, true)], vec![]);
    let message = refusal(&place, &foreign).await;
    assert!(
        message
            .ends_with(r#"ALTER TABLE "other" ADD COLUMN "_version" INTEGER NOT NULL DEFAULT 0;"#),
        "{message}"
    );
}

#[tokio::test]
async fn columns_of_others_stay_unless_they_block() {
    let place = filled().await;
    place.execute("ALTER TABLE posts ADD COLUMN extra TEXT; ALTER TABLE posts ADD COLUMN more TEXT NOT NULL DEFAULT 'x'").await;
    place.store.prepare(&[posts()]).await.unwrap();
    write(&place.store, &posts(), vec![insert(&post("c", "C", 3))])
        .await
        .unwrap();
    place.execute("CREATE TABLE other (id TEXT NOT NULL PRIMARY KEY, must TEXT NOT NULL, _version INTEGER NOT NULL)").await;
    let other = layout("other", vec![column("id", Kind::Text, false)], vec![]);
    let message = refusal(&place, &other).await;
    assert!(message.ends_with("This loses its data. If that is meant, run:\nALTER TABLE \"other\" DROP COLUMN \"must\";"), "{message}");
}

#[tokio::test]
async fn a_field_without_a_column_may_be_one_without_a_field() {
    let place = filled().await;
    place
        .execute("ALTER TABLE posts ADD COLUMN must TEXT NOT NULL DEFAULT ''")
        .await;
    let renamed = |nullable| {
        changed(|layout| {
            layout.indexes.clear();
            layout.fields[1] = column("headline", Kind::Text, nullable);
        })
    };
    // The title's column may stay, so nothing but this says where the titles are.
    let plan = place.store.plan(&[renamed(true)]).await.unwrap();
    let plan: Vec<&str> = plan.iter().map(|change| &*change.what).collect();
    assert!(
        plan.contains(
            &"its column \"headline\" is missing (if it is what the column `title` or `must` holds: `#[model(was = \"..\")]` renames \
              the column, `#[model(column = \"..\")]` takes it as it is)"
        ),
        "{plan:?}"
    );
    place.execute("CREATE TABLE other (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, n INTEGER, _version INTEGER NOT NULL); INSERT INTO other VALUES ('a', 'A', 1, 0)").await;
    let fields = vec![
        column("id", Kind::Text, false),
        column("label", Kind::Text, false),
    ];
    let other = layout("other", fields, vec![]);
    let message = refusal(&place, &other).await;
    for part in [
        "no field names its column `name`, which every record needs (if `label` is what it holds: `#[model(was = \"name\")]` on that \
         field renames it, `#[model(column = \"name\")]` takes it as it is). This loses its data.",
        "the field `label` is new and it has no default for the rows that are there: `#[serde(default)]` or an `Option` would give it \
         one (if it is what the column `name` holds: \
         `#[model(was = \"name\")]` renames the column, `#[model(column = \"name\")]` takes it as it is). If that is meant, run:",
    ] {
        assert!(
            message.contains(part),
            "{part}\n--- is not in ---\n{message}"
        );
    }
}

#[tokio::test]
async fn a_new_table_says_what_it_leaves_behind() {
    let place = filled().await;
    place
        .execute("ALTER TABLE posts ADD COLUMN extra TEXT")
        .await;
    let layout = changed(|layout| layout.fields[2].kind = Kind::Text);
    let message = refusal(&place, &layout).await;
    assert!(
        message.contains("\n-- loses what no field names: \"extra\"\nBEGIN;\n"),
        "{message}"
    );
    // A field that is new at the same time has a value in the rows that are copied, and a text may be no number.
    let layout = changed(|layout| {
        layout.indexes.clear();
        layout.fields[1].kind = Kind::Int;
        layout.fields.push(Column {
            default: Some("none".into()),
            ..column("note", Kind::Text, false)
        });
        layout.fields.push(column("city", Kind::Text, false));
    });
    let message = refusal(&place, &layout).await;
    for part in [
        "-- makes a number of each \"title\" by its first digits, and 0 where there are none\n",
        "(\"id\", \"title\", \"likes\", \"note\", \"city\", \"_version\") SELECT \"id\", CAST(\"title\" AS INTEGER), \"likes\", \
         'none', <value>, \"_version\" FROM",
    ] {
        assert!(
            message.contains(part),
            "{part}\n--- is not in ---\n{message}"
        );
    }
}

#[tokio::test]
async fn indexes_come_and_go() {
    let place = filled().await;
    place
        .execute("CREATE INDEX mine ON posts (title); UPDATE posts SET likes = 7")
        .await;
    let unique = changed(|layout| {
        layout.indexes = vec![Index {
            fields: vec![2],
            unique: true,
        }];
    });
    let message = refusal(&place, &unique).await;
    assert!(
        message.ends_with(
            r#"SELECT "likes", COUNT(*) FROM "posts" GROUP BY "likes" HAVING COUNT(*) > 1;"#
        ),
        "{message}"
    );
    let none = changed(|layout| layout.indexes.clear());
    place.store.prepare(&[none]).await.unwrap();
    assert_eq!(
        place
            .texts("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            .await,
        ["mine"]
    );
}

#[tokio::test]
async fn names_are_quoted_and_must_differ() {
    let odd = layout(
        "sel\"ect; --",
        vec![
            column("order", Kind::Int, false),
            column("group by \"x\"", Kind::Text, true),
        ],
        vec![Index {
            fields: vec![1],
            unique: true,
        }],
    );
    let place = place(std::slice::from_ref(&odd)).await;
    let record = crate::support::record([1.into(), "x".into()]);
    write(&place.store, &odd, vec![insert(&record)])
        .await
        .unwrap();
    assert_eq!(
        get(&place.store, &odd, 1).await.unwrap().values[1],
        Value::from("x")
    );
    let same = layout(
        "t",
        vec![
            column("id", Kind::Int, false),
            column("ID", Kind::Text, true),
        ],
        vec![],
    );
    assert!(
        place
            .store
            .prepare(&[same])
            .await
            .unwrap_err()
            .message()
            .contains("`ID` has the name of another column")
    );
    let taken = layout(
        "t",
        vec![
            column("id", Kind::Int, false),
            column("_version", Kind::Text, true),
        ],
        vec![],
    );
    assert!(place.store.prepare(&[taken]).await.is_err());
}

#[tokio::test]
async fn names_of_larders_own() {
    let place = filled().await;
    for own in ["larder_told_posts", "LARDER_TOLD_x", "larder:posts:+likes"] {
        for layout in [
            changed(|layout| own.clone_into(&mut layout.collection)),
            changed(|layout| layout.storage.was = Some(own.to_owned())),
        ] {
            let said = refusal(&place, &layout).await;
            assert!(
                said.contains(&format!("Post: a model can't have the table `{own}`")),
                "{said}"
            );
            let error = place.store.plan(&[layout]).await.unwrap_err();
            assert_eq!(error.message(), said);
        }
    }
    let like = changed(|layout| "larder_tolds".clone_into(&mut layout.collection));
    place.store.prepare(&[like]).await.unwrap();
}
