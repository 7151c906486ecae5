use std::sync::Arc;

use larder_query::{Bound, Filter, Inside, Op, Test, Value};

use super::{Cost, Indexes};
use crate::layout::{Column, Index, Layout, Storage};
use crate::model::Kind;
use crate::store::{Join, Select, SortKey};

const ID: usize = 0;
const STATUS: usize = 1;
const TITLE: usize = 2;
const AUTHOR: usize = 3;
const TAGS: usize = 4;
const PLACE: usize = 5;
const RANK: usize = 6;
/// Fields of the linked model stand behind these.
const USER: usize = 7;
const NAME: usize = 8;
const MAIL: usize = 9;

fn layout(model: &str, fields: &[(&str, Kind)], indexes: &[&[usize]]) -> Arc<Layout> {
    Arc::new(Layout {
        model: model.to_owned(),
        collection: model.to_owned(),
        fields: fields
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).into(),
                kind: *kind,
                nullable: true,
                default: None,
            })
            .collect(),
        key: 0.into(),
        indexes: indexes
            .iter()
            .map(|fields| Index {
                fields: fields.to_vec(),
                unique: false,
            })
            .collect(),
        storage: Storage::default(),
    })
}

/// Posts with indexes on status, author, and place and rank together; users with one on the name.
fn select(filter: Filter) -> Select {
    let posts = layout(
        "Post",
        &[
            ("id", Kind::Text),
            ("status", Kind::Text),
            ("title", Kind::Text),
            ("author", Kind::Text),
            ("tags", Kind::Json),
            ("place", Kind::Text),
            ("rank", Kind::Int),
        ],
        &[&[STATUS], &[AUTHOR], &[TAGS], &[PLACE, RANK]],
    );
    let users = layout(
        "User",
        &[
            ("id", Kind::Text),
            ("name", Kind::Text),
            ("mail", Kind::Text),
        ],
        &[&[1]],
    );
    Select {
        joins: vec![Join {
            link: AUTHOR,
            layout: users,
            readable: Filter::True,
        }],
        filter,
        ..Select::all(posts)
    }
}

fn cost(filter: Filter, sort: &[(usize, bool)]) -> Cost {
    let sort = sort.iter().map(|(field, descending)| SortKey {
        field: *field,
        descending: *descending,
    });
    Cost::of(&Select {
        sort: sort.collect(),
        ..select(filter)
    })
}

fn is(field: usize) -> Filter {
    Filter::test(field, Op::Eq, "a")
}

#[test]
fn what_finds_the_records() {
    let inside = Filter::Inside(Box::new(Inside {
        field: TAGS,
        path: Box::default(),
        each: true,
        filter: is(0),
    }));
    for (filter, expected) in [
        (is(ID), Cost::Key),
        (Filter::one_of(ID, vec!["a".into(), "b".into()]), Cost::Key),
        (Filter::and([is(TITLE), is(ID)]), Cost::Key),
        (Filter::True, Cost::Covered),
        (is(STATUS), Cost::Covered),
        (Filter::test(STATUS, Op::StartsWith, "a"), Cost::Range),
        (Filter::test(STATUS, Op::Gt, "a"), Cost::Range),
        (Filter::test(STATUS, Op::Eq, Value::Null), Cost::Covered),
        (
            Filter::one_of(STATUS, vec!["a".into(), "b".into()]),
            Cost::Range,
        ),
        (is(TITLE), Cost::Scan),
        (Filter::and([is(TITLE), is(STATUS)]), Cost::Covered),
        (Filter::or([is(AUTHOR), is(STATUS)]), Cost::Range),
        (Filter::or([is(TITLE), is(STATUS)]), Cost::Scan),
        (Filter::or([is(NAME), is(USER)]), Cost::Range),
        // An index of the users finds one half, one of the posts the other: together they find nothing.
        (Filter::or([is(NAME), is(STATUS)]), Cost::Scan),
        (
            Filter::and([Filter::or([is(NAME), is(STATUS)]), is(AUTHOR)]),
            Cost::Covered,
        ),
        (Filter::test(STATUS, Op::Ne, "a"), Cost::Scan),
        (Filter::test(STATUS, Op::Contains, "a"), Cost::Scan),
        (Filter::not(Filter::test(STATUS, Op::Gt, "a")), Cost::Scan),
        // The second field of an index leads nowhere without the first.
        (is(RANK), Cost::Scan),
        (is(PLACE), Cost::Range),
        (is(TAGS), Cost::Scan),
        (inside, Cost::Scan),
        (is(NAME), Cost::Range),
        (is(USER), Cost::Range),
        (is(MAIL), Cost::Scan),
        (Filter::test(NAME, Op::Eq, Value::Null), Cost::Scan),
        (is(99), Cost::Scan),
    ] {
        assert_eq!(cost(filter.clone(), &[]), expected, "{filter}");
    }
}

