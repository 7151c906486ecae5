//! Changes by the old value: one statement each, also of what other programs have written.

use std::sync::Arc;

use larder_core::store::{Condition, FieldChange, Outcome, Write};
use larder_core::{ErrorKind, Kind, Layout, Record, Result};
use larder_query::Value;
use larder_tests::Logs;

use crate::support::{column, get, insert, layout, place, post, posts, record, update, write};

const LIKES: usize = 2;
const DOC: usize = 3;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn items(text: &str) -> Vec<Value> {
    json(text).as_array().unwrap().to_vec()
}

fn change(changes: Vec<(usize, FieldChange)>) -> Write {
    Write::Update {
        key: "a".into(),
        changes,
        when: Condition::default(),
    }
}

async fn made(
    place: &crate::support::Place,
    layout: &Arc<Layout>,
    field: usize,
    one: FieldChange,
) -> Result<Arc<Record>> {
    let mut outcomes = write(&*place.store, layout, vec![change(vec![(field, one)])]).await?;
    match outcomes.pop() {
        Some(Outcome::Updated(row)) => Ok(row),
        other => panic!("{other:?}"),
    }
}

fn sent(logs: &Logs, since: usize) -> Vec<String> {
    let text = logs.text().split_off(since);
    let said = |line: &str| line.strip_prefix("TRACE larder::sql ").map(str::to_owned);
    text.lines().filter_map(said).collect()
}

#[tokio::test]
async fn each_is_one_statement() {
    let kinds = [
        Kind::Int,
        Kind::Uint,
        Kind::Float,
        Kind::Decimal,
        Kind::Json,
    ];
    let fields = kinds
        .iter()
        .map(|kind| column(&format!("{kind:?}"), *kind, true));
    let fields = std::iter::once(column("id", Kind::Text, false)).chain(fields);
    let all = Arc::new(layout("kinds", fields.collect(), Vec::new()));
    let Some(place) = place(&[Arc::clone(&all)]).await else {
        return;
    };
    let nothing = std::iter::repeat_n(Value::Null, kinds.len());
    let row = record(std::iter::once(Value::from("a")).chain(nothing));
    write(&*place.store, &all, vec![insert(row)]).await.unwrap();
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    let logs = Logs::default();
    let _default = tracing::subscriber::set_default(logs.clone());
    for (field, one, wanted) in [
        (1, FieldChange::Add(2.into()), 2.into()),
        (1, FieldChange::Add((-3).into()), (-1).into()),
        (1, FieldChange::Add(i64::MIN.into()), Value::Null),
        (2, FieldChange::Add(i64::MAX.into()), i64::MAX.into()),
        (2, FieldChange::Add(2.into()), ((1_u64 << 63) + 1).into()),
        (2, FieldChange::Add((-1).into()), (1_u64 << 63).into()),
        (3, FieldChange::Add(0.1.into()), 0.1.into()),
        (3, FieldChange::Add(0.2.into()), (0.1 + 0.2).into()),
        (4, FieldChange::Add(decimal("0.10")), decimal("0.1")),
        (4, FieldChange::Add(decimal("-1.305")), decimal("-1.205")),
        (
            5,
            FieldChange::Push(items("[1, \"x\"]")),
            json("[1, \"x\"]"),
        ),
        (
            5,
            FieldChange::Push(items("[{\"b\": 1, \"a\": 1e16}]")),
            json("[1, \"x\", {\"b\": 1, \"a\": 1e16}]"),
        ),
        (
            5,
            FieldChange::Pull(items("[1.0, \"y\"]")),
            json("[\"x\", {\"b\": 1, \"a\": 1e16}]"),
        ),
        (
            5,
            FieldChange::SetItem(0, json("[null]")),
            json("[[null], {\"b\": 1, \"a\": 1e16}]"),
        ),
        (
            5,
            FieldChange::RemoveItem(0),
            json("[{\"b\": 1, \"a\": 1e16}]"),
        ),
        (
            5,
            FieldChange::Pull(items("[{\"a\": 1e16, \"b\": 1}]")),
            json("[]"),
        ),
    ] {
        let since = logs.text().len();
        let row = made(&place, &all, field, one.clone()).await;
        let said = sent(&logs, since);
        if wanted.is_null() {
            // Out of range: the record is looked at, to say so.
            assert_eq!(row.unwrap_err().kind(), ErrorKind::Invalid);
            assert!(said.len() > 1, "{said:?}");
            continue;
        }
        let row = row.unwrap();
        assert_eq!(row.get(field), &wanted, "{one:?}");
        assert_eq!(said.len(), 1, "{one:?}: {said:?}");
        assert_eq!(get(&*place.store, &all, "a").await.unwrap(), Some(row));
    }
    place.end().await;
}

