//! Keys of several fields.

use std::sync::Arc;

use larder_core::layout::KeyFields;
use larder_core::migrate::Effect;
use larder_core::store::{Condition, Kept, Outcome, Page, Plan, Select, SortKey, Write};
use larder_core::{Column, ErrorKind, Index, Key, Kind, Layout, Record, Row, Storage};
use larder_query::{Filter, Op, Value};

use super::{Scenario, rows};
use crate::bench::{Bench, updated};
use crate::harness::Need;
use crate::things::V1;

const NUMBER: usize = 0;
const CARRIER: usize = 1;
const NOTE: usize = 2;
const DAY: usize = 3;
const TAG: usize = 4;

mod parents;

use parents::{a_write_under_another_parent, records_of_one_parent};

pub(super) fn rows() -> Vec<Scenario> {
    let mut all = rows![&[];
        parts_together_are_the_key, a_taken_key_names_its_parts, any_text_can_be_a_part, writes_go_by_the_whole_key,
        records_sort_by_their_parts, parts_filter_and_sort, a_part_set_to_itself, an_index_beside_the_key,
        the_same_key_is_no_change, another_key_is_refused, many_in_one_batch, nothing_but_a_key, records_of_one_parent,
        a_write_under_another_parent,
    ];
    all.extend(rows![&[Need::Transactions]; in_a_transaction]);
    all
}

/// Flights, whose key is carrier, number and day, in another order than the fields stand in.
fn flights() -> Layout {
    let column = |name: &str, kind, nullable| Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
    };
    Layout {
        model: "Flight".into(),
        collection: "flights".into(),
        fields: vec![
            column("number", Kind::Uint, false),
            column("carrier", Kind::Text, false),
            column("note", Kind::Text, true),
            column("day", Kind::Date, false),
            column("tag", Kind::Text, true),
        ],
        key: KeyFields::of([CARRIER, NUMBER, DAY]),
        indexes: vec![Index {
            fields: vec![TAG],
            unique: false,
        }],
        storage: Storage::default(),
    }
}

async fn open(bench: &mut Bench<'_>) {
    bench.layout = Arc::new(flights());
    bench.prepare(&bench.layout).await.unwrap();
}