#[test]
fn what_an_index_has_in_order() {
    let after = |field| Filter::test(field, Op::Gt, "a");
    for (filter, sort, expected) in [
        (Filter::True, vec![(STATUS, false)], Cost::Covered),
        (Filter::True, vec![(STATUS, true)], Cost::Covered),
        (Filter::True, vec![(ID, true)], Cost::Covered),
        (
            Filter::True,
            vec![(STATUS, false), (ID, false)],
            Cost::Covered,
        ),
        (
            Filter::True,
            vec![(STATUS, false), (STATUS, true)],
            Cost::Covered,
        ),
        (
            Filter::True,
            vec![(PLACE, true), (RANK, true)],
            Cost::Covered,
        ),
        (
            Filter::True,
            vec![(PLACE, true), (RANK, false)],
            Cost::Range,
        ),
        (Filter::True, vec![(PLACE, false)], Cost::Range),
        (
            Filter::True,
            vec![(STATUS, false), (RANK, false)],
            Cost::Range,
        ),
        (Filter::True, vec![(TITLE, false)], Cost::Scan),
        (Filter::True, vec![(NAME, false)], Cost::Range),
        (is(STATUS), vec![(STATUS, true)], Cost::Covered),
        (is(STATUS), vec![(ID, false)], Cost::Covered),
        (is(STATUS), vec![(TITLE, false)], Cost::Range),
        (after(STATUS), vec![(STATUS, true)], Cost::Covered),
        (after(STATUS), vec![], Cost::Range),
        (is(PLACE), vec![(RANK, true)], Cost::Covered),
        (is(PLACE), vec![(PLACE, true), (RANK, false)], Cost::Covered),
        (is(TITLE), vec![(STATUS, false)], Cost::Scan),
    ] {
        assert_eq!(cost(filter.clone(), &sort), expected, "{filter} {sort:?}");
    }
}

#[test]
fn what_is_refused() {
    let titles = |field| field == TITLE;
    let nobody = |_| false;
    let ne = |field| Filter::test(field, Op::Ne, "a");
    let refused = |filter: &Filter, leave: &dyn Fn(usize) -> bool| {
        let select = select(filter.clone());
        let found = Indexes::of(&select).unserved(filter, leave);
        found.map(|test| (test.field, test.op))
    };
    let has = |field| Filter::test(field, Op::Contains, "a");
    assert_eq!(refused(&Filter::True, &nobody), None);
    assert_eq!(refused(&is(STATUS), &nobody), None);
    assert_eq!(refused(&has(TITLE), &nobody), Some((TITLE, Op::Contains)));
    assert_eq!(refused(&has(TITLE), &titles), None);
    // One that is served, or allowed, carries those beside it; not those that it stands against.
    assert_eq!(
        refused(&Filter::and([ne(STATUS), is(AUTHOR)]), &nobody),
        None
    );
    assert_eq!(
        refused(&Filter::and([ne(STATUS), has(TITLE)]), &titles),
        None
    );
    assert_eq!(
        refused(&Filter::and([ne(STATUS), has(TITLE)]), &nobody),
        Some((STATUS, Op::Ne))
    );
    assert_eq!(
        refused(&Filter::or([is(STATUS), ne(AUTHOR), has(TITLE)]), &titles),
        Some((AUTHOR, Op::Ne))
    );
    assert_eq!(
        refused(&Filter::or([is(STATUS), is(AUTHOR)]), &nobody),
        None
    );
    assert_eq!(
        refused(&Filter::or([is(STATUS), is(NAME)]), &nobody),
        Some((NAME, Op::Eq))
    );
    assert_eq!(
        refused(&Filter::or([is(STATUS), is(NAME)]), &|field| field == NAME),
        None
    );
    let not = Filter::not(Filter::and([has(TITLE), is(STATUS)]));
    assert_eq!(refused(&not, &titles), Some((STATUS, Op::Eq)));
}

#[test]
fn what_is_looked_at_in_vain() {
    let decided = |filter: Filter| Indexes::of(&select(filter.clone())).decide(&filter);
    let after = Filter::test(STATUS, Op::Gt, "a");
    let before = Filter::test(STATUS, Op::Lt, "b");
    let even = Filter::Test(Test {
        field: RANK,
        op: Op::Mod,
        operand: Bound::Many(vec![2.into(), 0.into()]),
    });
    for filter in [
        Filter::True,
        Filter::False,
        is(STATUS),
        Filter::and([after.clone(), before]),
    ] {
        assert!(decided(filter.clone()), "{filter}");
    }
    for filter in [is(TITLE), even, Filter::and([after, is(AUTHOR)])] {
        assert!(!decided(filter.clone()), "{filter}");
    }
}

/// Of a chain of forty the work must not double with each link: this test would not end.
#[test]
fn many_an_or_inside_another() {
    let deep = (0..40).fold(is(TITLE), |inner, _| {
        Filter::or([Filter::and([inner, is(MAIL)]), is(TITLE)])
    });
    assert_eq!(cost(deep.clone(), &[]), Cost::Scan);
    let asked = select(deep.clone());
    let indexes = Indexes::of(&asked);
    let found =
        |leave: &dyn Fn(usize) -> bool| indexes.unserved(&deep, leave).map(|test| test.field);
    assert_eq!(found(&|_| false), Some(TITLE));
    assert_eq!(found(&|field| field == TITLE), None);
    let served = (0..40).fold(is(NAME), |inner, _| {
        Filter::or([Filter::and([inner, is(TITLE)]), is(USER)])
    });
    assert_eq!(cost(served, &[]), Cost::Range);
}
