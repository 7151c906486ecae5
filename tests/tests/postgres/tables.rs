//! Tables: what `prepare` makes, what it refuses and says instead, tables of others, and which index answers a query.

use std::sync::Arc;

use larder_core::store::{Condition, Outcome};
use larder_core::{ErrorKind, Kind, Layout, Store, Versions};
use larder_query::{Filter, Op, Value};

use crate::support::{
    column, get, ids, index, insert, layout, place, post, posts, record, update, write,
};

#[tokio::test]
async fn columns_have_types_of_their_own() {
    let kinds = [
        ("id", Kind::Int, "bigint"),
        ("a", Kind::Bool, "boolean"),
        ("b", Kind::Uint, "numeric(20,0)"),
        ("c", Kind::Float, "double precision"),
        ("d", Kind::Decimal, "numeric"),
        ("e", Kind::Text, "text"),
        ("f", Kind::Bytes, "bytea"),
        ("g", Kind::Instant, "timestamp with time zone"),
        ("h", Kind::Date, "date"),
        ("i", Kind::Uuid, "uuid"),
        ("j", Kind::Json, "json"),
        ("_version", Kind::Int, "bigint"),
    ];
    let fields = kinds.iter().filter(|(name, ..)| *name != "_version");
    let fields = fields.map(|(name, kind, _)| column(name, *kind, *name != "id"));
    let Some(place) = place(&[Arc::new(layout("kinds", fields.collect(), Vec::new()))]).await
    else {
        return;
    };
    let found = place
        .texts("SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'kinds'::regclass AND attnum > 0 ORDER BY attnum")
        .await;
    let wanted: Vec<String> = kinds
        .iter()
        .map(|(name, _, declared)| format!("{name} {declared}"))
        .collect();
    assert_eq!(found, wanted);
    place.end().await;
}

#[tokio::test]
async fn what_could_lose_data_is_refused_with_the_statements() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 1))])
        .await
        .unwrap();
    let mut other = Layout::clone(&posts());
    other.fields[2].kind = Kind::Text;
    other.fields[1].nullable = false;
    other.fields.push(column("must", Kind::Text, false));
    let other = Arc::new(other);
    let error = place
        .store
        .prepare(std::slice::from_ref(&other))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    let said = error.message();
    for sql in [
        "ALTER TABLE \"posts\" ALTER COLUMN \"likes\" TYPE text COLLATE \"C\" USING CAST(\"likes\" AS text);",
        "ALTER TABLE \"posts\" ADD COLUMN \"must\" text COLLATE \"C\" NOT NULL DEFAULT <value>;",
    ] {
        assert!(said.contains(sql), "{said}");
    }
    assert_eq!(
        place.store.plan(&[posts()]).await.unwrap(),
        [],
        "nothing was changed"
    );
    // What it says works.
    place
        .execute("ALTER TABLE \"posts\" ALTER COLUMN \"likes\" TYPE text COLLATE \"C\" USING CAST(\"likes\" AS text); \
                  ALTER TABLE \"posts\" ADD COLUMN \"must\" text COLLATE \"C\" NOT NULL DEFAULT 'x'")
        .await;
    place
        .store
        .prepare(std::slice::from_ref(&other))
        .await
        .unwrap();
    let row = get(&*place.store, &other, "a").await.unwrap().unwrap();
    assert_eq!(row.get(2), &Value::from("1"));
    place.end().await;
}

#[tokio::test]
async fn names_that_are_too_long() {
    let Some(place) = place(&[]).await else {
        return;
    };
    let long = "a_name_that_is_rather_long_for_a_column_and_still_fits_in_it_60";
    let mut wide = layout(
        long,
        vec![
            column("id", Kind::Text, false),
            column(long, Kind::Text, true),
        ],
        vec![index(&[1], true), index(&[1], false)],
    );
    let model = Arc::new(wide.clone());
    for _ in 0..2 {
        place
            .store
            .prepare(std::slice::from_ref(&model))
            .await
            .unwrap();
    }
    assert_eq!(
        place
            .store
            .plan(std::slice::from_ref(&model))
            .await
            .unwrap(),
        []
    );
    let row = |id: &str| record([id.into(), "same".into()]);
    write(&*place.store, &model, vec![insert(row("a"))])
        .await
        .unwrap();
    let error = write(&*place.store, &model, vec![insert(row("b"))])
        .await
        .unwrap_err();
    assert_eq!(error.fields()[0].field, long);
    wide.fields[1].name = format!("{long}_").into();
    let error = place.store.prepare(&[Arc::new(wide)]).await.unwrap_err();
    assert!(error.message().contains("63 bytes"), "{error}");
    place.end().await;
}

#[tokio::test]
async fn names_of_larders_own() {
    let Some(place) = place(&[]).await else {
        return;
    };
    let named = |name: &str| layout(name, vec![column("id", Kind::Text, false)], vec![]);
    for own in ["larder_changes", "larder_changes_tx", "larder:posts:+n"] {
        let mut renamed = named("posts");
        renamed.storage.was = Some(own.to_owned());
        for model in [named(own), renamed] {
            let model = [Arc::new(model)];
            let error = place.store.prepare(&model).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
            let said = format!("Post: a model can't have the table `{own}`");
            assert!(error.message().contains(&said), "{error}");
            assert!(place.store.plan(&model).await.is_err());
        }
    }
    let like = Arc::new(named("Larder_changes"));
    place.store.prepare(&[like]).await.unwrap();
    place.end().await;
}