fn day(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

fn key(carrier: &str, number: u64, on: &str) -> Key {
    Key::of_parts([carrier.into(), number.into(), day(on)])
}

fn flight(carrier: &str, number: u64, on: &str) -> Record {
    let mut values = vec![Value::Null; 5];
    values[CARRIER] = carrier.into();
    values[NUMBER] = number.into();
    values[DAY] = day(on);
    Record::new(values, V1)
}

fn with(mut record: Record, field: usize, value: &str) -> Record {
    record.values[field] = value.into();
    record
}

fn insert(record: Record) -> Write {
    Write::Insert {
        record: Arc::new(record),
    }
}

async fn fill(bench: &Bench<'_>, records: impl IntoIterator<Item = Record>) {
    let writes = records.into_iter().map(insert).collect();
    let outcomes = bench.write(writes).await.unwrap();
    let created = |outcome: &Outcome| matches!(outcome, Outcome::Created(_));
    assert!(outcomes.iter().all(created), "{outcomes:?}");
}

async fn query(bench: &Bench<'_>, select: Select) -> Page {
    bench.store.query(Plan::unsealed(&select)).await.unwrap()
}

async fn get(bench: &Bench<'_>, key: Key) -> Option<Row> {
    let select = Select::one(bench.layout.clone(), key, Filter::True);
    query(bench, select).await.rows.into_iter().next()
}

/// The keys of the records that match, as they stand in a URL.
async fn ids(bench: &Bench<'_>, filter: Filter, sort: &[(usize, bool)]) -> Vec<String> {
    let sort = sort.iter();
    let select = Select {
        filter,
        sort: sort
            .map(|(field, descending)| SortKey {
                field: *field,
                descending: *descending,
            })
            .collect(),
        ..Select::all(bench.layout.clone())
    };
    let page = query(bench, select).await;
    let keys = page.rows.iter().map(|row| bench.layout.key.key_of(row));
    keys.map(|key| key.to_string()).collect()
}

async fn parts_together_are_the_key(mut bench: Bench<'_>) {
    open(&mut bench).await;
    let all = [
        ("UA", 1, "2013-01-01"),
        ("UA", 1, "2013-01-02"),
        ("UA", 2, "2013-01-01"),
        ("AA", 1, "2013-01-01"),
    ];
    fill(
        &bench,
        all.map(|(carrier, number, on)| with(flight(carrier, number, on), NOTE, on)),
    )
    .await;
    for (carrier, number, on) in all {
        let found = get(&bench, key(carrier, number, on)).await.unwrap();
        assert_eq!(*found, with(flight(carrier, number, on), NOTE, on));
    }
    for other in [
        key("UA", 3, "2013-01-01"),
        key("UA", 1, "2013-01-03"),
        key("ua", 1, "2013-01-01"),
        // Too few parts, too many, and parts of other kinds.
        Key::from("UA"),
        Key::of_parts(["UA".into(), 1.into()]),
        Key::of_parts(["UA".into(), 1.into(), day("2013-01-01"), "x".into()]),
        Key::of_parts([1.into(), "UA".into(), day("2013-01-01")]),
        Key::of_parts(["UA".into(), "1".into(), day("2013-01-01")]),
        Key::of_parts(["UA".into(), Value::Null, day("2013-01-01")]),
    ] {
        assert!(get(&bench, other.clone()).await.is_none(), "{other}");
    }
    let kept = Filter::test(NOTE, Op::Eq, "2013-01-02");
    let one = |key| Select::one(bench.layout.clone(), key, kept.clone());
    let hidden = query(&bench, one(key("UA", 1, "2013-01-01"))).await;
    assert!(hidden.rows.is_empty());
    let seen = query(&bench, one(key("UA", 1, "2013-01-02"))).await;
    assert_eq!(seen.rows.len(), 1);
}

async fn a_taken_key_names_its_parts(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(&bench, [flight("UA", 1, "2013-01-01")]).await;
    let error = bench
        .one(insert(flight("UA", 1, "2013-01-01")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    let fields: Vec<&str> = error.fields().iter().map(|fault| &*fault.field).collect();
    assert_eq!(fields, ["carrier", "number", "day"]);
    assert_eq!(
        get(&bench, key("UA", 1, "2013-01-01"))
            .await
            .unwrap()
            .version,
        V1
    );
}

async fn any_text_can_be_a_part(mut bench: Bench<'_>) {
    open(&mut bench).await;
    let texts = [
        "",
        ",",
        "~",
        "~1",
        "a,b",
        "é/ %2C?",
        "' OR 1=1 --",
        "\"",
        "UA",
    ];
    fill(
        &bench,
        texts.map(|text| with(flight(text, 1, "2013-01-01"), NOTE, text)),
    )
    .await;
    for text in texts {
        let found = get(&bench, key(text, 1, "2013-01-01")).await;
        assert_eq!(found.unwrap().get(NOTE), &Value::from(text));
    }
    let sorted = ids(&bench, Filter::True, &[]).await;
    assert_eq!(sorted.first().map(String::as_str), Some(",1,2013-01-01"));
    assert!(sorted.contains(&"~1,1,2013-01-01".to_owned()), "{sorted:?}");
}

async fn writes_go_by_the_whole_key(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [
            flight("UA", 1, "2013-01-01"),
            flight("UA", 1, "2013-01-02"),
            flight("UA", 2, "2013-01-01"),
        ],
    )
    .await;
    let update = |key, when| Write::Update {
        key,
        changes: vec![(NOTE, "new".into())],
        when,
    };
    let first = key("UA", 1, "2013-01-01");
    let changed = updated(
        bench
            .one(update(first.clone(), Condition::default()))
            .await
            .unwrap(),
    );
    assert_eq!(changed.get(NOTE), &Value::from("new"));
    assert_ne!(changed.version, V1);
    let late = bench
        .one(update(first.clone(), Condition::version(V1)))
        .await
        .unwrap();
    assert!(matches!(late, Outcome::Missed), "{late:?}");
    let put = |record: Record, create| Write::Put {
        record: Arc::new(record),
        kept: Kept(Arc::new([TAG])),
        when: Condition::default(),
        create,
    };
    let tagged = with(flight("UA", 3, "2013-01-01"), TAG, "x");
    let absent = bench.one(put(tagged.clone(), false)).await.unwrap();
    assert!(matches!(absent, Outcome::Missed), "{absent:?}");
    let made = bench.one(put(tagged, true)).await.unwrap();
    assert!(matches!(made, Outcome::Created(_)), "{made:?}");
    for create in [true, false] {
        let other = with(
            with(flight("UA", 3, "2013-01-01"), TAG, "y"),
            NOTE,
            "replaced",
        );
        let replaced = updated(bench.one(put(other, create)).await.unwrap());
        assert_eq!(replaced.get(NOTE), &Value::from("replaced"));
        assert_eq!(replaced.get(TAG), &Value::from("x"), "it is kept");
    }
    let delete = |key| Write::Delete {
        key,
        when: Condition::default(),
    };
    let gone = bench.one(delete(first.clone())).await.unwrap();
    assert!(matches!(gone, Outcome::Deleted(_)), "{gone:?}");
    let again = bench.one(delete(first)).await.unwrap();
    assert!(matches!(again, Outcome::Missed), "{again:?}");
    assert_eq!(
        ids(&bench, Filter::True, &[]).await,
        ["UA,1,2013-01-02", "UA,2,2013-01-01", "UA,3,2013-01-01"]
    );
    let notes = Filter::test(NOTE, Op::Eq, "new");
    assert!(
        ids(&bench, notes, &[]).await.is_empty(),
        "nobody else was changed"
    );
}

async fn records_sort_by_their_parts(mut bench: Bench<'_>) {
    open(&mut bench).await;
    let all = [
        ("AA", 10, "2013-01-01"),
        ("A", 9, "2013-01-02"),
        ("A", 10, "2012-12-31"),
        ("A,", 1, "2013-01-01"),
        ("A", 9, "2013-01-01"),
        ("A", 18_446_744_073_709_551_615, "2013-01-01"),
    ];
    fill(
        &bench,
        all.map(|(carrier, number, on)| flight(carrier, number, on)),
    )
    .await;
    // Numbers as numbers, and not by the text of the whole, in which a comma comes before a digit.
    let sorted = [
        "A,9,2013-01-01",
        "A,9,2013-01-02",
        "A,10,2012-12-31",
        "A,18446744073709551615,2013-01-01",
        "A~1,1,2013-01-01",
        "AA,10,2013-01-01",
    ];
    assert_eq!(ids(&bench, Filter::True, &[]).await, sorted);
    let page = query(
        &bench,
        Select {
            skip: 2,
            limit: Some(2),
            total: true,
            ..Select::all(bench.layout.clone())
        },
    )
    .await;
    assert_eq!(page.total, Some(6));
    let days: Vec<&Value> = page.rows.iter().map(|row| row.get(DAY)).collect();
    assert_eq!(days, [&day("2012-12-31"), &day("2013-01-01")]);
}

async fn parts_filter_and_sort(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [
            flight("UA", 2, "2013-01-01"),
            flight("UA", 1, "2013-01-02"),
            flight("AA", 2, "2013-01-02"),
            flight("UA", 1, "2013-01-01"),
            flight("DL", 1, "2013-01-01"),
        ],
    )
    .await;
    let of = |filters: Vec<Filter>| Filter::and(filters);
    let carrier = || Filter::test(CARRIER, Op::Eq, "UA");
    let number = || Filter::test(NUMBER, Op::Eq, 1_u64);
    let from = |text| Filter::test(DAY, Op::Ge, day(text));
    let ua = ["UA,1,2013-01-01", "UA,1,2013-01-02", "UA,2,2013-01-01"];
    assert_eq!(ids(&bench, carrier(), &[]).await, ua);
    assert_eq!(
        ids(&bench, of(vec![carrier(), number()]), &[]).await,
        ua[..2]
    );
    assert_eq!(
        ids(
            &bench,
            of(vec![carrier(), number(), from("2013-01-02")]),
            &[]
        )
        .await,
        ua[1..2]
    );
    assert_eq!(
        ids(&bench, number(), &[]).await,
        ["DL,1,2013-01-01", "UA,1,2013-01-01", "UA,1,2013-01-02"]
    );
    assert_eq!(
        ids(&bench, from("2013-01-02"), &[]).await,
        ["AA,2,2013-01-02", "UA,1,2013-01-02"]
    );
    assert_eq!(
        ids(&bench, carrier(), &[(DAY, true)]).await,
        ["UA,1,2013-01-02", "UA,1,2013-01-01", "UA,2,2013-01-01"],
        "days from the last one, then by key"
    );
    assert_eq!(
        ids(&bench, Filter::True, &[(CARRIER, true)]).await,
        [ua[0], ua[1], ua[2], "DL,1,2013-01-01", "AA,2,2013-01-02"]
    );
    assert_eq!(
        ids(
            &bench,
            Filter::True,
            &[(NUMBER, false), (DAY, true), (CARRIER, true)]
        )
        .await,
        [
            "UA,1,2013-01-02",
            "UA,1,2013-01-01",
            "DL,1,2013-01-01",
            "AA,2,2013-01-02",
            "UA,2,2013-01-01"
        ]
    );
    assert_eq!(
        ids(
            &bench,
            Filter::True,
            &[(CARRIER, true), (NUMBER, true), (DAY, true)]
        )
        .await,
        [
            "UA,2,2013-01-01",
            "UA,1,2013-01-02",
            "UA,1,2013-01-01",
            "DL,1,2013-01-01",
            "AA,2,2013-01-02"
        ]
    );
    let one_of = Filter::one_of(CARRIER, vec!["UA".into(), "AA".into()]);
    assert_eq!(
        ids(&bench, one_of, &[]).await,
        ["AA,2,2013-01-02", ua[0], ua[1], ua[2]]
    );
}

async fn a_part_set_to_itself(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(&bench, [flight("UA", 1, "2013-01-01")]).await;
    let set = |field, value: Value| Write::Update {
        key: key("UA", 1, "2013-01-01"),
        changes: vec![(field, value.into()), (NOTE, "new".into())],
        when: Condition::default(),
    };
    let same = updated(bench.one(set(NUMBER, 1_u64.into())).await.unwrap());
    assert_eq!(same.get(NOTE), &Value::from("new"));
    assert_eq!(ids(&bench, Filter::True, &[]).await, ["UA,1,2013-01-01"]);
}

async fn an_index_beside_the_key(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [
            with(flight("UA", 2, "2013-01-01"), TAG, "late"),
            with(flight("UA", 1, "2013-01-01"), TAG, "late"),
            with(flight("AA", 7, "2013-01-01"), TAG, "late"),
            with(flight("AA", 1, "2013-01-01"), TAG, "early"),
            flight("DL", 1, "2013-01-01"),
        ],
    )
    .await;
    let late = || Filter::test(TAG, Op::Eq, "late");
    assert_eq!(
        ids(&bench, late(), &[]).await,
        ["AA,7,2013-01-01", "UA,1,2013-01-01", "UA,2,2013-01-01"]
    );
    assert_eq!(
        ids(&bench, Filter::True, &[(TAG, true)]).await,
        [
            "AA,7,2013-01-01",
            "UA,1,2013-01-01",
            "UA,2,2013-01-01",
            "AA,1,2013-01-01",
            "DL,1,2013-01-01"
        ]
    );
    let both = Filter::and([late(), Filter::test(CARRIER, Op::Eq, "UA")]);
    assert_eq!(
        ids(&bench, both, &[(NUMBER, true)]).await,
        ["UA,2,2013-01-01", "UA,1,2013-01-01"]
    );
}