/// What other programs write is spaced as they like, and may have characters in it that `jsonb` does not take.
#[tokio::test]
async fn lists_of_others_are_changed_as_well() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    write(&*place.store, &posts(), vec![insert(post("a", "A", 1))])
        .await
        .unwrap();
    let push = || FieldChange::Push(items("[3]"));
    let pull = || FieldChange::Pull(items("[1]"));
    for (text, one, wanted) in [
        ("[]", FieldChange::Push(vec![Value::Null]), Some("[null]")),
        (" [ 1 , [2] ]\n\t", push(), Some("[1, [2], 3]")),
        ("[\n]", push(), Some("[3]")),
        (" [ 1 , 1.0, \"1\" ] ", pull(), Some("[\"1\"]")),
        ("[\"\\u0041\", 1]", pull(), Some("[\"A\"]")),
        ("[\"\\u0000\"]", push(), Some("[\"\\u0000\", 3]")),
        // The memory makes it, and would have to write the character again.
        ("[\"\\u0000\", 1]", pull(), None),
        ("null", push(), Some("[3]")),
    ] {
        let sql = format!("UPDATE posts SET doc = '{text}' WHERE id = 'a'");
        place.execute(&sql).await;
        let row = made(&place, &posts(), DOC, one).await;
        let Some(wanted) = wanted else {
            assert_eq!(row.unwrap_err().kind(), ErrorKind::Invalid, "{text}");
            continue;
        };
        assert_eq!(row.unwrap().get(DOC), &json(wanted), "{text}");
    }
    for text in ["{\"0\": 1}", "\"[]\"", "7"] {
        let sql = format!("UPDATE posts SET doc = '{text}' WHERE id = 'a'");
        place.execute(&sql).await;
        for one in [
            push(),
            pull(),
            FieldChange::SetItem(0, 1.into()),
            FieldChange::RemoveItem(0),
        ] {
            let error = made(&place, &posts(), DOC, one).await.unwrap_err();
            assert_eq!(error.fields()[0].pointer, "/doc", "{text}: {error:?}");
        }
        let here = place.texts("SELECT doc::text FROM posts").await;
        assert_eq!(here, [text], "nothing is written");
    }
    place.end().await;
}

#[tokio::test]
async fn a_table_of_others_has_columns_of_its_own() {
    let Some(place) = place(&[]).await else {
        return;
    };
    place
        .execute(
            "CREATE TABLE posts (id text COLLATE \"C\" PRIMARY KEY, title text COLLATE \"C\", likes smallint, doc jsonb, _version bigint NOT NULL);
             INSERT INTO posts VALUES ('a', 'A', 32766, '[1, {\"k\": 1}]', 1048576)",
        )
        .await;
    let mut there = Layout::clone(&posts());
    there.indexes.clear();
    let there = Arc::new(there);
    larder_core::Store::prepare(&*place.store, &[Arc::clone(&there)])
        .await
        .unwrap();
    let one_more = || FieldChange::Add(1.into());
    let row = made(&place, &there, LIKES, one_more()).await.unwrap();
    assert_eq!(row.get(LIKES), &Value::from(32_767));
    let error = made(&place, &there, LIKES, one_more()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    for (one, wanted) in [
        (FieldChange::Push(items("[2]")), "[1, {\"k\": 1}, 2]"),
        (FieldChange::Pull(items("[{\"k\": 1.0}]")), "[1, 2]"),
        (FieldChange::SetItem(1, json("{}")), "[1, {}]"),
        (FieldChange::RemoveItem(0), "[{}]"),
    ] {
        let row = made(&place, &there, DOC, one).await.unwrap();
        assert_eq!(row.get(DOC), &json(wanted));
    }
    let set = update("a", DOC, Value::Null, Condition::default());
    write(&*place.store, &there, vec![set]).await.unwrap();
    let pulled = made(&place, &there, DOC, FieldChange::Pull(items("[1]"))).await;
    assert!(pulled.unwrap().get(DOC).is_null());
    place.end().await;
}
