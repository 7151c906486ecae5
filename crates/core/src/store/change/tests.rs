use larder_query::Value;

use super::FieldChange::{self, Add, Pull, Push, RemoveItem, Set, SetItem};
use crate::error::ErrorKind;
use crate::layout::{Column, Layout, Storage};
use crate::model::Kind;
use crate::record::{Record, Version};

fn column(kind: Kind) -> Column {
    Column {
        name: "x".into(),
        kind,
        nullable: true,
        default: None,
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn done(kind: Kind, old: impl Into<Value>, change: &FieldChange) -> Value {
    change.apply(&old.into(), &column(kind)).unwrap()
}

/// The code of the fault.
fn refused(kind: Kind, old: impl Into<Value>, change: &FieldChange) -> &'static str {
    let error = change.apply(&old.into(), &column(kind)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(error.fields()[0].pointer, "/x");
    error.fields()[0].code
}

#[test]
fn whole_numbers() {
    let add = |amount: i64| Add(amount.into());
    assert_eq!(done(Kind::Int, 40, &add(2)), Value::I64(42));
    assert_eq!(done(Kind::Int, Value::Null, &add(-2)), Value::I64(-2));
    assert_eq!(done(Kind::Int, i64::MAX - 1, &add(1)), Value::I64(i64::MAX));
    assert_eq!(
        done(Kind::Int, i64::MIN, &Add(u64::MAX.into())),
        Value::I64(i64::MAX)
    );
    assert_eq!(refused(Kind::Int, i64::MAX, &add(1)), "overflow");
    assert_eq!(refused(Kind::Int, i64::MIN, &add(-1)), "overflow");
    assert_eq!(done(Kind::Uint, i64::MAX, &add(1)), Value::U64(1 << 63));
    assert_eq!(
        done(Kind::Uint, 1_u64 << 63, &add(-1)),
        Value::I64(i64::MAX)
    );
    assert_eq!(refused(Kind::Uint, u64::MAX, &add(1)), "overflow");
    assert_eq!(refused(Kind::Uint, 1, &add(-2)), "overflow");
    assert_eq!(refused(Kind::Uint, Value::Null, &add(-1)), "overflow");
    assert_eq!(refused(Kind::Int, 1, &Add(1.0.into())), "type");
}

#[test]
fn floats_and_decimals() {
    assert_eq!(
        done(Kind::Float, 0.1, &Add(0.2.into())),
        Value::F64(0.1 + 0.2)
    );
    assert_eq!(
        done(Kind::Float, Value::Null, &Add(1.into())),
        Value::F64(1.0)
    );
    assert_eq!(
        refused(Kind::Float, f64::MAX, &Add(f64::MAX.into())),
        "overflow"
    );
    assert_eq!(
        done(Kind::Decimal, decimal("0.1"), &Add(decimal("0.2"))),
        decimal("0.3")
    );
    assert_eq!(
        done(Kind::Decimal, Value::Null, &Add(decimal("0.2"))),
        decimal("0.2")
    );
    assert_eq!(
        refused(Kind::Decimal, decimal("1e37"), &Add(decimal("0.01"))),
        "overflow"
    );
    assert_eq!(refused(Kind::Decimal, decimal("1"), &Add(1.into())), "type");
    assert_eq!(refused(Kind::Text, "1", &Add(1.into())), "type");
    assert_eq!(refused(Kind::Json, 1, &Add(1.into())), "type");
}

#[test]
fn lists() {
    let push = Push(vec![json("1"), json("{\"a\":1}")]);
    assert_eq!(done(Kind::Json, Value::Null, &push), json("[1,{\"a\":1}]"));
    assert_eq!(
        done(Kind::Json, json("[[1],1]"), &push),
        json("[[1],1,1,{\"a\":1}]")
    );
    assert_eq!(done(Kind::Json, json("[]"), &Push(Vec::new())), json("[]"));
    let pull = Pull(vec![json("1.0"), json("{\"b\":2,\"a\":[1]}"), json("null")]);
    assert_eq!(
        done(
            Kind::Json,
            json("[1,\"1\",{\"a\":[1],\"b\":2},null,1,[1],{\"a\":[1]}]"),
            &pull
        ),
        json("[\"1\",[1],{\"a\":[1]}]")
    );
    assert_eq!(done(Kind::Json, Value::Null, &pull), Value::Null);
    assert_eq!(done(Kind::Json, json("[1]"), &pull), json("[]"));
    let second = SetItem(1, json("{}"));
    assert_eq!(done(Kind::Json, json("[1,2,3]"), &second), json("[1,{},3]"));
    assert_eq!(
        done(Kind::Json, json("[1,2,3]"), &RemoveItem(1)),
        json("[1,3]")
    );
    for change in [&second, &RemoveItem(1)] {
        assert_eq!(
            refused(Kind::Json, json("[1]"), change),
            "range",
            "no holes"
        );
        assert_eq!(refused(Kind::Json, Value::Null, change), "range");
    }
    for change in [push, pull, second, RemoveItem(0)] {
        assert_eq!(refused(Kind::Json, json("{}"), &change), "type");
        assert_eq!(refused(Kind::Json, "text", &change), "type");
        assert_eq!(refused(Kind::Text, Value::Null, &change), "type");
    }
}

#[test]
fn several_changes_of_a_record() {
    let layout = Layout {
        model: "Thing".into(),
        collection: "things".into(),
        fields: vec![column(Kind::Text), column(Kind::Int), column(Kind::Json)],
        key: 0.into(),
        indexes: Vec::new(),
        storage: Storage::default(),
    };
    let old = Record::new(vec!["a".into(), 1.into(), json("[1]")], Version(7));
    let changes = vec![
        (1, Set(5.into())),
        (1, Add(2.into())),
        (2, Push(vec![2.into()])),
        (2, Pull(vec![1.into()])),
    ];
    let resolved = layout.resolve(&old, &changes).unwrap();
    assert_eq!(resolved, [(1, Set(7.into())), (2, Set(json("[2]")))]);
    let new = layout.changed(&old, changes).unwrap();
    assert_eq!(
        new,
        Record::new(vec!["a".into(), 7.into(), json("[2]")], Version(8))
    );
    assert_eq!(layout.changed(&old, resolved).unwrap(), new);
    assert!(
        layout.changed(&old, vec![(0, "b".into())]).is_err(),
        "the key stays"
    );
    assert!(layout.changed(&old, vec![(9, 1.into())]).is_err());
}

/// Nobody looks at the whole record where elements are added, so the list itself has an end.
#[test]
fn lists_do_not_grow_for_ever() {
    let weight = |items: &[Value]| Value::from_iter(items.iter().cloned()).weight();
    let text = Value::from("x".repeat(1_000_000));
    let list: Vec<Value> = vec![text.clone(); 16];
    assert!(weight(&list) <= FieldChange::LIST_BYTES);
    let push = Push(vec![text]);
    assert_eq!(
        done(Kind::Json, Value::from_iter(list[1..].to_vec()), &push),
        Value::from_iter(list.clone())
    );
    let refused = |old: &[Value], change: &FieldChange| {
        let old = Value::from_iter(old.to_vec());
        let error = change.apply(&old, &column(Kind::Json)).unwrap_err();
        assert!(error.message().contains("`x`"), "{error}");
        error.kind()
    };
    assert_eq!(refused(&list, &push), ErrorKind::TooLarge);
    let longer = SetItem(3, Value::from("x".repeat(2_000_000)));
    assert_eq!(refused(&list, &longer), ErrorKind::TooLarge);
    let shorter = done(Kind::Json, Value::from_iter(list), &RemoveItem(0));
    assert!(weight(shorter.as_array().unwrap()) < FieldChange::LIST_BYTES);
}
