//! Values as they are kept, and letters that PostgreSQL knows otherwise.

use larder_query::{Filter, Op, Value};

use crate::support::{get, ids, insert, place, post, posts, record, write};

#[tokio::test]
async fn documents_come_back_as_they_were_written() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let text =
        r#"{"z":1,"a":[1.0,1e16,-0.5,18446744073709551615,9007199254740994.0],"m":{"":null}}"#;
    let doc: Value = serde_json::from_str(text).unwrap();
    let row = record(["a".into(), Value::Null, Value::Null, doc]);
    write(&*place.store, &posts(), vec![insert(row.clone())])
        .await
        .unwrap();
    // The order of names and the sort of each number too.
    assert_eq!(
        *get(&*place.store, &posts(), "a").await.unwrap().unwrap(),
        *row
    );
    place.end().await;
}

/// A float and a whole number of 64 bits are compared by value, where the shortest text of the float would be another number.
#[tokio::test]
async fn large_floats_in_documents_are_exact() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let numbers = [
        ("below", Value::U64(18_446_744_073_709_549_567)),
        ("float", Value::F64(18_446_744_073_709_549_568.0)),
        ("same", Value::U64(18_446_744_073_709_549_568)),
        ("above", Value::U64(18_446_744_073_709_549_569)),
    ];
    let rows = numbers.iter().map(|(id, number)| {
        insert(record([
            (*id).into(),
            Value::Null,
            Value::Null,
            number.clone(),
        ]))
    });
    write(&*place.store, &posts(), rows.collect())
        .await
        .unwrap();
    for same in [&numbers[1].1, &numbers[2].1] {
        let of = |op| Filter::test(3, op, same.clone());
        assert_eq!(
            ids(&*place.store, &posts(), of(Op::Eq)).await,
            ["float", "same"]
        );
        assert_eq!(ids(&*place.store, &posts(), of(Op::Lt)).await, ["below"]);
        assert_eq!(ids(&*place.store, &posts(), of(Op::Gt)).await, ["above"]);
    }
    place.end().await;
}

#[tokio::test]
async fn letters_are_those_of_unicode() {
    let Some(place) = place(&[posts()]).await else {
        return;
    };
    let texts = [
        "\u{130}", "i\u{307}", "I", "\u{131}", "\u{212A}", "k", "ΟΔΟΣ", "οδοσ", "οδος", "ẞ", "ß",
        "SS", "Ⴀ", "ა", "Ა",
    ];
    let rows = texts
        .iter()
        .enumerate()
        .map(|(at, text)| insert(post(&format!("t{at:02}"), text, 0)));
    write(&*place.store, &posts(), rows.collect())
        .await
        .unwrap();
    let lower = |text: &str| {
        text.chars()
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    for asked in texts {
        let wanted = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| lower(text) == lower(asked));
        let wanted: Vec<String> = wanted.map(|(at, _)| format!("t{at:02}")).collect();
        let found = ids(
            &*place.store,
            &posts(),
            Filter::test(1, Op::EqIgnoreCase, asked),
        )
        .await;
        assert_eq!(found, wanted, "{asked}");
    }
    place.end().await;
}