async fn the_same_key_is_no_change(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(&bench, [flight("UA", 1, "2013-01-01")]).await;
    bench.prepare(&bench.layout).await.unwrap();
    let plan = bench.store.plan(std::slice::from_ref(&bench.layout)).await;
    assert_eq!(plan.unwrap(), []);
    let mut grown = flights();
    grown.fields.push(Column {
        name: "gate".into(),
        kind: Kind::Text,
        nullable: true,
        default: None,
    });
    bench.layout = Arc::new(grown);
    bench.prepare(&bench.layout).await.unwrap();
    assert_eq!(ids(&bench, Filter::True, &[]).await, ["UA,1,2013-01-01"]);
    assert!(get(&bench, key("UA", 1, "2013-01-01")).await.is_some());
}

async fn another_key_is_refused(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [flight("UA", 1, "2013-01-01"), flight("UA", 1, "2013-01-02")],
    )
    .await;
    for parts in [vec![CARRIER, NUMBER], vec![CARRIER]] {
        let other = Arc::new(Layout {
            key: KeyFields::of(parts),
            ..flights()
        });
        let plan = bench
            .store
            .plan(std::slice::from_ref(&other))
            .await
            .unwrap();
        assert!(
            plan.iter().any(|change| change.effect == Effect::Manual),
            "{plan:?}"
        );
        let error = bench.prepare(&other).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    }
    assert_eq!(
        ids(&bench, Filter::True, &[]).await.len(),
        2,
        "nothing was lost"
    );
}

