use super::*;
use crate::layout::{Column, Index as Declared};
use crate::model::Kind;
use crate::record::Version;

fn table() -> Table {
    let column = |name: &str, kind| Column {
        name: name.into(),
        kind,
        nullable: true,
        default: None,
    };
    Table::new(Arc::new(Layout {
        model: "Thing".into(),
        collection: "things".into(),
        fields: vec![
            column("id", Kind::Int),
            column("mail", Kind::Text),
            column("age", Kind::Int),
        ],
        key: 0.into(),
        indexes: vec![
            Declared {
                fields: vec![1],
                unique: true,
            },
            Declared {
                fields: vec![2],
                unique: false,
            },
        ],
        storage: crate::Storage::default(),
    }))
}

fn row(id: i64, mail: Option<&str>, age: i64) -> Row {
    Arc::new(Record::new(
        vec![id.into(), mail.into(), age.into()],
        Version(256),
    ))
}

fn put(table: &mut Table, row: &Row) -> Result<Option<Row>> {
    table.set(row.get(0), Some(row.clone()))
}

fn listed(table: &Table, index: usize) -> Vec<i64> {
    let order = &table.indexes[index].order;
    order
        .iter(order.all())
        .map(|slot| {
            table
                .record(slot)
                .and_then(|row| row.get(0).as_i64())
                .unwrap()
        })
        .collect()
}

#[test]
fn indexes_follow_every_change() {
    let mut table = table();
    for (id, age) in [(3, 30), (1, 10), (2, 30), (4, 20)] {
        put(&mut table, &row(id, None, age)).unwrap();
    }
    assert_eq!(listed(&table, 0), [1, 2, 3, 4]);
    assert_eq!(
        listed(&table, 2),
        [1, 4, 2, 3],
        "one value's records stand in the order of their keys"
    );
    put(&mut table, &row(3, None, 5)).unwrap();
    assert_eq!(listed(&table, 2), [3, 1, 4, 2]);
    table.set(&1.into(), None).unwrap();
    assert_eq!(listed(&table, 2), [3, 4, 2]);
    put(&mut table, &row(9, None, 1)).unwrap();
    assert_eq!(table.slots.len(), 4, "a free slot is used again");
    assert_eq!(listed(&table, 0), [2, 3, 4, 9]);
}

#[test]
fn a_refused_change_leaves_everything() {
    let mut table = table();
    put(&mut table, &row(1, Some("a"), 1)).unwrap();
    put(&mut table, &row(2, Some("b"), 2)).unwrap();
    let error = put(&mut table, &row(2, Some("a"), 3)).unwrap_err();
    assert_eq!(error.fields()[0].field, "mail");
    put(&mut table, &row(3, Some("b"), 3)).unwrap_err();
    assert_eq!(listed(&table, 0), [1, 2]);
    assert_eq!(listed(&table, 2), [1, 2]);
    put(&mut table, &row(2, Some("b"), 3)).unwrap();
    put(&mut table, &row(3, None, 3)).unwrap();
    put(&mut table, &row(4, None, 3)).unwrap();
    assert_eq!(table.len(), 4, "nulls never collide");
}

#[test]
fn numbers_are_one_key_whatever_their_type() {
    let mut table = table();
    put(&mut table, &row(7, None, 1)).unwrap();
    assert!(table.get(&Value::F64(7.0)).is_some());
    assert!(table.get(&Value::from("7")).is_none());
}

#[test]
fn the_past_is_kept_while_it_is_needed() {
    let mut table = table();
    let (old, new) = (row(1, None, 1), row(1, None, 2));
    put(&mut table, &old).unwrap();
    put(&mut table, &new).unwrap();
    table.committed(
        5,
        vec![Change {
            old: Some(old.clone()),
            new: Some(new.clone()),
        }],
        true,
    );
    table.committed(
        6,
        vec![Change {
            old: Some(new),
            new: None,
        }],
        true,
    );
    assert_eq!(table.as_of(4).get(&1.into()), Some(&Some(old)));
    assert_eq!(table.as_of(6).len(), 0);
    table.forget(Some(5));
    assert_eq!(table.since(0).count(), 1);
    table.committed(7, Vec::new(), false);
    assert_eq!(table.since(0).count(), 0);
}
