use std::sync::Arc;

use super::*;
use crate::layout::{Column, Index as Declared, Layout};
use crate::model::Kind;
use crate::record::{Record, Version};

const ID: usize = 0;
const CITY: usize = 1;
const AGE: usize = 2;
const NAME: usize = 3;

/// A thousand records: 10 cities, 50 ages, and names that no index knows.
fn table() -> Table {
    let column = |name: &str, kind| Column {
        name: name.into(),
        kind,
        nullable: true,
        default: None,
    };
    let index = |fields: &[usize]| Declared {
        fields: fields.to_vec(),
        unique: false,
    };
    let mut table = Table::new(Arc::new(Layout {
        model: "Person".into(),
        collection: "people".into(),
        fields: vec![
            column("id", Kind::Int),
            column("city", Kind::Text),
            column("age", Kind::Int),
            column("name", Kind::Text),
        ],
        key: ID,
        indexes: vec![index(&[CITY]), index(&[AGE]), index(&[CITY, AGE])],
        storage: crate::Storage::default(),
    }));
    for n in 0..1000_i64 {
        let values = vec![
            n.into(),
            format!("c{}", n % 10).into(),
            (n % 50).into(),
            format!("n{n}").into(),
        ];
        table
            .set(&n.into(), Some(Arc::new(Record::new(values, Version(256)))))
            .unwrap();
    }
    table
}

fn by(field: usize, descending: bool) -> SortKey {
    SortKey { field, descending }
}

fn eq(field: usize, value: impl Into<Value>) -> Filter {
    Filter::test(field, Op::Eq, value)
}

/// The index, the walk, how many tests are left and how many entries there are, for the first 20 with a total.
fn chosen(filter: &Filter, sort: &[SortKey]) -> (usize, Option<Walk>, usize, usize) {
    let needs = Needs {
        sort,
        first: Some(20),
        total: true,
    };
    let mut parts = Vec::new();
    assert!(split(filter, &mut parts));
    let path = Path::choose(&table(), &parts, needs).unwrap();
    (path.index, path.walk, path.rest.len(), path.count)
}

#[test]
fn an_equal_value_is_counted_and_comes_in_key_order() {
    assert_eq!(
        chosen(&eq(CITY, "c3"), &[]),
        (1, Some(Walk::Forward), 0, 100)
    );
    assert_eq!(
        chosen(&eq(CITY, Value::Null), &[]),
        (1, Some(Walk::Forward), 0, 0)
    );
    assert_eq!(
        chosen(&eq(CITY, "c3"), &[by(ID, true)]),
        (1, Some(Walk::Backward), 0, 100)
    );
    assert_eq!(
        chosen(&eq(CITY, "c3"), &[by(CITY, true)]),
        (1, Some(Walk::Forward), 0, 100),
        "what is fixed does not order"
    );
}

#[test]
fn a_sort_walks_its_index_both_ways() {
    assert_eq!(
        chosen(&Filter::True, &[]),
        (0, Some(Walk::Forward), 0, 1000)
    );
    assert_eq!(
        chosen(&Filter::True, &[by(AGE, false)]),
        (2, Some(Walk::Forward), 0, 1000)
    );
    assert_eq!(
        chosen(&Filter::True, &[by(AGE, true)]),
        (2, Some(Walk::Groups(1)), 0, 1000)
    );
    assert_eq!(
        chosen(&Filter::True, &[by(AGE, true), by(ID, true)]),
        (2, Some(Walk::Backward), 0, 1000)
    );
    assert_eq!(
        chosen(&eq(CITY, "c3"), &[by(AGE, true)]),
        (3, Some(Walk::Groups(2)), 0, 100)
    );
    assert_eq!(
        chosen(&Filter::True, &[by(NAME, false)]),
        (0, None, 0, 1000)
    );
}

#[test]
fn the_index_that_leaves_least_wins() {
    let both = Filter::and([eq(CITY, "c3"), eq(AGE, 13)]);
    assert_eq!(chosen(&both, &[]), (3, Some(Walk::Forward), 0, 20));
    let named = Filter::and([eq(NAME, "n13"), eq(AGE, 13)]);
    assert_eq!(chosen(&named, &[]), (2, Some(Walk::Forward), 1, 20));
    let key = Filter::and([eq(ID, 13), eq(NAME, "n13")]);
    assert_eq!(chosen(&key, &[]), (0, Some(Walk::Forward), 1, 1));
}

#[test]
fn ranges_lists_and_starts_use_the_order() {
    let range = Filter::and([Filter::test(AGE, Op::Ge, 10), Filter::test(AGE, Op::Lt, 12)]);
    assert_eq!(
        chosen(&range, &[by(AGE, false)]),
        (2, Some(Walk::Forward), 0, 40)
    );
    let inside = Filter::and([eq(CITY, "c1"), Filter::test(AGE, Op::Le, 11)]);
    assert_eq!(
        chosen(&inside, &[by(AGE, false)]),
        (3, Some(Walk::Forward), 0, 40)
    );
    let listed = Filter::one_of(AGE, vec![7.into(), 3.into(), 7.into()]);
    assert_eq!(
        chosen(&listed, &[by(AGE, true)]),
        (2, Some(Walk::Groups(1)), 0, 40)
    );
    assert_eq!(
        chosen(&Filter::test(CITY, Op::StartsWith, "c"), &[by(CITY, false)]),
        (1, Some(Walk::Forward), 0, 1000)
    );
    assert_eq!(
        chosen(
            &Filter::test(CITY, Op::StartsWith, "c9"),
            &[by(CITY, false)]
        ),
        (1, Some(Walk::Forward), 0, 100)
    );
    assert_eq!(
        chosen(&Filter::test(AGE, Op::Lt, Value::Null), &[]),
        (0, Some(Walk::Forward), 1, 1000)
    );
}

#[test]
fn what_can_never_hold_is_seen_at_once() {
    let mut parts = Vec::new();
    assert!(!split(&Filter::False, &mut parts));
    let both = Filter::And(vec![eq(AGE, 1), Filter::False]);
    assert!(!split(&both, &mut parts));
}