async fn many_in_one_batch(mut bench: Bench<'_>) {
    open(&mut bench).await;
    let numbers = 0..200_u64;
    fill(
        &bench,
        numbers
            .clone()
            .map(|number| flight("UA", number, "2013-01-01")),
    )
    .await;
    let wanted: Vec<String> = numbers
        .map(|number| format!("UA,{number},2013-01-01"))
        .collect();
    assert_eq!(ids(&bench, Filter::True, &[]).await, wanted);
    let twice = vec![
        insert(flight("AA", 1, "2013-01-01")),
        insert(flight("UA", 7, "2013-01-01")),
    ];
    let error = bench.write(twice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Duplicate);
    assert!(
        get(&bench, key("AA", 1, "2013-01-01")).await.is_none(),
        "all or none"
    );
}

/// A table that only says what goes with what.
async fn nothing_but_a_key(mut bench: Bench<'_>) {
    let mut pairs = flights();
    pairs.collection = "pairs".into();
    pairs.fields.truncate(2);
    pairs.indexes.clear();
    pairs.key = KeyFields::of([NUMBER, CARRIER]);
    bench.layout = Arc::new(pairs);
    bench.prepare(&bench.layout).await.unwrap();
    let pair = Arc::new(Record::new(vec![1_u64.into(), "UA".into()], V1));
    let put = || Write::Put {
        record: pair.clone(),
        kept: Kept::default(),
        when: Condition::default(),
        create: true,
    };
    let made = bench.one(put()).await.unwrap();
    assert!(matches!(made, Outcome::Created(_)), "{made:?}");
    assert_ne!(updated(bench.one(put()).await.unwrap()).version, V1);
    assert_eq!(ids(&bench, Filter::True, &[]).await, ["1,UA"]);
}