/// A table with keys that it gives itself, names of its own, an order of texts of its own, and no versions.
#[tokio::test]
async fn a_table_that_was_there_before() {
    let Some(place) = place(&[]).await else {
        return;
    };
    place
        .execute(
            "CREATE TABLE customers (customer_no serial PRIMARY KEY, full_name varchar(40) NOT NULL, \
             email text UNIQUE, data jsonb, added timestamptz DEFAULT now()); \
             INSERT INTO customers (full_name, email, data) VALUES ('Zoe', 'z@x', '{\"b\": 1.0, \"a\": [1]}'), ('ann', 'a@x', NULL)",
        )
        .await;
    let mut model = layout(
        "customers",
        vec![
            column("id", Kind::Int, false),
            column("name", Kind::Text, false),
            column("email", Kind::Text, true),
            column("data", Kind::Json, true),
        ],
        vec![index(&[2], true)],
    );
    model.storage.columns = [(0, "customer_no".into()), (1, "full_name".into())].into();
    model.storage.versions = Versions::Content(Arc::new([0, 1, 2, 3]));
    model.storage.assigned_key = true;
    let model = Arc::new(model);
    let models = std::slice::from_ref(&model);
    assert_eq!(place.store.plan(models).await.unwrap(), []);
    place.store.prepare(models).await.unwrap();
    let store = &*place.store;
    let first = get(store, &model, 1).await.unwrap().unwrap();
    let data: Value = serde_json::from_str(r#"{"a": [1], "b": 1}"#).unwrap();
    assert!(first.get(3).same(&data), "{:?}", first.get(3));
    assert_eq!(
        names(store, &model, Filter::test(3, Op::Eq, data)).await,
        ["Zoe"]
    );
    assert_eq!(
        names(store, &model, Filter::test(1, Op::Lt, "a")).await,
        ["Zoe"],
        "by bytes"
    );
    let new = record([Value::Null, "Bo".into(), "b@x".into(), Value::Null]);
    let outcomes = write(store, &model, vec![insert(new)]).await.unwrap();
    assert!(
        matches!(&outcomes[0], Outcome::Created(row) if *row.get(0) == Value::from(3)),
        "{outcomes:?}"
    );
    // A key of the client's own is never given again, nor does one below bring back what was given.
    for own in [4, 9, 6] {
        let row = record([
            own.into(),
            format!("own {own}").into(),
            Value::Null,
            Value::Null,
        ]);
        write(store, &model, vec![insert(row)]).await.unwrap();
    }
    let next = record([Value::Null, "Di".into(), Value::Null, Value::Null]);
    let outcomes = write(store, &model, vec![insert(next)]).await.unwrap();
    assert!(
        matches!(&outcomes[0], Outcome::Created(row) if *row.get(0) == Value::from(10)),
        "{outcomes:?}"
    );
    let taken = record([Value::Null, "Cy".into(), "b@x".into(), Value::Null]);
    let error = write(store, &model, vec![insert(taken)]).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].field.as_str()),
        (ErrorKind::Duplicate, "email")
    );
    let mut set = update("", 1, "x".repeat(41), Condition::default());
    if let larder_core::store::Write::Update { key, .. } = &mut set {
        *key = 3.into();
    }
    let error = write(store, &model, vec![set]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    place.end().await;
}

async fn names(store: &dyn Store, model: &Arc<Layout>, filter: Filter) -> Vec<String> {
    let select = larder_core::Select {
        filter,
        ..larder_core::Select::all(Arc::clone(model))
    };
    let page = crate::support::query(store, &select).await.unwrap();
    page.rows
        .iter()
        .map(|row| row.get(1).as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_difference_is_listed() {
    let Some(place) = place(&[]).await else {
        return;
    };
    place
        .execute("CREATE TABLE posts (id integer, title bytea NOT NULL, likes numeric(10,2), doc text, extra int NOT NULL)")
        .await;
    let error = place.store.prepare(&[posts()]).await.unwrap_err();
    for part in [
        "primary key is not `id`",
        "no column `_version`",
        "`extra`",
        "\"id\" is `integer`, and the field `id` needs `text COLLATE \"C\"`",
        "\"title\" is `bytea`",
        "\"title\" can't hold null",
        "\"likes\" is `numeric(10,2)`, and the field `likes` needs `bigint`",
        "\"doc\" is `text`, and the field `doc` needs `json`",
        "ALTER COLUMN \"likes\" TYPE bigint USING CAST(\"likes\" AS bigint);",
        "ALTER COLUMN \"title\" DROP NOT NULL;",
        "ADD PRIMARY KEY (\"id\");",
    ] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    place.end().await;
}

/// Versions that count, in a column that others leave empty.
#[tokio::test]
async fn a_version_column_of_another_name() {
    let Some(place) = place(&[]).await else {
        return;
    };
    place.execute("CREATE TABLE posts (id text PRIMARY KEY, title text, likes int, doc json, revision int)").await;
    place
        .execute("INSERT INTO posts (id, title) VALUES ('a', 'A')")
        .await;
    let mut model = Layout::clone(&posts());
    model.storage.versions = Versions::Column("revision".into());
    let model = Arc::new(model);
    place
        .store
        .prepare(std::slice::from_ref(&model))
        .await
        .unwrap();
    let row = get(&*place.store, &model, "a").await.unwrap().unwrap();
    assert_eq!(row.version.0, 0);
    let set = update("a", 2, 5, Condition::version(row.version));
    write(&*place.store, &model, vec![set.clone()])
        .await
        .unwrap();
    assert!(matches!(
        write(&*place.store, &model, vec![set]).await.unwrap()[0],
        Outcome::Missed
    ));
    assert_eq!(place.texts("SELECT revision::text FROM posts").await, ["1"]);
    assert_eq!(
        ids(&*place.store, &model, Filter::test(2, Op::Eq, 5)).await,
        ["a"]
    );
    place.end().await;
}