async fn in_a_transaction(mut bench: Bench<'_>) {
    open(&mut bench).await;
    fill(
        &bench,
        [flight("UA", 1, "2013-01-01"), flight("UA", 2, "2013-01-01")],
    )
    .await;
    let mut tx = bench.begin().await.unwrap();
    tx.one(insert(flight("UA", 3, "2013-01-01"))).await.unwrap();
    tx.one(Write::Delete {
        key: key("UA", 2, "2013-01-01"),
        when: Condition::default(),
    })
    .await
    .unwrap();
    let taken = tx
        .one(insert(flight("UA", 3, "2013-01-01")))
        .await
        .unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Duplicate);
    let seen = tx.query(&Select::all(bench.layout.clone())).await.unwrap();
    let numbers: Vec<&Value> = seen.rows.iter().map(|row| row.get(NUMBER)).collect();
    assert_eq!(numbers, [&Value::from(1_u64), &Value::from(3_u64)]);
    let select = Select::one(
        bench.layout.clone(),
        key("UA", 2, "2013-01-01"),
        Filter::True,
    );
    assert!(tx.query(&select).await.unwrap().rows.is_empty());
    let outside = ids(&bench, Filter::True, &[]).await;
    assert_eq!(outside, ["UA,1,2013-01-01", "UA,2,2013-01-01"]);
    tx.commit().await.unwrap();
    assert_eq!(
        ids(&bench, Filter::True, &[]).await,
        ["UA,1,2013-01-01", "UA,3,2013-01-01"]
    );
}
